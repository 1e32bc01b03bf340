//! Bytes that are written once and read several times.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes that a buffer has in the beginning.
const FIRST_BYTES: usize = 64 << 10;

/// Bytes in memory as long as they fit there, and from then on all in a file without a name.
///
/// `tempfile::SpooledTempFile` does this too, but lends no slice of what is in memory, and its buffer doubles beyond the limit.
#[derive(Debug)]
pub(super) struct Spooled {
    memory: Vec<u8>,
    /// What the buffer may take, also while it moves to a larger place.
    limit_bytes: usize,
    most_bytes: usize,
    folder: PathBuf,
    /// Made when it is first needed, and kept.
    file: Option<File>,
    is_in_file: bool,
    len: u64,
}

impl Spooled {
    pub(super) fn new(limit_bytes: usize, folder: &Path) -> Self {
        let folder = folder.to_path_buf();
        Self { memory: Vec::new(), limit_bytes, most_bytes: 0, folder, file: None, is_in_file: false, len: 0 }
    }

    /// Forgets the bytes and gives the disk back what the file took.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.memory.clear();
        (self.len, self.is_in_file) = (0, false);
        self.file.as_ref().map_or(Ok(()), |file| file.set_len(0))
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn is_in_file(&self) -> bool {
        self.is_in_file
    }

    /// Bytes that the buffer took at most, with those of its old place while it moved.
    pub(super) fn most_bytes(&self) -> usize {
        self.most_bytes
    }

    /// Appends bytes, and says where.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let at = self.len;
        if self.make_room(bytes.len())? {
            self.memory.extend_from_slice(bytes);
        } else {
            self.file()?.write_all_at(bytes, at)?;
        }
        self.len += bytes.len() as u64;
        Ok(at)
    }

    /// Appends room for bytes that are written later.
    pub(super) fn reserve(&mut self, bytes: usize) -> io::Result<()> {
        if self.make_room(bytes)? {
            self.memory.resize(self.memory.len() + bytes, 0);
        }
        self.len += bytes as u64;
        Ok(())
    }

    /// Fills room that was reserved.
    pub(super) fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        if self.is_in_file {
            return self.file()?.write_all_at(bytes, at);
        }
        let room = at as usize..at as usize + bytes.len();
        self.memory.get_mut(room).ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Bytes from here on; `None` where they are in the file.
    pub(super) fn in_memory(&self, at: u64, length: usize) -> Option<&[u8]> {
        self.memory.get(at as usize..)?.get(..length)
    }

    /// Reads what is in the file.
    pub(super) fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        self.file.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?.read_exact_at(bytes, at)
    }

    /// Whether so many bytes more are to be in memory. If they do not fit, everything moves to the file.
    fn make_room(&mut self, more: usize) -> io::Result<bool> {
        if self.is_in_file {
            return Ok(false);
        }
        let (needed, allocated) = (self.memory.len().saturating_add(more), self.memory.capacity());
        if needed <= allocated {
            return Ok(true);
        }
        let most = self.limit_bytes.saturating_sub(allocated);
        let wanted = needed.max(2 * allocated).max(FIRST_BYTES).min(most);
        if wanted < needed {
            self.move_to_file()?;
            return Ok(false);
        }
        self.memory.reserve_exact(wanted - self.memory.len());
        self.most_bytes = self.most_bytes.max(allocated + self.memory.capacity());
        Ok(true)
    }

    /// The memory is given back: reading takes some itself.
    fn move_to_file(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.memory);
        self.file()?.write_all_at(&bytes, 0)?;
        self.is_in_file = true;
        Ok(())
    }

    fn file(&mut self) -> io::Result<&File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        Ok(self.file.insert(file))
    }
}
