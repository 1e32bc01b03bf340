//! The sink that rows are written to.

use std::error::Error;

use arrow::record_batch::RecordBatch;
use blockmill_schemas::Dataset;

/// Why a sink does not take rows; its own words are the message.
pub type SinkError = Box<dyn Error + Send + Sync>;

/// Takes batches of rows while blocks are traced: those of one dataset in chain order, whenever their builder is full.
pub trait RowSink {
    /// Takes the next rows of a dataset; there is at least one.
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError>;
}

/// Keeps everything: for few rows.
impl RowSink for Vec<(Dataset, RecordBatch)> {
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        self.push((dataset, batch));
        Ok(())
    }
}
