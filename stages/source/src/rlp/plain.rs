//! A plain export: mapped, walked over once at opening, then read from any block on.

use std::path::Path;

use blockmill_chain::BlockRange;

use super::item::{LIST_HEADER_BYTES, block_number, list_length, within_limit};
use super::{INDEX_STRIDE, Walked, begins_run};
use crate::block::ReadLimit;
use crate::cursor::RawBlock;
use crate::error::{FilePlace, SourceError};
use crate::mapped::MappedFile;

/// Where the blocks of a run are.
#[derive(Debug, Clone)]
pub(crate) struct RlpIndex {
    range: BlockRange,
    /// The offset of every [`INDEX_STRIDE`]-th block, from the first on.
    offsets: Vec<usize>,
}

impl RlpIndex {
    /// Walks over a file, and keeps where each run of consecutive blocks lies.
    pub(crate) fn scan(path: &Path) -> Result<Walked<Self>, SourceError> {
        let mut map = MappedFile::open(path)?;
        let (mut runs, mut offset) = (Vec::new(), 0);
        while offset < map.bytes().len() {
            match add_block(&map, offset, &mut runs) {
                Ok(length) => offset += length,
                Err(problem) => return Walked::new(runs, Some(problem), path),
            }
            map.release_before(offset);
        }
        Walked::new(runs, None, path)
    }

    /// The blocks of the run.
    pub(crate) fn range(&self) -> BlockRange {
        self.range
    }

    /// The nearest known offset at or before a block, and how many blocks lie between.
    fn nearest(&self, number: u64) -> (usize, u64) {
        let distance = number.saturating_sub(self.range.start);
        let kept = (distance / INDEX_STRIDE).min(self.offsets.len().saturating_sub(1) as u64);
        let offset = self.offsets.get(kept as usize).copied().unwrap_or(0);
        (offset, distance - kept * INDEX_STRIDE)
    }
}

/// Adds the block at an offset to the last run, or begins another with it; returns its length.
fn add_block(map: &MappedFile, offset: usize, runs: &mut Vec<RlpIndex>) -> Result<usize, SourceError> {
    let (path, at) = (map.path(), offset as u64);
    let block = block_at(map, offset)?;
    let number = block_number(block, path, at)?;
    if begins_run(runs.last().map(|run| run.range.end), number, at, path)? {
        runs.push(RlpIndex { range: BlockRange::new(number, number), offsets: Vec::new() });
    }
    if let Some(run) = runs.last_mut() {
        if run.range.len().is_multiple_of(INDEX_STRIDE) {
            run.offsets.push(offset);
        }
        run.range.end = number + 1;
    }
    Ok(block.len())
}

/// An export that is being read.
pub(crate) struct PlainExport {
    map: MappedFile,
    offset: usize,
}

impl PlainExport {
    /// Maps a file and goes to a block.
    pub(crate) fn open(path: &Path, index: &RlpIndex, number: u64) -> Result<Self, SourceError> {
        let map = MappedFile::open(path)?;
        let (mut offset, skip) = index.nearest(number);
        for _ in 0..skip {
            offset += block_at(&map, offset)?.len();
        }
        Ok(Self { map, offset })
    }

    /// The next blocks, until `limit` is reached; none at the end.
    pub(crate) fn take(&mut self, limit: ReadLimit) -> Result<Vec<RawBlock<'_>>, SourceError> {
        self.map.release_before(self.offset);
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        while self.offset < self.map.bytes().len() && limit.admits(blocks.len(), bytes) {
            let block = block_at(&self.map, self.offset)?;
            blocks.push(RawBlock::Rlp { offset: self.offset as u64, block: block.into() });
            bytes += block.len();
            self.offset += block.len();
        }
        Ok(blocks)
    }
}

/// The RLP of the block at an offset.
fn block_at(map: &MappedFile, offset: usize) -> Result<&[u8], SourceError> {
    let rest = map.bytes().get(offset..).unwrap_or_default();
    let prefix = &rest[..rest.len().min(LIST_HEADER_BYTES)];
    let length = list_length(prefix, map.path(), offset as u64)?;
    within_limit(length, map.path(), offset as u64, || rest.len() as u64 >= length)?;
    rest.get(..length as usize).ok_or_else(|| SourceError::Format {
        place: FilePlace::byte(map.path(), offset as u64),
        problem: format!("the file ends inside a block: {} of its {length} bytes are there", rest.len()),
    })
}
