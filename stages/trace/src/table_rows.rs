//! The rows of the chosen datasets, on their way out.

use std::fmt;

use alloy::primitives::{B256, Bytes};
use blockmill_chain::{ChainSpec, Witness};
use blockmill_execute::{BlockPart, Executed, ReadError};
use blockmill_schemas::Dataset;
use blockmill_schemas::rows::{OpcodeRows, RowBatch};

use crate::error::TraceError;
use crate::extractors::{self, Extractor};
use crate::frames::{FrameMemory, FrameSpool};
use crate::outlet::{self, Outlet};
use crate::payloads::Payloads;
use crate::sink::{RowSink, SinkError};
use crate::steps::{StepOptions, StepStream};
use crate::trace::{Changes, TracedBlock};

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
    /// Whether the rows of `opcodes` have the stack.
    pub opcode_stack: bool,
}

/// Rows on their way to a sink, one builder per chosen dataset. What the builders hold is bounded: the fullest is
/// emptied into the sink when they are full, that of `opcodes` also while a block runs. So is what the call frames of the
/// block take that is being traced.
pub struct TableRows {
    tables: Vec<Box<dyn Extractor>>,
    spool: FrameSpool,
    payloads: Payloads,
    opcodes: Option<OpcodeRows>,
    steps: StepOptions,
    /// Most bytes of values in the builders of `tables` together.
    limit_bytes: usize,
    /// Most bytes of values in the builder of `opcodes`.
    step_limit_bytes: usize,
    written_rows: u64,
}

/// What is recorded of a block while it runs.
pub(crate) struct Recordings<'a> {
    pub(crate) frames: Option<&'a mut FrameSpool>,
    pub(crate) steps: Option<(StepStream<'a>, StepOptions)>,
}

/// What rows are made from besides call frames; see [`TracedBlock`].
#[derive(Clone, Copy)]
pub(crate) struct BlockFacts<'a> {
    pub(crate) spec: &'a ChainSpec,
    pub(crate) witness: &'a Witness,
    pub(crate) executed: &'a Executed,
    pub(crate) parts: &'a [BlockPart],
    pub(crate) changes: &'a Changes,
    pub(crate) codes: &'a dyn Fn(B256) -> Result<Bytes, ReadError>,
}

/// Rows of `opcodes` that wait for their sink: few enough to be in the cache still when they are digested and written,
/// enough that a batch costs next to nothing.
const STEP_BATCH_BYTES: usize = 1 << 20;

/// Pieces of long byte strings that wait for their sink.
const PAYLOAD_BATCH_BYTES: usize = 1 << 20;

impl TableRows {
    /// Empty builders for the chosen datasets, which together hold `limit_bytes` of values at most, and one row. Buffers
    /// grow by doubling, so that their memory may be twice as much. The call frames that datasets are made
    /// from have `frames`, besides.
    pub fn new(options: &TraceOptions, limit_bytes: usize, frames: FrameMemory) -> Self {
        let datasets = Dataset::completed(&options.datasets);
        let opcodes = datasets.contains(&Dataset::Opcodes).then(OpcodeRows::new);
        let limit_bytes = limit_bytes.min(MOST_BYTES);
        let step_limit_bytes = if opcodes.is_some() { STEP_BATCH_BYTES.min(limit_bytes / 2) } else { 0 };
        let has_payloads = datasets.contains(&Dataset::Payloads);
        let payload_limit_bytes = if has_payloads { PAYLOAD_BATCH_BYTES.min(limit_bytes / 4) } else { 0 };
        Self {
            tables: datasets.into_iter().filter_map(extractors::table).collect(),
            spool: FrameSpool::new(frames),
            payloads: Payloads::new(payload_limit_bytes),
            opcodes,
            steps: StepOptions { stack: options.opcode_stack, precompiles: options.precompiles },
            limit_bytes: limit_bytes - step_limit_bytes - payload_limit_bytes,
            step_limit_bytes,
            written_rows: 0,
        }
    }

    /// Bytes of the values that wait.
    pub fn bytes(&self) -> usize {
        self.batches().map(RowBatch::bytes).sum()
    }

    /// Bytes of memory that were allocated for call frames at once, at most.
    pub fn most_frames_bytes(&self) -> usize {
        self.spool.most_bytes()
    }

    /// Rows added so far, those that wait included.
    pub fn rows(&self) -> u64 {
        self.written_rows
            + self.payloads.written_rows()
            + self.batches().map(|batch| batch.rows() as u64).sum::<u64>()
    }

    /// Hands the rows that wait to the sink, a batch per dataset that has any.
    pub fn flush(&mut self, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        let tables = self.tables.iter_mut().map(|table| table.batch_mut());
        let opcodes = self.opcodes.as_mut().map(|rows| rows as &mut dyn RowBatch);
        for batch in tables.chain(opcodes) {
            self.written_rows += batch.rows() as u64;
            outlet::write(batch, sink)?;
        }
        self.payloads.flush(sink)
    }

    /// Empties the fullest builders until the others are within the limit.
    pub(crate) fn keep_limit(&mut self, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        while self.tables.iter().map(|table| table.batch().bytes()).sum::<usize>() > self.limit_bytes {
            let batches = self.tables.iter_mut().map(|table| table.batch_mut());
            let Some(fullest) = batches.max_by_key(|batch| batch.bytes()) else { break };
            self.written_rows += fullest.rows() as u64;
            outlet::write(fullest, sink)?;
        }
        Ok(())
    }

    /// Where what is recorded of a block goes while it runs: call frames, and instructions with what to take of them; `None`
    /// where they are not wanted. What the stream has written is to be [noted](Self::note_written) when it has ended.
    pub(crate) fn recordings<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> Recordings<'a> {
        let (options, limit_bytes) = (self.steps, self.step_limit_bytes);
        let frames = self.needs_frames().then_some(&mut self.spool);
        let steps = self.opcodes.as_mut().map(|rows| (StepStream::new(rows, sink, limit_bytes), options));
        Recordings { frames, steps }
    }

    /// Drops the call frames of the block before: this one runs nothing.
    pub(crate) fn forget_frames(&mut self, block: u64) -> Result<(), TraceError> {
        self.spool.clear().map_err(|source| self.spool.refused(block, 0, source))
    }

    /// Rows of a stream are with their sink.
    pub(crate) fn note_written(&mut self, rows: u64) {
        self.written_rows += rows;
    }

    /// Whether a chosen dataset is made from call frames.
    fn needs_frames(&self) -> bool {
        self.batches().any(|batch| batch.dataset().made_from().has_frames())
    }

    /// Whether a chosen dataset is made from what the parts of a block read and changed.
    pub(crate) fn needs_parts(&self) -> bool {
        self.batches().any(|batch| batch.dataset().made_from().has_state())
    }

    pub(crate) fn keeps_precompiles(&self) -> bool {
        self.steps.precompiles
    }

    /// Adds the rows of a block whose replay agrees with its header, and whose call frames are in the spool.
    pub(crate) fn extract(
        &mut self,
        spec: &ChainSpec,
        witness: &Witness,
        executed: &Executed,
        parts: &[BlockPart],
        codes: &dyn Fn(B256) -> Result<Bytes, ReadError>,
        sink: &mut dyn RowSink,
    ) -> Result<(), TraceError> {
        self.payloads.begin(witness.block.number());
        let facts = BlockFacts { spec, witness, executed, parts, changes: &Changes::default(), codes };
        self.extract_from(facts, sink, |_| true)
    }

    /// Begins the rows of a state that came as a whole.
    pub(crate) fn begin_state(&mut self, number: u64) -> Result<(), TraceError> {
        self.payloads.begin(number);
        self.forget_frames(number)
    }

    /// Adds the rows of some tables.
    pub(crate) fn extract_from(
        &mut self,
        facts: BlockFacts<'_>,
        sink: &mut dyn RowSink,
        is_wanted: impl Fn(Dataset) -> bool,
    ) -> Result<(), TraceError> {
        let BlockFacts { spec, witness, executed, parts, changes, codes } = facts;
        let number = witness.block.number();
        let block = TracedBlock { spec, witness, executed, frames: &self.spool, parts, changes, codes };
        for current in 0..self.tables.len() {
            let (before, rest) = self.tables.split_at_mut(current);
            let Some((table, after)) = rest.split_first_mut() else { break };
            if !is_wanted(table.batch().dataset()) {
                continue;
            }
            let mut outlet = Outlet::new(number, [before, after], &mut self.payloads, self.limit_bytes, sink);
            table.extract(&block, &mut outlet)?;
            self.written_rows += outlet.written_rows();
        }
        self.keep_limit(sink).map_err(|source| TraceError::Sink { block: number, source })
    }

    fn batches(&self) -> impl Iterator<Item = &dyn RowBatch> {
        let opcodes = self.opcodes.iter().map(|rows| rows as &dyn RowBatch);
        let payloads = std::iter::once(self.payloads.batch() as &dyn RowBatch);
        self.tables.iter().map(|table| table.batch()).chain(payloads).chain(opcodes)
    }
}

impl fmt::Debug for TableRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let datasets: Vec<_> = self.batches().map(|batch| (batch.dataset().name(), batch.rows())).collect();
        f.debug_struct("TableRows").field("rows", &datasets).field("steps", &self.steps).finish()
    }
}
