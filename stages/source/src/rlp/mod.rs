//! RLP exports: what geth's `export` writes, the RLP of block after block with nothing between, from block 0 or 1 or
//! any later one; plain or gzipped.
//!
//! There is no index in such a file. Opening walks over it once: for a plain file only list headers and block numbers
//! are touched, and every [`INDEX_STRIDE`]-th offset is kept; a gzipped file is unpacked once to find its range and
//! again to read it, because a gzip stream cannot be entered in the middle.

mod gzip;
mod item;
mod plain;

pub(crate) use gzip::GzipExport;
pub(crate) use item::number_and_time;
pub(crate) use plain::{PlainExport, RlpIndex};

use blockmill_chain::BlockRange;

use crate::error::{Place, SourceError};
use std::path::Path;

/// How many blocks lie between two offsets that are kept: eight bytes of memory for this many blocks.
const INDEX_STRIDE: u64 = 1_024;

/// No block is larger: EIP-7934 allows 10 MiB, and before it the gas limit allowed a few.
const MAX_BLOCK_BYTES: u64 = 64 << 20;

/// The range of a file's blocks, found while walking over it.
#[derive(Debug, Clone, Copy, Default)]
struct WalkedRange(Option<BlockRange>);

impl WalkedRange {
    /// One block more, which must be the next.
    fn add(&mut self, number: u64, offset: u64, file: &Path) -> Result<(), SourceError> {
        let expected = self.0.map_or(number, |range| range.end);
        if number != expected || number == u64::MAX {
            let place = Place::block(file, offset, number);
            return Err(SourceError::BlockNumber { place, expected, actual: number });
        }
        let start = self.0.map_or(number, |range| range.start);
        self.0 = Some(BlockRange::new(start, number + 1));
        Ok(())
    }

    /// The range; a file without blocks is not an export.
    fn finish(self, file: &Path) -> Result<BlockRange, SourceError> {
        self.0.ok_or_else(|| SourceError::Format {
            place: Place::file(file),
            problem: "the export holds no block".into(),
        })
    }
}
