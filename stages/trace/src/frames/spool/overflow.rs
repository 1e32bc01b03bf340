//! A file for what does not fit into memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A file without a name, made when something is first written to it.
#[derive(Debug)]
pub(super) struct Overflow {
    folder: PathBuf,
    file: Option<File>,
}

impl Overflow {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), file: None }
    }

    pub(super) fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        self.file.insert(file).write_all_at(bytes, at)
    }

    pub(super) fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        match &self.file {
            Some(file) => file.read_exact_at(bytes, at),
            None if bytes.is_empty() => Ok(()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Gives the disk back what the file took; the file itself is used again.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.set_len(0))
    }
}
