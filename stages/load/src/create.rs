//! Makes a database, recognises one that was made before, and brings its macros and views up to date.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use blockmill_chain::durable;
use blockmill_schemas::comments::comments;
use blockmill_schemas::{Dataset, sql};
use duckdb::{AccessMode, Connection, OptionalExt};

use crate::error::LoadError;
use crate::open::{LoadOptions, connect};

/// Version of the table layout. It changes whenever a column does.
pub(crate) const FORMAT: u32 = 1;

/// Makes an empty database aside and gives it its name when it is whole: a name exists only with all of its tables. A link
/// that leads to no file stays, and leads to the database then.
pub(crate) fn create(path: &Path, options: &LoadOptions) -> Result<(), LoadError> {
    let wal = wal_of(path);
    if wal.exists() {
        return Err(LoadError::StrayWal { wal });
    }
    let target = followed(path)?;
    let aside = with_suffix(&target, ".new");
    remove_leftover(&aside)?;
    remove_leftover(&wal_of(&aside))?;
    fill(&aside, options)?;
    let named =
        File::open(&aside).and_then(|file| file.sync_all()).and_then(|()| durable::rename(&aside, &target));
    named.map_err(|source| LoadError::Io {
        doing: "give the new database its name",
        path: target.clone(),
        source,
    })
}

/// Where the links end that a path leads to; there need be no file.
pub(crate) fn followed(path: &Path) -> Result<PathBuf, LoadError> {
    /// More than this many links lead nowhere: Linux follows as many.
    const MOST_LINKS: usize = 40;
    let mut target = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&target) else {
            let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
            return match folder.is_none_or(Path::is_dir) {
                true => Ok(target),
                false => Err(LoadError::LinkToNowhere { path: path.to_path_buf(), target }),
            };
        };
        // A relative one starts from its folder; an absolute one replaces it.
        target = target.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(LoadError::LinkToNowhere { path: path.to_path_buf(), target })
}

fn fill(path: &Path, options: &LoadOptions) -> Result<(), LoadError> {
    let connection = connect(path, options, AccessMode::ReadWrite)?;
    let format = format!("INSERT INTO _meta VALUES ('format', '{FORMAT}');");
    let definitions = definitions();
    let script = ["BEGIN;", &definitions, &format, &note(&definitions), "COMMIT; CHECKPOINT;"].join("\n");
    connection
        .execute_batch(&script)
        .and_then(|()| connection.close().map_err(|(_, source)| source))
        .map_err(|source| LoadError::of_query("create the tables".to_owned(), path, source))
}

/// Fails unless the database is one of ours, in the format of this program.
pub(crate) fn recognise(connection: &Connection, path: &Path) -> Result<(), LoadError> {
    /// The columns that make a database ours.
    const OURS: &str = "SELECT count(*) = 2 FROM duckdb_columns()
        WHERE database_name = current_database() AND schema_name = 'main'
            AND (table_name, column_name) IN (('_meta', 'value'), ('_loaded', 'digest'))";
    let query = |source| LoadError::of_query("list the tables".to_owned(), path, source);
    if !connection.query_row(OURS, [], |row| row.get::<_, bool>(0)).map_err(query)? {
        return Err(LoadError::NotOurs { path: path.to_path_buf() });
    }
    let found: Option<String> = connection
        .query_row("SELECT value FROM _meta WHERE key = 'format'", [], |row| row.get(0))
        .optional()
        .map_err(query)?;
    if found.as_deref() == Some(FORMAT.to_string().as_str()) {
        return Ok(());
    }
    let found = found.unwrap_or_else(|| "unknown".to_owned());
    Err(LoadError::Format { path: path.to_path_buf(), found, expected: FORMAT })
}

/// Tables, their comments, macros and views, as this version of the program has them. Creating what is there changes
/// nothing; macros and views are replaced.
pub(crate) fn definitions() -> String {
    let tables = Dataset::ALL.map(Dataset::ddl);
    let mut scripts = vec![sql::BOOKKEEPING];
    scripts.extend(tables);
    scripts.push(sql::MACROS);
    scripts.extend(sql::VIEWS.iter().map(String::as_str));
    let comments = comments();
    scripts.push(&comments);
    scripts.join("\n")
}

/// The fact of `_meta` that says which definitions a database has: to make them anew takes longer than most loads.
pub(crate) const DEFINITIONS: &str = "definitions";

/// What tells definitions apart, in hex.
pub(crate) fn digest(definitions: &str) -> String {
    blake3::hash(definitions.as_bytes()).to_hex().to_string()
}

/// Notes which definitions a database has.
pub(crate) fn note(definitions: &str) -> String {
    let digest = digest(definitions);
    format!(
        "DELETE FROM _meta WHERE key = '{DEFINITIONS}'; INSERT INTO _meta VALUES ('{DEFINITIONS}', '{digest}');"
    )
}

/// Where DuckDB keeps the write-ahead log of a database.
pub(crate) fn wal_of(path: &Path) -> PathBuf {
    with_suffix(path, ".wal")
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Removes a file, if it is there.
pub(crate) fn remove_leftover(path: &Path) -> Result<(), LoadError> {
    // Asked first: a file system that is read-only refuses to remove what is not there.
    if !path.exists() {
        return Ok(());
    }
    fs::remove_file(path).map_err(|source| LoadError::Io {
        doing: "remove what an interrupted run left",
        path: path.to_path_buf(),
        source,
    })
}
