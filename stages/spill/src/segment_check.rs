//! Reads a segment again and compares what it holds with the manifest.

use std::fs::File;
use std::path::Path;

use blockmill_chain::BlockRange;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::digest::TableDigest;
use crate::error::SpillError;
use crate::unit::Segment;

/// Reads every row of a segment. The digest includes the number of rows.
pub(crate) fn check(folder: &Path, segment: &Segment, range: BlockRange) -> Result<(), SpillError> {
    let digest = digest_of(folder, segment, range)?;
    if digest == segment.digest {
        return Ok(());
    }
    let hex = |digest: [u8; 32]| blake3::Hash::from_bytes(digest).to_hex().to_string();
    Err(SpillError::SegmentDigest {
        path: folder.join(&segment.file_name),
        expected: hex(segment.digest),
        found: hex(digest),
    })
}

fn digest_of(folder: &Path, segment: &Segment, range: BlockRange) -> Result<[u8; 32], SpillError> {
    let mut digest = TableDigest::new(segment.dataset.name(), &segment.dataset.arrow_schema());
    if segment.rows == 0 {
        return Ok(digest.finish());
    }
    let path = folder.join(&segment.file_name);
    let file = File::open(&path).map_err(SpillError::io("open", &path))?;
    let rows = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|reader| reader.build());
    for batch in rows.map_err(SpillError::parquet(&path))? {
        let batch = batch.map_err(|e| SpillError::parquet(&path)(ParquetError::from(e)))?;
        digest.update(&batch).map_err(|source| SpillError::Digest { range, source })?;
    }
    Ok(digest.finish())
}
