//! The format file: read before RocksDB touches anything, so that a store of another format is left as it is.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use blockmill_chain::durable_step;

use crate::StoreError;

/// The format this program reads and writes. It changes with the meaning of any row; `schemas/store.md` is its document.
pub const FORMAT: u32 = 3;

const FORMAT_FILE: &str = "format";
const UNFINISHED_FORMAT_FILE: &str = "format.tmp";

/// Checks the format file of `folder`, or writes one where there is no database yet.
pub(crate) fn check_or_write(folder: &Path, has_database: bool) -> Result<(), StoreError> {
    match check(folder) {
        Err(StoreError::NotAStore { .. }) if !has_database => write(folder).map_err(failed(folder, "write")),
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

/// Aside, fsync, rename: the file is whole or not there.
fn write(folder: &Path) -> io::Result<()> {
    let aside = folder.join(UNFINISHED_FORMAT_FILE);
    let mut file = File::create(&aside)?;
    writeln!(file, "{FORMAT}")?;
    file.sync_all()?;
    durable_step("the format file is written aside");
    fs::rename(&aside, folder.join(FORMAT_FILE))?;
    File::open(folder)?.sync_all()
}
