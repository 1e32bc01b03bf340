//! One dataset of a unit on its way into a Parquet file.

use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use blockmill_schemas::Dataset;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::errors::ParquetError;

use crate::digest::{DigestError, TableDigest};
use crate::encoding;
use crate::error::SpillError;
use crate::hashed_file::{FileContent, HashedFile};
use crate::name::segment_file;
use crate::unit::Segment;

/// A row group ends with the batch that brings its values to this: a reader holds some thousand rows at once,
/// but never more than a group, and call data that compress well may be large. Ordinary groups are full of
/// rows before.
const GROUP_BYTES: usize = 64 << 20;

/// Writes and digests the rows of one dataset.
pub(crate) struct SegmentWriter {
    dataset: Dataset,
    path: PathBuf,
    schema: SchemaRef,
    digest: TableDigest,
    /// Opened by the first row.
    parquet: Option<ArrowWriter<HashedFile>>,
    /// Bytes of the values in the row group under construction, before they are encoded.
    group_bytes: usize,
}

impl SegmentWriter {
    pub(crate) fn new(folder: &Path, dataset: Dataset) -> Self {
        let schema = dataset.arrow_schema();
        let digest = TableDigest::new(dataset.name(), &schema);
        Self {
            dataset,
            path: folder.join(segment_file(dataset)),
            schema,
            digest,
            parquet: None,
            group_bytes: 0,
        }
    }

    /// The columns that batches must have.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Takes rows into the digest.
    pub(crate) fn digest(&mut self, batch: &RecordBatch) -> Result<(), DigestError> {
        self.digest.update(batch)
    }

    /// Takes rows into the file.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), SpillError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let parquet = match &mut self.parquet {
            Some(parquet) => parquet,
            closed => closed.insert(create(&self.path, self.dataset, &self.schema)?),
        };
        let rows_before = parquet.in_progress_rows();
        parquet.write(batch).map_err(SpillError::parquet(&self.path))?;
        let (rows, bytes) = (batch.num_rows(), batch.get_array_memory_size());
        let rows_in_group = parquet.in_progress_rows();
        if rows_in_group == rows_before + rows {
            self.group_bytes += bytes;
        } else {
            // The batch has filled a group: what is left of it begins the next one.
            self.group_bytes = bytes / rows * rows_in_group;
        }
        if self.group_bytes >= GROUP_BYTES { self.flush() } else { Ok(()) }
    }

    /// Bytes that the row group under construction takes in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.parquet.as_ref().map_or(0, ArrowWriter::memory_size)
    }

    /// Ends the row group, whose memory becomes free.
    pub(crate) fn flush(&mut self) -> Result<(), SpillError> {
        self.group_bytes = 0;
        match &mut self.parquet {
            Some(parquet) => parquet.flush().map_err(SpillError::parquet(&self.path)),
            None => Ok(()),
        }
    }

    /// Writes the footer and waits until the device has the file.
    pub(crate) fn finish(self) -> Result<Segment, SpillError> {
        let path = &self.path;
        let content = match self.parquet {
            Some(parquet) => {
                let file = parquet.into_inner().map_err(SpillError::parquet(path))?;
                file.finish().map_err(SpillError::io("write", path))?
            }
            None => FileContent::empty(),
        };
        let (dataset, rows) = (self.dataset, self.digest.rows());
        let FileContent { bytes, digest: file_digest } = content;
        let digest = self.digest.finish();
        Ok(Segment { dataset, file_name: segment_file(dataset), rows, bytes, digest, file_digest })
    }
}

fn create(path: &Path, dataset: Dataset, schema: &SchemaRef) -> Result<ArrowWriter<HashedFile>, SpillError> {
    let file = HashedFile::create(path).map_err(SpillError::io("create", path))?;
    open_parquet(file, dataset, schema).map_err(SpillError::parquet(path))
}

fn open_parquet(
    file: HashedFile,
    dataset: Dataset,
    schema: &SchemaRef,
) -> Result<ArrowWriter<HashedFile>, ParquetError> {
    // Parquet's own types say all there is to say about our columns.
    let options = ArrowWriterOptions::new()
        .with_properties(encoding::properties(dataset, schema)?)
        .with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(file, SchemaRef::clone(schema), options)
}
