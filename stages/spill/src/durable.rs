//! Files and names that outlive a power cut.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use blockmill_chain::durable_step;

use crate::error::SpillError;

/// Writes a new file and waits until the device has it.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SpillError> {
    let mut file = File::create_new(path).map_err(SpillError::io("create", path))?;
    durable_step("an empty file is there");
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(SpillError::io("write", path))
}

/// Waits until the device has the names in a folder: without it a rename may be forgotten.
pub(crate) fn sync_folder(path: &Path) -> Result<(), SpillError> {
    durable_step("before a folder is synced");
    File::open(path).and_then(|folder| folder.sync_all()).map_err(SpillError::io("sync", path))
}

/// Renames, and makes both folders remember it.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), SpillError> {
    durable_step("before a folder is renamed");
    std::fs::rename(from, to).map_err(SpillError::io("rename", from))?;
    let parents = [to.parent(), from.parent()];
    parents.into_iter().flatten().try_for_each(sync_folder)
}

/// Gives a unit's folder its name, where no other unit has it.
pub(crate) fn move_unit(from: &Path, to: &Path) -> Result<(), SpillError> {
    require_absent(to)?;
    match rename(from, to) {
        Err(SpillError::Io { source, .. })
            if matches!(source.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) =>
        {
            Err(SpillError::UnitExists { path: to.to_path_buf() })
        }
        renamed => renamed,
    }
}

/// Refuses a name that a unit has.
pub(crate) fn require_absent(path: &Path) -> Result<(), SpillError> {
    match path.try_exists().map_err(SpillError::io("look at", path))? {
        true => Err(SpillError::UnitExists { path: path.to_path_buf() }),
        false => Ok(()),
    }
}
