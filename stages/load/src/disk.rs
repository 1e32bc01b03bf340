//! Free space, asked for before DuckDB writes: a disk that fills up during a checkpoint has cost committed rows.

use std::path::Path;

use crate::error::LoadError;

/// Bytes free in the file system of `path`, which need not exist yet.
pub(crate) fn free_bytes(path: &Path) -> Result<u64, LoadError> {
    let here = Path::new(".");
    let existing = path.ancestors().find(|folder| folder.exists()).unwrap_or(here);
    fs4::available_space(existing).map_err(|source| LoadError::Io {
        doing: "ask for the free space of",
        path: existing.to_path_buf(),
        source,
    })
}

/// Refuses to go on where fewer than `needed` bytes are free beside `path`.
pub(crate) fn require(path: &Path, needed: u64) -> Result<(), LoadError> {
    let free = free_bytes(path)?;
    if free < needed {
        return Err(LoadError::DiskFull { path: path.to_path_buf(), needed, free });
    }
    Ok(())
}

/// Bytes of a file; 0 where there is none.
pub(crate) fn file_bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}
