//! The block index at the end of an era1 file.

use std::path::Path;

use blockmill_chain::BlockRange;

use crate::e2store::MAX_BLOCKS;
use crate::e2store::entry::{ENTRY_HEADER_BYTES, Entries, kind};
use crate::error::{FilePlace, SourceError};

/// The blocks that a file holds, with their offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlockIndex {
    /// The number of the first block.
    pub(super) start: u64,
    /// Where each block's first entry starts; never empty.
    pub(super) offsets: Vec<usize>,
    /// Where the index entry itself starts.
    pub(super) offset: usize,
}

/// Bytes of one number in the index.
const NUMBER_BYTES: usize = 8;

impl BlockIndex {
    /// Whether such an index ends the file.
    pub(super) fn is_at_end_of(file: &Path, bytes: &[u8]) -> bool {
        let at_end = |(offset, _): (usize, usize)| {
            Entries::new(file, bytes, offset).expect(kind::BLOCK_INDEX, "an index")
        };
        locate(file, bytes).and_then(at_end).is_ok()
    }

    /// Reads the index, which ends the file: starting number, offsets relative to the index entry, count.
    pub(super) fn read(file: &Path, bytes: &[u8]) -> Result<Self, SourceError> {
        let (offset, count) = locate(file, bytes)?;
        let entry = Entries::new(file, bytes, offset).expect(kind::BLOCK_INDEX, "the block index")?;
        let (numbers, rest) = entry.data.as_chunks::<NUMBER_BYTES>();
        let malformed =
            |problem: String| SourceError::Format { place: FilePlace::byte(file, entry.offset), problem };
        let [start, relative @ .., _count] = numbers else {
            return Err(malformed("the block index is too short".into()));
        };
        if !rest.is_empty() || relative.len() != count {
            return Err(malformed(format!(
                "the block index has {} offsets for {count} blocks",
                relative.len()
            )));
        }
        let start = u64::from_le_bytes(*start);
        if start.checked_add(count as u64).is_none() {
            return Err(malformed(format!("the block index starts at block {start}")));
        }
        let absolute =
            |bytes: &[u8; NUMBER_BYTES]| offset.checked_add_signed(i64::from_le_bytes(*bytes) as isize);
        let offsets: Option<Vec<usize>> = relative.iter().map(absolute).collect();
        let offsets =
            offsets.ok_or_else(|| malformed("an offset in the block index points out of the file".into()))?;
        Ok(Self { start, offsets, offset })
    }

    /// The blocks of the file.
    pub(super) fn range(&self) -> BlockRange {
        BlockRange::new(self.start, self.start + self.offsets.len() as u64)
    }

    /// Where a block starts.
    pub(super) fn offset_of(&self, number: u64) -> Option<usize> {
        let position = usize::try_from(number.checked_sub(self.start)?).ok()?;
        self.offsets.get(position).copied()
    }
}

/// Where the index entry starts and how many blocks it lists, from the count in the file's last bytes.
fn locate(file: &Path, bytes: &[u8]) -> Result<(usize, usize), SourceError> {
    let malformed =
        |problem: String| SourceError::Format { place: FilePlace::byte(file, bytes.len() as u64), problem };
    let Some(count) = bytes.last_chunk().map(|count| u64::from_le_bytes(*count)) else {
        return Err(malformed("the file is too short for a block index".into()));
    };
    if !(1..=MAX_BLOCKS as u64).contains(&count) {
        let problem = format!(
            "the file does not end with a block index: {count} blocks, where 1 to {MAX_BLOCKS} can be"
        );
        return Err(malformed(problem));
    }
    let count = count as usize;
    // The starting number, the offsets, the count.
    let length = ENTRY_HEADER_BYTES + (count + 2) * NUMBER_BYTES;
    let offset = bytes.len().checked_sub(length);
    offset
        .map(|offset| (offset, count))
        .ok_or_else(|| malformed("the file is shorter than its block index".into()))
}
