//! RLP exports: what geth's `export` writes, the RLP of block after block with nothing between, from block 0 or 1 or
//! any later one; plain or gzipped.
//!
//! There is no index in such a file. Opening walks over it once: for a plain file only list headers and block numbers
//! are touched, and every [`INDEX_STRIDE`]-th offset is kept; a gzipped file is unpacked once to find its range and
//! again to read it, because a gzip stream cannot be entered in the middle.

mod gzip;
mod item;
mod plain;

pub(crate) use gzip::{GzipExport, GzipRun};
pub(crate) use item::{header_of, number_and_time};
pub(crate) use plain::{PlainExport, RlpIndex};

use std::path::Path;

use crate::error::{FilePlace, SourceError};

/// How many blocks lie between two offsets that are kept: eight bytes of memory for this many blocks.
const INDEX_STRIDE: u64 = 1_024;

/// The largest block that is read. EIP-7934 allows 8 MiB from Osaka on; before it only the gas limit bounds a block, and those of
/// public chains have a few.
const MAX_BLOCK_BYTES: u64 = 64 << 20;

/// The runs of consecutive blocks in a file, in their order there: one, where it was not put together out of several.
pub(crate) struct Walked<R> {
    /// The runs; at least one.
    pub(crate) runs: Vec<R>,
    /// What follows the last run and is no block that can be read.
    pub(crate) problem: Option<SourceError>,
}

impl<R> Walked<R> {
    /// A file without any block that can be read is no export.
    fn new(runs: Vec<R>, problem: Option<SourceError>, file: &Path) -> Result<Self, SourceError> {
        match problem {
            Some(problem) if runs.is_empty() || matches!(problem, SourceError::Io { .. }) => Err(problem),
            None if runs.is_empty() => Err(SourceError::Format {
                place: FilePlace::file(file),
                problem: "the export holds no block".into(),
            }),
            problem => Ok(Self { runs, problem }),
        }
    }
}

/// Whether a block begins a new run: its number does not follow the last one, `end` being what would, but comes before it, as in
/// exports that were appended to each other.
///
/// # Errors
/// Blocks are missing before it.
fn begins_run(end: Option<u64>, number: u64, offset: u64, file: &Path) -> Result<bool, SourceError> {
    let expected = end.unwrap_or(number);
    if number > expected || number == u64::MAX {
        let place = FilePlace::block(file, offset, number);
        return Err(SourceError::BlockNumber { place, expected, actual: number });
    }
    Ok(end.is_none() || number < expected)
}
