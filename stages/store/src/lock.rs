//! The lock of a store: one process to write, or any number to read, by an advisory lock on a file that names
//! the writer.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};

use crate::StoreError;

const LOCK_FILE: &str = "lock";
/// More than any process id takes; the file is not trusted.
const LONGEST_PID_BYTES: u64 = 20;
/// How long a writer waits for readers, most of which read for a moment only.
const WAIT_FOR_READERS: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(20);

/// Held as long as the store is open; the system releases it with the process, however that ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    /// `None` for a reader where there is no lock file: a copy of a store, say.
    _file: Option<File>,
}

/// What a reader finds.
#[derive(Debug)]
pub(crate) enum Reading {
    /// No process writes, and none can as long as this is held.
    Alone(FolderLock),
    /// The process with this id writes.
    Beside(String),
}

impl FolderLock {
    /// Takes the lock of `folder` to write, or says who has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(LOCK_FILE);
        let failed = |action| {
            let path = path.clone();
            move |source| StoreError::Folder { path, action, source }
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed("open"))?;
        let deadline = Instant::now() + WAIT_FOR_READERS;
        loop {
            match FileExt::try_lock(&file) {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(failed("lock")(source)),
                Err(TryLockError::WouldBlock) if !is_only_read(&file) => {
                    return Err(StoreError::Locked { path: folder.into(), pid: holder(&file) });
                }
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(StoreError::Readers { path: folder.into() });
                }
                Err(TryLockError::WouldBlock) => sleep(POLL),
            }
        }
        sign(&mut file).map_err(failed("write to"))?;
        Ok(Self { _file: Some(file) })
    }

    /// Keeps writers out of `folder`, where there is none; nothing is written.
    pub(crate) fn share(folder: &Path) -> Result<Reading, StoreError> {
        let path = folder.join(LOCK_FILE);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Reading::Alone(Self { _file: None }));
            }
            Err(source) => return Err(StoreError::Folder { path, action: "open", source }),
        };
        Ok(match FileExt::try_lock_shared(&file) {
            Ok(()) => Reading::Alone(Self { _file: Some(file) }),
            // Where the file system has no locks there may be a writer.
            Err(_) => Reading::Beside(holder(&file)),
        })
    }
}

/// Whether the lock is held by readers only.
fn is_only_read(file: &File) -> bool {
    FileExt::try_lock_shared(file).is_ok() && FileExt::unlock(file).is_ok()
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
