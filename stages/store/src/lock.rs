//! One process per store: an advisory lock on a file that names its holder.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use fs4::{FileExt, TryLockError};

use crate::StoreError;

const LOCK_FILE: &str = "lock";
/// More than any process id takes; the file is not trusted.
const LONGEST_PID_BYTES: u64 = 20;

/// Held as long as the store is open; the system releases it with the process, however that ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of `folder`, or says who has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(LOCK_FILE);
        let failed = |action| {
            let path = path.clone();
            move |source| StoreError::Folder { path, action, source }
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed("open"))?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { path: folder.into(), pid: holder(&file) });
            }
            Err(TryLockError::Error(source)) => return Err(failed("lock")(source)),
        }
        sign(&mut file).map_err(failed("write to"))?;
        Ok(Self { _file: file })
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &File) -> String {
    let mut text = String::new();
    let read = file.take(LONGEST_PID_BYTES).read_to_string(&mut text);
    match (read, text.trim()) {
        (Ok(_), pid) if !pid.is_empty() => pid.into(),
        _ => "(unknown)".into(),
    }
}
