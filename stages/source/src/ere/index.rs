//! The index at the end of an ere file.

use std::path::Path;

use blockmill_chain::BlockRange;

use crate::e2store::MAX_BLOCKS;
use crate::e2store::entry::{ENTRY_HEADER_BYTES, Entries, Entry, kind};
use crate::error::{FilePlace, SourceError};

/// What a file has of each of its blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Component {
    Header,
    Body,
    Receipts,
    TotalDifficulty,
    Proof,
}

impl Component {
    pub(super) const ALL: [Self; 5] =
        [Self::Header, Self::Body, Self::Receipts, Self::TotalDifficulty, Self::Proof];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Header => "a header",
            Self::Body => "a body",
            Self::Receipts => "receipts",
            Self::TotalDifficulty => "a total difficulty",
            Self::Proof => "a proof",
        }
    }

    /// The type of its entries.
    pub(super) fn kind(self) -> u16 {
        match self {
            Self::Header => kind::COMPRESSED_HEADER,
            Self::Body => kind::COMPRESSED_BODY,
            Self::Receipts => kind::COMPRESSED_SLIM_RECEIPTS,
            Self::TotalDifficulty => kind::TOTAL_DIFFICULTY,
            Self::Proof => kind::PROOF,
        }
    }
}

/// The blocks of a file, and the way to their components. Offsets stay in the file until they are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Index {
    /// The number of the first block.
    pub(super) start: u64,
    /// How many blocks there are; at least one.
    pub(super) count: usize,
    /// Where the index entry itself starts.
    pub(super) offset: usize,
    /// In the order of the offsets of a block.
    components: Vec<Component>,
}

/// Bytes of one number in the index.
const NUMBER_BYTES: usize = 8;

impl Index {
    /// Whether such an index ends the file.
    pub(super) fn is_at_end_of(file: &Path, bytes: &[u8]) -> bool {
        let at_end = |(offset, ..): (usize, usize, usize)| {
            Entries::new(file, bytes, offset).expect(kind::DYNAMIC_BLOCK_INDEX, "an index")
        };
        locate(file, bytes).and_then(at_end).is_ok()
    }

    /// Reads what the index is about, and of the offsets those of the first block.
    pub(super) fn read(file: &Path, bytes: &[u8]) -> Result<Self, SourceError> {
        let (offset, components, count) = locate(file, bytes)?;
        let entry = Entries::new(file, bytes, offset).expect(kind::DYNAMIC_BLOCK_INDEX, "the block index");
        let entry = entry.ok().filter(|entry| entry.end() == bytes.len()).ok_or_else(|| {
            let problem = format!(
                "the file does not end with a block index: one of {count} blocks with {components} components would \
                 start here"
            );
            malformed(file, offset, problem)
        })?;
        let start = entry.data.first_chunk().map_or(u64::MAX, |start| u64::from_le_bytes(*start));
        if start.checked_add(count as u64).is_none() {
            return Err(malformed(file, offset, format!("the block index starts at block {start}")));
        }
        let mut index = Self { start, count, offset, components: Vec::new() };
        for column in 0..components {
            let at = index.offset_at(file, bytes, column)?;
            let found = Entries::new(file, bytes, at).next()?;
            let component = Component::ALL.into_iter().find(|component| component.kind() == found.kind);
            match component {
                Some(component) if !index.components.contains(&component) => index.components.push(component),
                Some(_) => {
                    let problem = format!(
                        "two components of the block index lead to entries of type {:#06x}",
                        found.kind
                    );
                    return Err(malformed(file, at, problem));
                }
                None => {
                    let problem = format!(
                        "the block index leads here, to an entry of type {:#06x}, which is no part of a block",
                        found.kind
                    );
                    return Err(malformed(file, at, problem));
                }
            }
        }
        for needed in [Component::Header, Component::Body] {
            if !index.has(needed) {
                let problem = format!("the block index leads to no entry that is {}", needed.name());
                return Err(malformed(file, offset, problem));
            }
        }
        Ok(index)
    }

    /// The blocks of the file.
    pub(super) fn range(&self) -> BlockRange {
        BlockRange::new(self.start, self.start + self.count as u64)
    }

    /// The place of a block among those of the file.
    pub(super) fn position(&self, number: u64) -> Option<usize> {
        let position = usize::try_from(number.checked_sub(self.start)?).ok()?;
        (position < self.count).then_some(position)
    }

    pub(super) fn has(&self, component: Component) -> bool {
        self.components.contains(&component)
    }

    /// A component of a block, where the file has it; `bytes` are those of the file.
    pub(super) fn entry<'a>(
        &self,
        file: &'a Path,
        bytes: &'a [u8],
        position: usize,
        component: Component,
    ) -> Result<Option<Entry<'a>>, SourceError> {
        let Some(column) = self.components.iter().position(|one| *one == component) else { return Ok(None) };
        let at = self.offset_at(file, bytes, position * self.components.len() + column)?;
        Entries::new(file, bytes, at).expect(component.kind(), component.name()).map(Some)
    }

    /// Where the `number`-th offset leads; none leads into the index.
    fn offset_at(&self, file: &Path, bytes: &[u8], number: usize) -> Result<usize, SourceError> {
        let at = self.offset + ENTRY_HEADER_BYTES + (1 + number) * NUMBER_BYTES;
        let relative =
            bytes.get(at..).and_then(|rest| rest.first_chunk()).map(|bytes| i64::from_le_bytes(*bytes));
        let target =
            relative.and_then(|relative| self.offset.checked_add_signed(isize::try_from(relative).ok()?));
        let target = target.filter(|target| *target < self.offset);
        target.ok_or_else(|| malformed(file, at, "an offset in the block index leads out of the file".into()))
    }
}

/// Where the index entry starts, and how many components and blocks it lists, by the last two numbers of the file.
fn locate(file: &Path, bytes: &[u8]) -> Result<(usize, usize, usize), SourceError> {
    let end = bytes.len();
    let number = |from_end: usize| {
        let at = end.checked_sub(from_end * NUMBER_BYTES)?;
        bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
    };
    let (Some(components), Some(count)) = (number(2), number(1)) else {
        return Err(malformed(file, end, "the file is too short for a block index".into()));
    };
    if !(1..=MAX_BLOCKS as u64).contains(&count) || !(2..=Component::ALL.len() as u64).contains(&components) {
        let problem = format!(
            "the file does not end with a block index: {count} blocks with {components} components, where 1 to \
             {MAX_BLOCKS} with 2 to {} can be",
            Component::ALL.len()
        );
        return Err(malformed(file, end, problem));
    }
    let (components, count) = (components as usize, count as usize);
    // The starting number, the offsets, the numbers of components and of blocks.
    let length = ENTRY_HEADER_BYTES + (count * components + 3) * NUMBER_BYTES;
    let offset = end.checked_sub(length);
    let offset =
        offset.ok_or_else(|| malformed(file, end, "the file is shorter than its block index".into()))?;
    Ok((offset, components, count))
}

fn malformed(file: &Path, at: usize, problem: String) -> SourceError {
    SourceError::Format { place: FilePlace::byte(file, at as u64), problem }
}
