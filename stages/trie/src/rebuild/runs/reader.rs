//! Reads a run, one block at a time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::block::{self, BLOCK_BYTES, HEAD_BYTES};
use super::footer::{self, Footer, footer_bytes};
use crate::rebuild::error::RebuildError;
use crate::rebuild::kind::{Entry, Kind};

/// What an open run takes: a block, and less than 512 bytes for its key, value, path and place in a merge.
pub(in crate::rebuild) const READER_BYTES: usize = BLOCK_BYTES + 512;

/// An open run.
pub(super) struct RunReader<K: Kind> {
    path: PathBuf,
    file: File,
    /// The rows of the current block.
    block: Vec<u8>,
    /// How many of its bytes were read.
    at: usize,
    /// The last key that was read.
    key: K::Key,
    rows_left: u64,
    next_block: u64,
    blocks: u64,
}

impl<K: Kind> RunReader<K> {
    pub(super) fn open(path: &Path, footer: &Footer<K::Key>) -> Result<Self, RebuildError> {
        let file = File::open(path).map_err(RebuildError::io("open", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            block: Vec::with_capacity(BLOCK_BYTES),
            at: 0,
            key: K::Key::default(),
            rows_left: footer.rows,
            next_block: 0,
            blocks: footer.blocks,
        })
    }

    /// The next row; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Entry<K>>, RebuildError> {
        if self.at == self.block.len() && self.next_block < self.blocks {
            self.read_block()?;
        }
        let mut rest = &self.block[self.at..];
        if self.rows_left == 0 {
            let is_whole = rest.is_empty() && self.next_block == self.blocks;
            return if is_whole { Ok(None) } else { Err(self.damaged("it has more rows than it says")) };
        }
        let Some(value) = block::take_row::<K>(&mut rest, &mut self.key) else {
            return Err(self.damaged("a row cannot be decoded"));
        };
        self.at = self.block.len() - rest.len();
        self.rows_left -= 1;
        Ok(Some((self.key, value)))
    }

    fn read_block(&mut self) -> Result<(), RebuildError> {
        let mut head = [0; HEAD_BYTES];
        self.file.read_exact(&mut head).map_err(|error| self.unreadable(error))?;
        let [a, b, c, d, expected @ ..] = head;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if length > BLOCK_BYTES - HEAD_BYTES {
            return Err(self.damaged("a block is too long"));
        }
        self.block.resize(length, 0);
        self.file.read_exact(&mut self.block).map_err(|error| self.unreadable(error))?;
        if block::checksum(self.next_block, &self.block) != u64::from_le_bytes(expected) {
            return Err(self.damaged("a block's checksum is wrong"));
        }
        self.at = 0;
        self.next_block += 1;
        Ok(())
    }

    fn unreadable(&self, error: io::Error) -> RebuildError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.damaged("it ends too early"),
            _ => RebuildError::io("read", &self.path)(error),
        }
    }

    fn damaged(&self, what: &'static str) -> RebuildError {
        RebuildError::damaged(&self.path, what)
    }
}

/// The footer of the run at `path`.
pub(super) fn read_footer<K: Kind>(path: &Path) -> Result<Footer<K::Key>, RebuildError> {
    let mut file = File::open(path).map_err(RebuildError::io("open", path))?;
    let length = file.metadata().map_err(RebuildError::io("measure", path))?.len();
    let mut bytes = vec![0; footer_bytes::<K>()];
    let Some(start) = length.checked_sub(bytes.len() as u64) else {
        return Err(RebuildError::damaged(path, "it is too short"));
    };
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.read_exact(&mut bytes))
        .map_err(RebuildError::io("read", path))?;
    footer::decode::<K>(&bytes).ok_or_else(|| RebuildError::damaged(path, "it does not end as it should"))
}
