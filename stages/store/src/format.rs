//! The format file: read before RocksDB touches anything, so that a store of another format is left as it is.

use std::fs;
use std::io;
use std::path::Path;

use blockmill_chain::durable;

use crate::StoreError;

/// The format this program reads and writes. It changes with the meaning of any row; `schemas/store.md` is its document.
pub const FORMAT: u32 = 1;

const FORMAT_FILE: &str = "format";

/// Checks the format file of `folder`, or writes one where there is no database yet.
pub(crate) fn check_or_write(folder: &Path, has_database: bool) -> Result<(), StoreError> {
    match check(folder) {
        Err(StoreError::NotAStore { .. }) if !has_database => {
            let content = format!("{FORMAT}\n");
            durable::replace(&folder.join(FORMAT_FILE), content.as_bytes()).map_err(failed(folder, "write"))
        }
        checked => checked,
    }
}

/// Checks the format file of `folder`.
pub(crate) fn check(folder: &Path) -> Result<(), StoreError> {
    match fs::read_to_string(folder.join(FORMAT_FILE)) {
        Ok(text) if text.trim() == FORMAT.to_string() => Ok(()),
        Ok(text) => {
            Err(StoreError::Format { path: folder.into(), found: text.trim().chars().take(20).collect() })
        }
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            Err(StoreError::NotAStore { path: folder.into() })
        }
        Err(source) => Err(failed(folder, "read")(source)),
    }
}

fn failed(folder: &Path, action: &'static str) -> impl FnOnce(io::Error) -> StoreError {
    let path = folder.join(FORMAT_FILE);
    move |source| StoreError::Folder { path, action, source }
}
