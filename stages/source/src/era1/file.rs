//! An era1 file that is being read.

use std::path::Path;

use alloy::consensus::Header;
use alloy::primitives::{B256, U256};
use blockmill_chain::BlockRange;
use rayon::prelude::*;

use super::accumulator::accumulator_root;
use super::entry::{Entries, Entry, kind};
use super::index::BlockIndex;
use super::snappy::{MAX_HEADER_BYTES, Unpacker, announced_bytes};
use crate::block::ReadLimit;
use crate::cursor::RawBlock;
use crate::error::{Checked, FilePlace, SourceError};
use crate::link::ChainEnd;
use crate::mapped::MappedFile;

/// Headers decoded at a time while a file is checked: enough for many cores, a few hundred KiB.
const HEADERS_AT_A_TIME: usize = 512;

/// The entries of one block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockTuple<'a> {
    pub(crate) header: Entry<'a>,
    pub(crate) body: Entry<'a>,
    pub(crate) receipts: Entry<'a>,
    /// Up to and with this block; part of what the accumulator vouched for.
    pub(crate) total_difficulty: U256,
    /// The hash that the accumulator vouched for.
    pub(crate) hash: B256,
}

impl BlockTuple<'_> {
    /// What the entries unpack to.
    fn unpacked_bytes(&self) -> usize {
        [self.header, self.body, self.receipts].iter().map(|entry| announced_bytes(entry.data)).sum()
    }
}

/// A file whose structure and accumulator hold.
pub(crate) struct Era1File {
    map: MappedFile,
    index: BlockIndex,
    /// Hash and total difficulty of every block, under the accumulator.
    records: Vec<(B256, U256)>,
    next: u64,
}

impl Era1File {
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
            let tuple = BlockTuple { hash, total_difficulty, ..read_tuple(&mut entries, self.map.path())? };
            bytes += tuple.unpacked_bytes();
            blocks.push(RawBlock::Era1(tuple));
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
        let headers: Vec<_> = tuples
            .par_iter()
            .map_init(Unpacker::default, |unpacker, tuple| decode_header(unpacker, tuple.header, file))
            .collect();
        for (tuple, header) in tuples.iter().zip(headers) {
            let (header, hash) = header?;
            let place = || FilePlace::block(file, tuple.header.offset, header.number);
            end.join(&header, hash, Some(tuple.total_difficulty), place)?;
            self.records.push((hash, tuple.total_difficulty));
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
fn read_tuple<'a>(entries: &mut Entries<'a>, file: &Path) -> Result<BlockTuple<'a>, SourceError> {
    let header = entries.expect(kind::COMPRESSED_HEADER, "a header")?;
    let body = entries.expect(kind::COMPRESSED_BODY, "a body")?;
    let receipts = entries.expect(kind::COMPRESSED_RECEIPTS, "receipts")?;
    let total = entries.expect(kind::TOTAL_DIFFICULTY, "a total difficulty")?;
    let bytes = total.data.try_into().map_err(|_| SourceError::Format {
        place: FilePlace::byte(file, total.offset),
        problem: format!("a total difficulty of {} bytes, where 32 should be", total.data.len()),
    })?;
    let total_difficulty = U256::from_le_bytes::<32>(bytes);
    Ok(BlockTuple { header, body, receipts, total_difficulty, hash: B256::ZERO })
}

/// The index must point at the block.
fn check_listed(tuple: &BlockTuple<'_>, listed: usize, file: &Path) -> Result<(), SourceError> {
    if tuple.header.offset as usize == listed {
        return Ok(());
    }
    Err(SourceError::Format {
        place: FilePlace::byte(file, tuple.header.offset),
        problem: format!("a block starts here that the block index expects at byte {listed}"),
    })
}

fn decode_header<'a>(
    unpacker: &mut Unpacker<'a>,
    entry: Entry<'a>,
    file: &Path,
) -> Result<(Header, B256), SourceError> {
    let rlp = unpacker.unpack(entry, "a header", MAX_HEADER_BYTES, file)?;
    let header = alloy_rlp::decode_exact::<Header>(&rlp);
    let header = header.map_err(|source| SourceError::Rlp {
        place: FilePlace::byte(file, entry.offset),
        what: "a header",
        source,
    })?;
    let hash = header.hash_slow();
    Ok((header, hash))
}
