//! A gzipped export: unpacked block by block, never as a whole.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use blockmill_chain::BlockRange;
use flate2::bufread::MultiGzDecoder;

use super::item::{LIST_HEADER_BYTES, block_number, list_length, within_limit};
use super::{Walked, begins_run};
use crate::block::ReadLimit;
use crate::cursor::RawBlock;
use crate::error::{FilePlace, SourceError};

/// Read from the file at a time.
const READ_BYTES: usize = 1 << 20;

/// Unpacked ahead of the blocks, so that their headers do not cost a call each.
const UNPACKED_BYTES: usize = 128 << 10;

/// Where the blocks of a run are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GzipRun {
    /// The blocks of the run.
    pub(crate) range: BlockRange,
    /// How many lie before them in the file.
    pub(crate) blocks_before: u64,
}

impl GzipRun {
    /// How many blocks of the file lie before a block.
    pub(crate) fn before(&self, number: u64) -> u64 {
        self.blocks_before + number.saturating_sub(self.range.start)
    }
}

/// A gzipped export that is being read.
pub(crate) struct GzipExport {
    path: PathBuf,
    unpacked: BufReader<MultiGzDecoder<BufReader<File>>>,
    /// Unpacked bytes read so far.
    offset: u64,
}

impl GzipExport {
    /// The runs of blocks of a file: unpacks all of it, one block at a time.
    pub(crate) fn scan(path: &Path) -> Result<Walked<GzipRun>, SourceError> {
        let mut export = Self::start(path)?;
        let (mut runs, mut block, mut blocks) = (Vec::new(), Vec::new(), 0);
        loop {
            match export.add_block(&mut block, blocks, &mut runs) {
                Ok(true) => blocks += 1,
                Ok(false) => return Walked::new(runs, None, path),
                Err(problem) => return Walked::new(runs, Some(problem), path),
            }
        }
    }

    /// Adds the next block to the last run, or begins another with it; `false` at the end.
    fn add_block(
        &mut self,
        block: &mut Vec<u8>,
        blocks_before: u64,
        runs: &mut Vec<GzipRun>,
    ) -> Result<bool, SourceError> {
        let Some(offset) = self.next_block(block)? else { return Ok(false) };
        let number = block_number(block, &self.path, offset)?;
        if begins_run(runs.last().map(|run| run.range.end), number, offset, &self.path)? {
            runs.push(GzipRun { range: BlockRange::new(number, number), blocks_before });
        }
        runs.iter_mut().last().into_iter().for_each(|run| run.range.end = number + 1);
        Ok(true)
    }

    /// Opens a file and skips `blocks` of it.
    pub(crate) fn open(path: &Path, blocks: u64) -> Result<Self, SourceError> {
        let (mut export, mut skipped) = (Self::start(path)?, Vec::new());
        for _ in 0..blocks {
            export.next_block(&mut skipped)?;
        }
        Ok(export)
    }

    /// The next blocks, until `limit` is reached; none at the end.
    pub(crate) fn take(&mut self, limit: ReadLimit) -> Result<Vec<RawBlock<'static>>, SourceError> {
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        while limit.admits(blocks.len(), bytes) {
            let mut block = Vec::new();
            let Some(offset) = self.next_block(&mut block)? else { break };
            bytes += block.len();
            blocks.push(RawBlock::Rlp { offset, block: block.into() });
        }
        Ok(blocks)
    }

    fn start(path: &Path) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|e| SourceError::io(path, e))?;
        let packed = BufReader::with_capacity(READ_BYTES, file);
        let unpacked = BufReader::with_capacity(UNPACKED_BYTES, MultiGzDecoder::new(packed));
        Ok(Self { path: path.into(), unpacked, offset: 0 })
    }

    /// Reads the RLP of the next block into `block` and returns its offset; `None` at the end.
    fn next_block(&mut self, block: &mut Vec<u8>) -> Result<Option<u64>, SourceError> {
        block.clear();
        let offset = self.offset;
        self.read_to(block, LIST_HEADER_BYTES as u64)?;
        if block.is_empty() {
            return Ok(None);
        }
        let length = list_length(block, &self.path, offset)?;
        let path = self.path.clone();
        within_limit(length, &path, offset, || self.has(length - block.len() as u64))?;
        self.read_to(block, length)?;
        if (block.len() as u64) != length {
            return Err(self.cut_off(offset, block.len(), length));
        }
        self.offset += length;
        Ok(Some(offset))
    }

    /// Reads until `block` has `length` bytes, or the stream ends. The buffer grows with what is there, not with what
    /// was announced.
    fn read_to(&mut self, block: &mut Vec<u8>, length: u64) -> Result<(), SourceError> {
        let missing = length.saturating_sub(block.len() as u64);
        let read = self.unpacked.by_ref().take(missing).read_to_end(block);
        read.map(|_| ()).map_err(|e| self.unpack_failed(e))
    }

    /// Whether the stream goes on for so many bytes; they are gone then.
    fn has(&mut self, bytes: u64) -> bool {
        let read = io::copy(&mut self.unpacked.by_ref().take(bytes), &mut io::sink());
        read.is_ok_and(|read| read == bytes)
    }

    fn unpack_failed(&self, source: io::Error) -> SourceError {
        SourceError::unpack(FilePlace::byte(&self.path, self.offset), "the gzip stream", source)
    }

    fn cut_off(&self, offset: u64, found: usize, length: u64) -> SourceError {
        SourceError::Format {
            place: FilePlace::byte(&self.path, offset),
            problem: format!("{found} bytes are there where a block of {length} should be"),
        }
    }
}
