//! One dataset of a unit on its way into a Parquet file.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use blockmill_schemas::Dataset;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, LogicalType, Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnDescriptor;

use crate::digest::{DigestError, TableDigest};
use crate::error::SpillError;
use crate::name::segment_file;
use crate::unit::Segment;

/// A row group of DuckDB: one group here becomes one there.
const ROW_GROUP_ROWS: usize = 122_880;

/// Values of this width and above are hashes: a dictionary of values that do not repeat only costs time.
const HASH_BYTES: i32 = 32;

/// Writes and digests the rows of one dataset.
pub(crate) struct SegmentWriter {
    dataset: Dataset,
    path: PathBuf,
    schema: SchemaRef,
    digest: TableDigest,
    /// Opened by the first row.
    parquet: Option<ArrowWriter<File>>,
}

impl SegmentWriter {
    pub(crate) fn new(folder: &Path, dataset: Dataset) -> Self {
        let schema = dataset.arrow_schema();
        let digest = TableDigest::new(dataset.name(), &schema);
        Self { dataset, path: folder.join(segment_file(dataset)), schema, digest, parquet: None }
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
            closed => closed.insert(create(&self.path, &self.schema)?),
        };
        parquet.write(batch).map_err(SpillError::parquet(&self.path))
    }

    /// Bytes that the row group under construction takes in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.parquet.as_ref().map_or(0, ArrowWriter::memory_size)
    }

    /// Ends the row group, whose memory becomes free.
    pub(crate) fn flush(&mut self) -> Result<(), SpillError> {
        match &mut self.parquet {
            Some(parquet) => parquet.flush().map_err(SpillError::parquet(&self.path)),
            None => Ok(()),
        }
    }

    /// Writes the footer and waits until the device has the file.
    pub(crate) fn finish(self) -> Result<Segment, SpillError> {
        let path = &self.path;
        let bytes = match self.parquet {
            Some(parquet) => {
                let file = parquet.into_inner().map_err(SpillError::parquet(path))?;
                file.sync_all().map_err(SpillError::io("write", path))?;
                file.metadata().map_err(SpillError::io("look at", path))?.len()
            }
            None => 0,
        };
        let (dataset, rows) = (self.dataset, self.digest.rows());
        let digest = self.digest.finish();
        Ok(Segment { dataset, file_name: segment_file(dataset), rows, bytes, digest })
    }
}

fn create(path: &Path, schema: &SchemaRef) -> Result<ArrowWriter<File>, SpillError> {
    let file = File::create_new(path).map_err(SpillError::io("create", path))?;
    let open = || ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties(schema)?));
    open().map_err(SpillError::parquet(path))
}

fn properties(schema: &SchemaRef) -> Result<WriterProperties, ParquetError> {
    let leaves = ArrowSchemaConverter::new().convert(schema)?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
    for leaf in leaves.columns().iter().filter(|leaf| is_hash_like(leaf)) {
        properties = properties.set_column_dictionary_enabled(leaf.path().clone(), false);
    }
    Ok(properties.build())
}

fn is_hash_like(leaf: &ColumnDescriptor) -> bool {
    match leaf.physical_type() {
        Type::FIXED_LEN_BYTE_ARRAY => leaf.type_length() >= HASH_BYTES,
        Type::BYTE_ARRAY => leaf.logical_type_ref() != Some(&LogicalType::String),
        _ => false,
    }
}
