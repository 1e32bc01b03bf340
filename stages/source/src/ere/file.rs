//! An ere file that is being read.

use std::path::Path;

use alloy::consensus::Header;
use alloy::primitives::{B256, U256};
use blockmill_chain::BlockRange;

use super::index::{Component, Index};
use super::name::{ShortHash, short_hash};
use crate::block::ReadLimit;
use crate::cursor::RawBlock;
use crate::e2store::entry::{Entries, Entry, kind};
use crate::e2store::{
    ArchivedBlock, HEADERS_AT_A_TIME, MAX_HEADER_BYTES, Unpacker, accumulator_root, decode_headers,
    total_difficulty,
};
use crate::error::{Checked, FilePlace, SourceError};
use crate::link::ChainEnd;
use crate::mapped::MappedFile;

/// A file whose structure and headers hold.
pub(crate) struct EreFile {
    columns: Columns,
    /// Hash of every block, and its total difficulty where an accumulator vouches for it.
    records: Vec<(B256, Option<U256>)>,
    next: u64,
}

/// Headers, bodies and receipts have a mapping each: every one is read from front to back, so that the system reads ahead in
/// each and what was read is given back.
struct Columns {
    index: Index,
    headers: MappedFile,
    bodies: MappedFile,
    receipts: MappedFile,
}

/// What an ere file says it holds, by its index and its last header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EreSummary {
    /// The blocks.
    pub range: BlockRange,
    /// The hash of the last block.
    pub last_hash: B256,
    /// Whether there are receipts.
    pub has_receipts: bool,
    /// Whether there are proofs, which nothing checks.
    pub has_proofs: bool,
}

impl EreSummary {
    /// Reads the index and the last header.
    ///
    /// # Errors
    /// A file that cannot be read, or is no ere file.
    pub fn read(path: &Path) -> Result<Self, SourceError> {
        let columns = Columns::open(path)?;
        let index = &columns.index;
        let last = columns.header(index.count - 1)?;
        let (_, last_hash) = decode_headers(&[last], path).remove(0)?;
        Ok(Self {
            range: index.range(),
            last_hash,
            has_receipts: index.has(Component::Receipts),
            has_proofs: index.has(Component::Proof),
        })
    }

    /// The beginning of another last block's hash in the name, where it is named in that way.
    pub(crate) fn other_hash_in_name(&self, path: &Path) -> Option<ShortHash> {
        short_hash(path).filter(|named| !self.last_hash.starts_with(named.as_slice()))
    }
}

impl EreFile {
    /// Whether the file ends with the index of an ere file.
    pub(crate) fn is_one(path: &Path) -> Result<bool, SourceError> {
        Ok(Index::is_at_end_of(path, MappedFile::open(path)?.bytes()))
    }

    /// The RLP of the first headers, at most `count`, with their offsets. Nothing is checked.
    pub(crate) fn first_headers(path: &Path, count: usize) -> Result<Vec<(u64, Vec<u8>)>, SourceError> {
        let columns = Columns::open(path)?;
        let header = |position| {
            let entry = columns.header(position)?;
            let rlp = Unpacker::default().unpack(entry, "a header", MAX_HEADER_BYTES, path)?;
            Ok((entry.offset, rlp))
        };
        (0..columns.index.count.min(count)).map(header).collect()
    }

    /// Maps a file, checks its structure, its headers and its accumulator, and goes to a block.
    pub(crate) fn open(path: &Path, number: u64) -> Result<Self, SourceError> {
        let mut file = Self { columns: Columns::open(path)?, records: Vec::new(), next: number };
        file.verify()?;
        Ok(file)
    }

    /// The next blocks, until `limit` is reached; none at the end of the file.
    pub(crate) fn take(&mut self, limit: ReadLimit) -> Result<Vec<RawBlock<'_>>, SourceError> {
        let Some(start) = self.columns.index.position(self.next) else { return Ok(Vec::new()) };
        self.columns.release_before(start)?;
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        for (position, record) in self.records.iter().enumerate().skip(start) {
            if !limit.admits(blocks.len(), bytes) {
                break;
            }
            let (hash, total_difficulty) = *record;
            let block = ArchivedBlock { hash, total_difficulty, ..self.columns.block(position)? };
            bytes += block.unpacked_bytes();
            blocks.push(RawBlock::Archived(block));
            self.next += 1;
        }
        Ok(blocks)
    }

    fn verify(&mut self) -> Result<(), SourceError> {
        let map = &self.columns.headers;
        Entries::new(map.path(), map.bytes(), 0).expect(kind::VERSION, "the version")?;
        let mut end = ChainEnd::new(self.columns.index.start, None);
        let mut before_merge = Vec::new();
        while self.records.len() < self.columns.index.count {
            self.verify_headers(&mut end, &mut before_merge)?;
            let last = self.columns.header(self.records.len() - 1)?.offset;
            self.columns.headers.release_before(last as usize);
        }
        if !self.columns.verify_end(&before_merge)? {
            // Nothing vouches for them.
            self.records.iter_mut().for_each(|(_, total_difficulty)| *total_difficulty = None);
        }
        Ok(())
    }

    /// Checks the next headers and records their hashes; those from before the merge with their total difficulty too.
    fn verify_headers(
        &mut self,
        end: &mut ChainEnd,
        before_merge: &mut Vec<(B256, U256)>,
    ) -> Result<(), SourceError> {
        let (columns, file) = (&self.columns, self.columns.headers.path());
        let first = self.records.len();
        let positions = first..columns.index.count.min(first + HEADERS_AT_A_TIME);
        let entries: Vec<_> =
            positions.clone().map(|position| columns.header(position)).collect::<Result<_, _>>()?;
        let headers = decode_headers(&entries, file);
        for ((position, entry), header) in positions.zip(&entries).zip(headers) {
            let (header, hash) = header?;
            let total = columns.entry(&columns.headers, position, Component::TotalDifficulty)?;
            let total = total.map(|entry| total_difficulty(entry, file)).transpose()?;
            let place = || FilePlace::block(file, entry.offset, header.number);
            end.join(&header, hash, total, place)?;
            if is_before_merge(&header) && before_merge.len() == position {
                before_merge.push((hash, total.unwrap_or_default()));
            }
            self.records.push((hash, total));
        }
        Ok(())
    }
}

impl Columns {
    fn open(path: &Path) -> Result<Self, SourceError> {
        let headers = MappedFile::open(path)?;
        let index = Index::read(path, headers.bytes())?;
        Ok(Self { index, headers, bodies: MappedFile::open(path)?, receipts: MappedFile::open(path)? })
    }

    /// The entries of a block; what the headers of the file say of it is not filled in.
    fn block(&self, position: usize) -> Result<ArchivedBlock<'_>, SourceError> {
        let body = self.entry(&self.bodies, position, Component::Body)?;
        Ok(ArchivedBlock {
            header: self.header(position)?,
            body: body.ok_or_else(|| self.malformed(self.index.offset, "the block index has no bodies"))?,
            receipts: self.entry(&self.receipts, position, Component::Receipts)?,
            total_difficulty: None,
            hash: B256::ZERO,
        })
    }

    fn header(&self, position: usize) -> Result<Entry<'_>, SourceError> {
        let header = self.entry(&self.headers, position, Component::Header)?;
        header.ok_or_else(|| self.malformed(self.index.offset, "the block index has no headers"))
    }

    /// A component of a block, where the file has it, in one of the mappings.
    fn entry<'a>(
        &self,
        map: &'a MappedFile,
        position: usize,
        component: Component,
    ) -> Result<Option<Entry<'a>>, SourceError> {
        self.index.entry(map.path(), map.bytes(), position, component)
    }

    /// Gives back what lies before the entries of a block.
    fn release_before(&mut self, position: usize) -> Result<(), SourceError> {
        let maps = [
            (&mut self.headers, Component::Header),
            (&mut self.bodies, Component::Body),
            (&mut self.receipts, Component::Receipts),
        ];
        for (map, component) in maps {
            let entry = self.index.entry(map.path(), map.bytes(), position, component)?;
            if let Some(offset) = entry.map(|entry| entry.offset) {
                map.release_before(offset as usize);
            }
        }
        Ok(())
    }

    /// Checks what follows the last entries of blocks: entries of other types, the accumulator, if there is one, the index.
    /// Returns whether an accumulator vouches for the total difficulties.
    fn verify_end(&self, before_merge: &[(B256, U256)]) -> Result<bool, SourceError> {
        let (map, last) = (&self.headers, self.index.count - 1);
        let mut after = 0;
        for component in Component::ALL {
            after = after.max(self.entry(map, last, component)?.map_or(0, |entry| entry.end()));
        }
        let mut entries = Entries::new(map.path(), map.bytes(), after);
        let mut accumulator = None;
        while entries.offset() < self.index.offset {
            let entry = entries.next()?;
            match (accumulator, entry.kind) {
                (None, kind::ACCUMULATOR) if entry.data.len() == 32 => accumulator = Some(entry),
                (Some(_), _) | (None, kind::ACCUMULATOR | kind::VERSION | kind::BLOCK_INDEX) => {
                    return Err(self.malformed(
                        entry.offset as usize,
                        "after the blocks, other entries can be here, one accumulator, and the block index",
                    ));
                }
                (None, _) => {}
            }
        }
        if entries.offset() != self.index.offset {
            return Err(self.malformed(self.index.offset, "the last entry reaches into the block index"));
        }
        let Some(entry) = accumulator else { return Ok(false) };
        let (expected, actual) = (accumulator_root(before_merge), B256::from_slice(entry.data));
        let place = || FilePlace::byte(map.path(), entry.offset);
        crate::verify::compare(Checked::Accumulator, expected, actual, place)?;
        Ok(true)
    }

    fn malformed(&self, at: usize, problem: &str) -> SourceError {
        let place = FilePlace::byte(self.headers.path(), at as u64);
        SourceError::Format { place, problem: problem.into() }
    }
}

/// Proof of work has a difficulty, what came after it has none (EIP-3675).
fn is_before_merge(header: &Header) -> bool {
    !header.difficulty.is_zero()
}
