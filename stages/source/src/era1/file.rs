//! An era1 file that is being read.

use std::path::Path;

use alloy::primitives::{B256, U256};
use blockmill_chain::BlockRange;

use super::index::BlockIndex;
use crate::block::ReadLimit;
use crate::cursor::RawBlock;
use crate::e2store::entry::{Entries, kind};
use crate::e2store::{
    ArchivedBlock, HEADERS_AT_A_TIME, MAX_HEADER_BYTES, Unpacker, accumulator_root, decode_headers,
    total_difficulty,
};
use crate::error::{Checked, FilePlace, SourceError};
use crate::link::ChainEnd;
use crate::mapped::MappedFile;

/// A file whose structure and accumulator hold.
pub(crate) struct Era1File {
    map: MappedFile,
    index: BlockIndex,
    /// Hash and total difficulty of every block, under the accumulator.
    records: Vec<(B256, U256)>,
    next: u64,
}

impl Era1File {
    /// Whether the file ends with the index of an era1 file.
    pub(crate) fn is_one(path: &Path) -> Result<bool, SourceError> {
        Ok(BlockIndex::is_at_end_of(path, MappedFile::open(path)?.bytes()))
    }

    /// The blocks that a file says it holds; only its index is read.
    pub(crate) fn range(path: &Path) -> Result<BlockRange, SourceError> {
        Ok(BlockIndex::read(path, MappedFile::open(path)?.bytes())?.range())
    }

    /// The RLP of the first headers, at most `count`, with their offsets. Nothing is checked.
    pub(crate) fn first_headers(path: &Path, count: usize) -> Result<Vec<(u64, Vec<u8>)>, SourceError> {
        let map = MappedFile::open(path)?;
        let index = BlockIndex::read(path, map.bytes())?;
        let header = |offset: &usize| {
            let entry =
                Entries::new(path, map.bytes(), *offset).expect(kind::COMPRESSED_HEADER, "a header")?;
            let rlp = Unpacker::default().unpack(entry, "a header", MAX_HEADER_BYTES, path)?;
            Ok((entry.offset, rlp))
        };
        index.offsets.iter().take(count).map(header).collect()
    }

    /// Maps a file, checks its structure and its accumulator, and goes to a block.
    pub(crate) fn open(path: &Path, number: u64) -> Result<Self, SourceError> {
        let map = MappedFile::open(path)?;
        let index = BlockIndex::read(path, map.bytes())?;
        let mut file = Self { map, index, records: Vec::new(), next: number };
        file.verify()?;
        Ok(file)
    }

    /// The next blocks, until `limit` is reached; none at the end of the file.
    pub(crate) fn take(&mut self, limit: ReadLimit) -> Result<Vec<RawBlock<'_>>, SourceError> {
        let Some(start) = self.index.offset_of(self.next) else { return Ok(Vec::new()) };
        self.map.release_before(start);
        let mut entries = Entries::new(self.map.path(), self.map.bytes(), start);
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        while self.index.offset_of(self.next).is_some() && limit.admits(blocks.len(), bytes) {
            let (hash, total_difficulty) = self.records[(self.next - self.index.start) as usize];
            let tuple = read_tuple(&mut entries, self.map.path())?;
            let block = ArchivedBlock { hash, total_difficulty: Some(total_difficulty), ..tuple };
            bytes += block.unpacked_bytes();
            blocks.push(RawBlock::Archived(block));
            self.next += 1;
        }
        Ok(blocks)
    }

    fn verify(&mut self) -> Result<(), SourceError> {
        let version =
            Entries::new(self.map.path(), self.map.bytes(), 0).expect(kind::VERSION, "the version")?;
        let mut offset = version.end();
        let mut end = ChainEnd::new(self.index.start, None);
        while self.records.len() < self.index.offsets.len() {
            offset = self.verify_headers(offset, &mut end)?;
            self.map.release_before(offset);
        }
        self.verify_accumulator(offset)
    }

    /// Checks the next headers and records their hashes; returns the offset of the entries after them.
    fn verify_headers(&mut self, offset: usize, end: &mut ChainEnd) -> Result<usize, SourceError> {
        let file = self.map.path();
        let mut entries = Entries::new(file, self.map.bytes(), offset);
        let mut tuples = Vec::with_capacity(HEADERS_AT_A_TIME);
        for listed in self.index.offsets.iter().skip(self.records.len()).take(HEADERS_AT_A_TIME) {
            let tuple = read_tuple(&mut entries, file)?;
            check_listed(&tuple, *listed, file)?;
            tuples.push(tuple);
        }
        let next = entries.offset();
        let headers: Vec<_> = tuples.iter().map(|tuple| tuple.header).collect();
        let headers = decode_headers(&headers, file);
        for (tuple, header) in tuples.iter().zip(headers) {
            let (header, hash) = header?;
            let place = || FilePlace::block(file, tuple.header.offset, header.number);
            end.join(&header, hash, tuple.total_difficulty, place)?;
            self.records.push((hash, tuple.total_difficulty.unwrap_or_default()));
        }
        Ok(next)
    }

    /// Checks what follows the blocks: entries of other types, the accumulator, the index, the end of the
    /// file.
    fn verify_accumulator(&self, offset: usize) -> Result<(), SourceError> {
        let mut entries = Entries::new(self.map.path(), self.map.bytes(), offset);
        let mut entry = entries.next()?;
        while !is_known(entry.kind) {
            entry = entries.next()?;
        }
        let malformed = |problem: &str| SourceError::Format {
            place: FilePlace::byte(self.map.path(), entry.offset),
            problem: problem.into(),
        };
        if entry.kind != kind::ACCUMULATOR || entry.data.len() != 32 {
            return Err(malformed("the entry after the blocks is not an accumulator"));
        }
        let index = entries.expect(kind::BLOCK_INDEX, "the block index")?;
        if index.offset as usize != self.index.offset || !entries.at_end() {
            return Err(malformed(
                "the accumulator is not followed by the block index and the end of the file",
            ));
        }
        let (expected, actual) = (accumulator_root(&self.records), B256::from_slice(entry.data));
        let place = || FilePlace::byte(self.map.path(), entry.offset);
        crate::verify::compare(Checked::Accumulator, expected, actual, place)
    }
}

/// Whether the specification gives this type a meaning in an era1 file; others are skipped.
fn is_known(kind: u16) -> bool {
    matches!(kind, kind::VERSION | kind::BLOCK_INDEX)
        || (kind::COMPRESSED_HEADER..=kind::ACCUMULATOR).contains(&kind)
}

/// The entries of the next block, in their order; the hash is not known yet.
fn read_tuple<'a>(entries: &mut Entries<'a>, file: &Path) -> Result<ArchivedBlock<'a>, SourceError> {
    let header = entries.expect(kind::COMPRESSED_HEADER, "a header")?;
    let body = entries.expect(kind::COMPRESSED_BODY, "a body")?;
    let receipts = Some(entries.expect(kind::COMPRESSED_RECEIPTS, "receipts")?);
    let total = entries.expect(kind::TOTAL_DIFFICULTY, "a total difficulty")?;
    let total_difficulty = Some(total_difficulty(total, file)?);
    Ok(ArchivedBlock { header, body, receipts, total_difficulty, hash: B256::ZERO })
}

/// The index must point at the block.
fn check_listed(tuple: &ArchivedBlock<'_>, listed: usize, file: &Path) -> Result<(), SourceError> {
    if tuple.header.offset as usize == listed {
        return Ok(());
    }
    Err(SourceError::Format {
        place: FilePlace::byte(file, tuple.header.offset),
        problem: format!("a block starts here that the block index expects at byte {listed}"),
    })
}
