//! The format file: read before RocksDB touches anything, so that a store of another format is left as it is.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use blockmill_chain::durable_step;

use crate::{Family, Store, StoreError};

/// The format this program reads and writes. It changes with the meaning of any row; `schemas/store.md` is its document.
pub const FORMAT: u32 = 2;
/// The one that is upgraded: it has no branches and no change sets, and its hashed accounts lack their storage root.
const PREVIOUS: u32 = 1;
/// A row of meta that only [`PREVIOUS`] has: the last block whose state root was compared with its header.
const ROOT_CHECKPOINT: &str = "root_checkpoint";

const FORMAT_FILE: &str = "format";
const UNFINISHED_FORMAT_FILE: &str = "format.tmp";

/// What format a folder has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// This program's.
    Current,
    /// The one before: the store is to be [upgraded](upgrade) when it is open.
    Previous,
}

/// Checks the format file of `folder`, or writes one where there is no database yet.
pub(crate) fn check_or_write(folder: &Path, has_database: bool) -> Result<Found, StoreError> {
    match fs::read_to_string(folder.join(FORMAT_FILE)) {
        Ok(text) if text.trim() == FORMAT.to_string() => Ok(Found::Current),
        Ok(text) if text.trim() == PREVIOUS.to_string() => Ok(Found::Previous),
        Ok(text) => {
            Err(StoreError::Format { path: folder.into(), found: text.trim().chars().take(20).collect() })
        }
        Err(missing) if missing.kind() == io::ErrorKind::NotFound && has_database => {
            Err(StoreError::NotAStore { path: folder.into() })
        }
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            write(folder).map_err(failed(folder, "write"))?;
            Ok(Found::Current)
        }
        Err(source) => Err(failed(folder, "read")(source)),
    }
}

/// Makes a store of the previous format one of this, as far as that can be done at once. Opening it created the families
/// that were missing; without a note in meta its trie counts as absent. The new number comes last: an upgrade that was
/// interrupted is done again.
pub(crate) fn upgrade(store: &Store) -> Result<(), StoreError> {
    let mut batch = store.batch();
    batch.delete(Family::Meta, ROOT_CHECKPOINT);
    batch.commit_synced()?;
    write(store.folder()).map_err(failed(store.folder(), "write"))
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
