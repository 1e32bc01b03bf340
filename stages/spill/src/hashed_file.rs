//! Files whose bytes are digested as they are written.
//!
//! A decoder need not survive damage it was not made for; bytes that have the right digest are the ones we wrote.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use blockmill_chain::durable_step;

/// What was written to a file.
pub(crate) struct FileContent {
    /// Length of the file.
    pub(crate) bytes: u64,
    /// BLAKE3 of all bytes.
    pub(crate) digest: [u8; 32],
}

impl FileContent {
    /// No bytes, of a file that does not exist.
    pub(crate) fn empty() -> Self {
        Self { bytes: 0, digest: blake3::hash(&[]).into() }
    }

    /// The content of an existing file.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path)?)?;
        Ok(Self::of(&hasher))
    }

    fn of(hasher: &blake3::Hasher) -> Self {
        Self { bytes: hasher.count(), digest: hasher.finalize().into() }
    }
}

/// A new file whose bytes are hashed as they are written.
pub(crate) struct HashedFile {
    file: File,
    hasher: blake3::Hasher,
}

impl HashedFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create_new(path)?, hasher: blake3::Hasher::new() })
    }

    /// Waits until the device has the file.
    pub(crate) fn finish(self) -> io::Result<FileContent> {
        durable_step("before a segment is synced");
        self.file.sync_all()?;
        Ok(FileContent::of(&self.hasher))
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
