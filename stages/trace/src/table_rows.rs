//! The rows of the chosen datasets, on their way out.

use std::fmt;

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use blockmill_schemas::Dataset;
use blockmill_schemas::rows::RowBatch;

use crate::extractors::{self, Table};
use crate::trace::TracedBlock;

/// What to take out of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceOptions {
    /// The tables to fill.
    pub datasets: Vec<Dataset>,
    /// Whether `traces` has the precompile calls that parity's `trace_block` leaves out: those below the root frame
    /// with value zero.
    pub precompiles: bool,
}

/// Rows of whole blocks, one batch per chosen dataset; memory is the caller's to bound with [`bytes`](Self::bytes) and
/// [`drain`](Self::drain).
pub struct TableRows {
    tables: Vec<Box<dyn Table>>,
    precompiles: bool,
}

impl TableRows {
    /// Empty batches for the chosen datasets.
    pub fn new(options: &TraceOptions) -> Self {
        let mut datasets = options.datasets.clone();
        datasets.sort_unstable();
        datasets.dedup();
        let tables = datasets.into_iter().map(extractors::table).collect();
        Self { tables, precompiles: options.precompiles }
    }

    /// Bytes of the values that wait.
    pub fn bytes(&self) -> usize {
        self.batches().map(RowBatch::bytes).sum()
    }

    /// Rows that wait, of all datasets together.
    pub fn rows(&self) -> usize {
        self.batches().map(RowBatch::rows).sum()
    }

    /// Hands out the rows that wait, a batch per dataset that has any, and leaves none.
    pub fn drain<E: From<ArrowError>>(
        &mut self,
        mut sink: impl FnMut(Dataset, RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        for table in &mut self.tables {
            let batch = table.batch_mut();
            if batch.rows() > 0 {
                sink(batch.dataset(), batch.finish()?)?;
            }
        }
        Ok(())
    }

    /// Whether a chosen dataset is made from call frames.
    pub(crate) fn needs_frames(&self) -> bool {
        self.batches().any(|batch| extractors::needs_frames(batch.dataset()))
    }

    pub(crate) fn keeps_precompiles(&self) -> bool {
        self.precompiles
    }

    pub(crate) fn extract(&mut self, block: &TracedBlock<'_>) {
        for table in &mut self.tables {
            table.extract(block);
        }
    }

    fn batches(&self) -> impl Iterator<Item = &dyn RowBatch> {
        self.tables.iter().map(|table| table.batch())
    }
}

impl fmt::Debug for TableRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let datasets: Vec<_> = self.batches().map(|batch| (batch.dataset().name(), batch.rows())).collect();
        f.debug_struct("TableRows").field("rows", &datasets).field("precompiles", &self.precompiles).finish()
    }
}
