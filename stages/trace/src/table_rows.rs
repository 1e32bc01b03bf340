//! The rows of the chosen datasets, on their way out.

use std::fmt;

use blockmill_chain::{ChainSpec, Witness};
use blockmill_execute::Executed;
use blockmill_schemas::Dataset;
use blockmill_schemas::rows::RowBatch;

use crate::error::TraceError;
use crate::extractors::{self, Table};
use crate::frames::{FrameMemory, FrameSpool};
use crate::outlet::{self, Outlet};
use crate::sink::{RowSink, SinkError};
use crate::trace::TracedBlock;

/// Bytes of values after which builders are full whatever the limit: their 32-bit offsets end at twice as much.
const MOST_BYTES: usize = 1 << 30;

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
/// emptied into the sink when they are full. So is what the call frames of the block take that is being traced.
pub struct TableRows {
    tables: Vec<Box<dyn Table>>,
    spool: FrameSpool,
    precompiles: bool,
    limit_bytes: usize,
    written_rows: u64,
}

impl TableRows {
    /// Empty builders for the chosen datasets, which together hold `limit_bytes` of values at most, and one row. Buffers
    /// grow by doubling, so that the memory behind them may be twice as much. The call frames that datasets are made
    /// from have `frames`, besides.
    pub fn new(options: &TraceOptions, limit_bytes: usize, frames: FrameMemory) -> Self {
        let mut datasets = options.datasets.clone();
        datasets.sort_unstable();
        datasets.dedup();
        let tables = datasets.into_iter().map(extractors::table).collect();
        Self {
            tables,
            spool: FrameSpool::new(frames),
            precompiles: options.precompiles,
            limit_bytes: limit_bytes.min(MOST_BYTES),
            written_rows: 0,
        }
    }

    /// Bytes of the values that wait.
    pub fn bytes(&self) -> usize {
        self.batches().map(RowBatch::bytes).sum()
    }

    /// Bytes of memory allocated for call frames; buffers stay from block to block.
    pub fn frames_bytes(&self) -> usize {
        self.spool.meter().held()
    }

    /// Bytes of memory that were allocated for call frames at once, at most.
    pub fn most_frames_bytes(&self) -> usize {
        self.spool.meter().most()
    }

    /// Rows added so far, those that wait included.
    pub fn rows(&self) -> u64 {
        self.written_rows + self.batches().map(|batch| batch.rows() as u64).sum::<u64>()
    }

    /// Hands the rows that wait to the sink, a batch per dataset that has any.
    pub fn flush(&mut self, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        self.tables.iter_mut().try_for_each(|table| {
            self.written_rows += table.batch().rows() as u64;
            outlet::write(table.batch_mut(), sink)
        })
    }

    /// Empties the fullest builders until the others are within the limit.
    pub(crate) fn keep_limit(&mut self, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        while self.bytes() > self.limit_bytes {
            let fullest = self.tables.iter_mut().max_by_key(|table| table.batch().bytes());
            let Some(fullest) = fullest else { break };
            self.written_rows += fullest.batch().rows() as u64;
            outlet::write(fullest.batch_mut(), sink)?;
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

    pub(crate) fn spool_mut(&mut self) -> &mut FrameSpool {
        &mut self.spool
    }

    /// Adds the rows of a block whose replay agrees with its header, and whose call frames are in the spool.
    pub(crate) fn extract(
        &mut self,
        spec: &ChainSpec,
        witness: &Witness,
        executed: &Executed,
        sink: &mut dyn RowSink,
    ) -> Result<(), TraceError> {
        let number = witness.block.number();
        let block = TracedBlock { spec, witness, executed, frames: &self.spool };
        for current in 0..self.tables.len() {
            let (before, rest) = self.tables.split_at_mut(current);
            let Some((table, after)) = rest.split_first_mut() else { break };
            let mut outlet = Outlet::new(number, [before, after], self.limit_bytes, sink);
            table.extract(&block, &mut outlet)?;
            self.written_rows += outlet.written_rows();
        }
        self.keep_limit(sink).map_err(|source| TraceError::Sink { block: number, source })
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
