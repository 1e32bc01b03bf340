//! The rows of the chosen datasets, on their way out.

use std::fmt;

use blockmill_schemas::Dataset;
use blockmill_schemas::rows::RowBatch;

use crate::extractors::{self, Table};
use crate::sink::{RowSink, SinkError};
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

/// Rows on their way to a sink, one builder per chosen dataset. What the builders hold is bounded: the fullest is
/// emptied into the sink when they are full.
pub struct TableRows {
    tables: Vec<Box<dyn Table>>,
    precompiles: bool,
    limit_bytes: usize,
    written_rows: u64,
}

impl TableRows {
    /// Empty builders for the chosen datasets, which together hold `limit_bytes` of values at most, and one row. Buffers
    /// grow by doubling, so that the memory behind them may be twice as much.
    pub fn new(options: &TraceOptions, limit_bytes: usize) -> Self {
        let mut datasets = options.datasets.clone();
        datasets.sort_unstable();
        datasets.dedup();
        let tables = datasets.into_iter().map(extractors::table).collect();
        Self { tables, precompiles: options.precompiles, limit_bytes, written_rows: 0 }
    }

    /// Bytes of the values that wait.
    pub fn bytes(&self) -> usize {
        self.batches().map(RowBatch::bytes).sum()
    }

    /// Rows added so far, those that wait included.
    pub fn rows(&self) -> u64 {
        self.written_rows + self.batches().map(|batch| batch.rows() as u64).sum::<u64>()
    }

    /// Hands the rows that wait to the sink, a batch per dataset that has any.
    pub fn flush(&mut self, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        self.tables.iter_mut().try_for_each(|table| {
            self.written_rows += table.batch().rows() as u64;
            write(table.as_mut(), sink)
        })
    }

    /// Empties the fullest builders until the others are within the limit.
    pub(crate) fn keep_limit(&mut self, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        while self.bytes() > self.limit_bytes {
            let fullest = self.tables.iter_mut().max_by_key(|table| table.batch().bytes());
            let Some(fullest) = fullest else { break };
            self.written_rows += fullest.batch().rows() as u64;
            write(fullest.as_mut(), sink)?;
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

    pub(crate) fn extract(
        &mut self,
        block: &TracedBlock<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<(), SinkError> {
        for table in &mut self.tables {
            table.extract(block);
        }
        self.keep_limit(sink)
    }

    fn batches(&self) -> impl Iterator<Item = &dyn RowBatch> {
        self.tables.iter().map(|table| table.batch())
    }
}

fn write(table: &mut dyn Table, sink: &mut dyn RowSink) -> Result<(), SinkError> {
    let batch = table.batch_mut();
    if batch.rows() == 0 {
        return Ok(());
    }
    sink.write(batch.dataset(), batch.finish()?)
}

impl fmt::Debug for TableRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let datasets: Vec<_> = self.batches().map(|batch| (batch.dataset().name(), batch.rows())).collect();
        f.debug_struct("TableRows").field("rows", &datasets).field("precompiles", &self.precompiles).finish()
    }
}
