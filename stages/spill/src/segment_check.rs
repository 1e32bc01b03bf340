//! Reads a segment again and compares what it holds with the manifest.

use std::fs::File;
use std::path::Path;

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;

use crate::digest::TableDigest;
use crate::error::SpillError;
use crate::hashed_file::FileContent;
use crate::unit::Segment;

/// Reads every byte of a segment, and then, if they are those that were written, every row. The rows' digest includes
/// their number.
pub(crate) fn check(folder: &Path, segment: &Segment, range: BlockRange) -> Result<(), SpillError> {
    check_bytes(folder, segment)?;
    let path = folder.join(&segment.file_name);
    require_equal(&path, "rows", segment.digest, digest_of(&path, segment, range)?)
}

/// Reads every byte of a segment.
pub(crate) fn check_bytes(folder: &Path, segment: &Segment) -> Result<(), SpillError> {
    if segment.rows == 0 {
        return Ok(());
    }
    let path = folder.join(&segment.file_name);
    let content = FileContent::read(&path).map_err(SpillError::io("read", &path))?;
    require_equal(&path, "bytes", segment.file_digest, content.digest)
}

fn require_equal(
    path: &Path,
    what: &'static str,
    expected: [u8; 32],
    found: [u8; 32],
) -> Result<(), SpillError> {
    if found == expected {
        return Ok(());
    }
    let hex = |digest| blake3::Hash::from_bytes(digest).to_hex().to_string();
    Err(SpillError::SegmentDigest {
        path: path.to_path_buf(),
        what,
        expected: hex(expected),
        found: hex(found),
    })
}

fn digest_of(path: &Path, segment: &Segment, range: BlockRange) -> Result<[u8; 32], SpillError> {
    match segment.rows {
        0 => Ok(TableDigest::NONE),
        _ => digest_file(path, segment.dataset, range),
    }
}

/// The digest of the rows of a Parquet file, by any writer: that of a segment with the same rows.
pub fn digest_file(path: &Path, dataset: Dataset, range: BlockRange) -> Result<[u8; 32], SpillError> {
    let mut digest = TableDigest::new(dataset.name(), &dataset.arrow_schema());
    let file = File::open(path).map_err(SpillError::io("open", path))?;
    for batch in open_parquet(file).map_err(SpillError::parquet(path))? {
        let batch = batch.map_err(|e| SpillError::parquet(path)(ParquetError::from(e)))?;
        digest.update(&batch).map_err(|source| SpillError::Digest { range, source })?;
    }
    Ok(digest.finish())
}

/// Segments carry no Arrow schema: one in a file is ignored.
fn open_parquet(file: File) -> Result<ParquetRecordBatchReader, ParquetError> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?.build()
}
