//! The headers of chain files by themselves: which genesis a chain begins with, and whether two files hold the same blocks.
//! Nothing is checked here that reading checks.

use alloy::primitives::{B256, keccak256};
use alloy_rlp::Decodable;
use blockmill_chain::BlockRange;

use crate::block::ReadLimit;
use crate::cursor::{Cursor, RawBlock};
use crate::era1::Era1File;
use crate::ere::EreFile;
use crate::error::{FilePlace, SourceError};
use crate::kind::FileKind;
use crate::rlp::header_of;
use crate::source::SourceFile;

/// Blocks compared at a time, and bytes of them.
const AT_A_TIME: ReadLimit = ReadLimit { blocks: 1_024, bytes: 4 << 20 };

/// The hash of the genesis that a chain file begins with, and the block that says so; `None` where the file begins later, or
/// its first two blocks do not fit together.
pub(crate) fn genesis_of(file: &SourceFile) -> Option<(B256, Box<FilePlace>)> {
    let first = file.summary.first;
    let headers = first_headers(file).ok()?;
    let (offset, header) = headers.first()?;
    let (hash, parent) = (keccak256(header), parent_of(header)?);
    if headers.get(1).is_some_and(|(_, second)| parent_of(second) != Some(hash)) {
        return None;
    }
    let place = FilePlace::block(&file.summary.path, *offset, first);
    match first {
        0 => Some((hash, place)),
        1 => Some((parent, place)),
        _ => None,
    }
}

/// The RLP of the first two headers, with their offsets.
fn first_headers(file: &SourceFile) -> Result<Vec<(u64, Vec<u8>)>, SourceError> {
    const TWO: ReadLimit = ReadLimit { blocks: 2, bytes: usize::MAX };
    match file.summary.kind {
        FileKind::Era1 => return Era1File::first_headers(&file.summary.path, TWO.blocks),
        FileKind::Ere => return EreFile::first_headers(&file.summary.path, TWO.blocks),
        _ => {}
    }
    let Some(mut cursor) = Cursor::open(file, file.summary.first)? else { return Ok(Vec::new()) };
    let header = |raw: &RawBlock<'_>| match raw {
        RawBlock::Rlp { offset, block } => Some((*offset, header_of(block)?.to_vec())),
        RawBlock::Archived(_) => None,
    };
    Ok(cursor.take(TWO)?.iter().map_while(header).collect())
}

/// The first field of a header.
fn parent_of(header: &[u8]) -> Option<B256> {
    let mut rest = header;
    let mut fields = alloy_rlp::Header::decode_bytes(&mut rest, true).ok()?;
    B256::decode(&mut fields).ok()
}

/// That two files, which both hold the blocks of `range`, hold the same ones: a header commits to its whole block.
///
/// # Errors
/// The first block that differs; files that cannot be read.
pub(crate) fn compare(one: &SourceFile, other: &SourceFile, range: BlockRange) -> Result<(), SourceError> {
    let (mut ones, mut others) = (Hashes::open(one, range)?, Hashes::open(other, range)?);
    for number in range.numbers() {
        let (Some(first), Some(second)) = (ones.next()?, others.next()?) else { break };
        if first.hash != second.hash {
            return Err(SourceError::DifferentBlocks {
                block: number,
                first: FilePlace::block(&one.summary.path, first.offset, number),
                first_hash: first.hash,
                second: FilePlace::block(&other.summary.path, second.offset, number),
                second_hash: second.hash,
            });
        }
    }
    Ok(())
}

/// A block of a file.
struct Hashed {
    offset: u64,
    hash: B256,
}

/// The hashes of blocks of a file, in order.
struct Hashes {
    cursor: Option<Cursor>,
    /// Blocks of the range that are not read yet.
    left: u64,
    /// The next ones, last first.
    ready: Vec<Hashed>,
}

impl Hashes {
    fn open(file: &SourceFile, range: BlockRange) -> Result<Self, SourceError> {
        Ok(Self { cursor: Cursor::open(file, range.start)?, left: range.len(), ready: Vec::new() })
    }

    /// The next block; `None` at the end of the range.
    fn next(&mut self) -> Result<Option<Hashed>, SourceError> {
        if let (true, 1.., Some(cursor)) = (self.ready.is_empty(), self.left, &mut self.cursor) {
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            let limit = ReadLimit { blocks: AT_A_TIME.blocks.min(left), ..AT_A_TIME };
            self.ready = cursor.take(limit)?.iter().rev().map(hashed).collect();
            self.left -= self.ready.len() as u64;
        }
        Ok(self.ready.pop())
    }
}

fn hashed(raw: &RawBlock<'_>) -> Hashed {
    match raw {
        RawBlock::Archived(block) => Hashed { offset: block.header.offset, hash: block.hash },
        // What is no block differs from every block.
        RawBlock::Rlp { offset, block } => {
            Hashed { offset: *offset, hash: keccak256(header_of(block).unwrap_or_default()) }
        }
    }
}
