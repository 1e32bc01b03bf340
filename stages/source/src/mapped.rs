//! A file mapped into memory, read from front to back.
//!
//! Mapped pages count as resident memory: [`MappedFile::release_before`] gives back what has been read. Chain
//! archives are finished files; one that another process truncates while it is read ends this process with SIGBUS,
//! which loses nothing durable.
#![allow(unsafe_code, reason = "mapping a file is unsafe in every API for it")]

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::{Advice, Mmap};

use crate::error::SourceError;

/// A file mapped read-only.
pub(crate) struct MappedFile {
    path: PathBuf,
    map: Mmap,
    /// Everything before this offset was given back.
    released: usize,
}

impl MappedFile {
    /// Pages are given back in runs of this many bytes: a system call each, and a multiple of every page size.
    const RELEASE_BYTES: usize = 4 << 20;

    pub(crate) fn open(path: &Path) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|e| SourceError::io(path, e))?;
        // SAFETY: the mapping is read-only and the bytes are only ever parsed, never trusted. A file that changes
        // while it is mapped gives bytes that fail their checks.
        let map = unsafe { Mmap::map(&file) }.map_err(|e| SourceError::io(path, e))?;
        #[cfg(unix)]
        map.advise(Advice::Sequential).map_err(|e| SourceError::io(path, e))?;
        Ok(Self { path: path.into(), map, released: 0 })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Gives back the pages before `offset`. Reading there again loads them again.
    pub(crate) fn release_before(&mut self, offset: usize) {
        let end = offset.min(self.map.len()) / Self::RELEASE_BYTES * Self::RELEASE_BYTES;
        if end > self.released {
            #[cfg(unix)]
            self.drop_pages(self.released, end);
            self.released = end;
        }
    }

    /// A failure costs memory, not correctness, so it is not reported.
    #[cfg(unix)]
    fn drop_pages(&mut self, start: usize, end: usize) {
        use memmap2::UncheckedAdvice::DontNeed;
        // SAFETY: `&mut self` shows that nothing borrows the mapping, and the pages of a read-only file mapping come
        // back with the file's content.
        let _ = unsafe { self.map.unchecked_advise_range(DontNeed, start, end - start) };
    }
}
