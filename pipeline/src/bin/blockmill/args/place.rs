//! Where an existing database is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{CUSTOM_CHAIN_FILE, DataDir};

/// A data directory and the DuckDB file that was rebuilt from it.
#[derive(Debug, Clone, Args)]
pub(crate) struct DatabaseArgs {
    #[command(flatten)]
    pub(crate) data_dir: DataDir,

    /// The DuckDB file [default: the one .duckdb file in DIR]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Why the DuckDB file could not be found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// The folder cannot be listed.
    #[error("cannot list {}: {source}", path.display())]
    List { path: PathBuf, source: io::Error },
    /// The folder holds several DuckDB files.
    #[error("{} holds {files}: say which one with --out", path.display())]
    Several { path: PathBuf, files: String },
}

impl DatabaseArgs {
    /// The DuckDB file: the one named, or the only one in the data directory. It need not exist.
    pub(crate) fn database(&self) -> Result<PathBuf, PlaceError> {
        if let Some(out) = &self.out {
            return Ok(out.clone());
        }
        let folder = &self.data_dir.path;
        let mut found =
            databases_in(folder).map_err(|source| PlaceError::List { path: folder.clone(), source })?;
        match found.len() {
            0 => Ok(folder.join(CUSTOM_CHAIN_FILE)),
            1 => Ok(found.remove(0)),
            _ => Err(PlaceError::Several { path: folder.clone(), files: names(&found) }),
        }
    }
}

fn databases_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "duckdb") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn names(files: &[PathBuf]) -> String {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &Path, out: Option<&str>) -> DatabaseArgs {
        DatabaseArgs { data_dir: DataDir { path: folder.into() }, out: out.map(Into::into) }
    }

    #[test]
    fn the_only_database_of_a_folder_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert_eq!(place(path, None).database().unwrap(), path.join("blockmill.duckdb"));
        fs::write(path.join("mainnet.duckdb"), "").unwrap();
        fs::write(path.join("mainnet.duckdb.wal"), "").unwrap();
        assert_eq!(place(path, None).database().unwrap(), path.join("mainnet.duckdb"));
        assert_eq!(place(path, Some("other.duckdb")).database().unwrap(), Path::new("other.duckdb"));
    }

    #[test]
    fn among_several_databases_the_user_chooses() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.duckdb"), "").unwrap();
        fs::write(folder.path().join("a.duckdb"), "").unwrap();
        let error = place(folder.path(), None).database().unwrap_err();
        assert!(error.to_string().ends_with("holds a.duckdb, b.duckdb: say which one with --out"), "{error}");
    }
}
