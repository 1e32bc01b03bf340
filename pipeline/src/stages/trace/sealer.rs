//! One unit from its witnesses to its sealed rows.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use blockmill_chain::{BlockRange, ChainSpec, Monitor, Progress, StageId, Witness};
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, Unit, UnitWriter};
use blockmill_store::{Store, StoreError};
use blockmill_trace::{FrameMemory, RowSink, SinkError, TableRows, TraceOptions, trace_block};

use super::unit_error::UnitError;
use crate::flow::kept_blocks::KeptBlocks;
use crate::memory::{DECODED_PER_ENCODED_BYTE, Held, Ledger, Owner, Room, Share};
use crate::run::units::BlockCost;

/// What the trace stage is told once.
pub(crate) struct TraceSettings {
    pub(crate) options: TraceOptions,
    pub(crate) keep_witnesses: bool,
}

/// Makes units; what all workers share.
pub(crate) struct Sealer<'a> {
    pub(crate) store: &'a Store,
    pub(crate) spec: &'a ChainSpec,
    pub(crate) codes: &'a CodeCache,
    pub(crate) spill: &'a SpillDir,
    /// Blocks that need not be decoded again.
    pub(crate) kept: &'a KeptBlocks<'a>,
    pub(crate) ledger: &'a Ledger,
    /// For the blocks that workers replay, with their witnesses.
    pub(crate) room: Arc<Room>,
    pub(crate) settings: TraceSettings,
}

impl Sealer<'_> {
    /// What the blocks of a range cost.
    pub(super) fn costs(&self, range: BlockRange) -> Result<Vec<BlockCost>, UnitError> {
        let cost = |number: Result<u64, StoreError>| {
            let number = number?;
            let header = self.store.header(number)?.ok_or(StoreError::UnknownBlock { number })?;
            Ok(BlockCost { number, gas: header.gas_used })
        };
        self.store.numbers(range).map(cost).collect()
    }

    /// Bytes of the witnesses that wait to be traced.
    pub(super) fn waiting_witness_bytes(&self) -> u64 {
        waiting_witness_bytes(self.store, self.settings.keep_witnesses)
    }

    /// Builders for the rows of one worker.
    pub(super) fn rows(&self) -> TableRows {
        let budget = self.ledger.budget();
        let folder = self.spill.as_ref().to_path_buf();
        let frames = FrameMemory { limit_bytes: budget.frames_per_worker, folder };
        TableRows::new(&self.settings.options, budget.rows_per_worker, frames)
    }

    /// Replays the blocks of a unit and seals its rows; then their witnesses are not needed any more. After an error
    /// `rows` are to be dropped.
    pub(super) fn seal(
        &self,
        unit: BlockRange,
        rows: &mut TableRows,
        monitor: &dyn Monitor,
        is_wanted: impl Fn() -> bool,
    ) -> Result<Unit, UnitError> {
        let mut sink = SegmentRows::new(self, unit)?;
        let mut frames_memory = self.ledger.gauge(Owner::Frames).share();
        let mut numbers = Vec::new();
        for number in self.store.numbers(unit) {
            let number = number?;
            // Others give room back at the end of their block, whatever happens to it.
            let mut held = self.enter(number)?.ok_or(UnitError::Unwanted(unit))?;
            if !is_wanted() {
                return Err(UnitError::Unwanted(unit));
            }
            let witness = self.witness(number, unit)?;
            held.set(witness.bytes());
            let before = rows.rows();
            trace_block(self.spec, &witness, self.codes, self.store, rows, &mut sink)
                .map_err(|error| UnitError::of_trace(error, witness.reads.absence))?;
            sink.rows_memory.set(rows.bytes());
            frames_memory.set(rows.most_frames_bytes());
            monitor.advanced(StageId::Trace, progress(&witness, rows.rows() - before));
            numbers.push(number);
        }
        rows.flush(&mut sink).map_err(UnitError::Rows)?;
        self.ledger.gauge(Owner::Codes).measured(self.codes.bytes() as u64);
        let sealed = sink.writer.seal()?;
        if !self.settings.keep_witnesses {
            let mut batch = self.store.batch();
            batch.prune_witnesses(numbers);
            batch.commit()?;
        }
        Ok(sealed)
    }

    /// Waits until there is room for a block and its witness, by their encoded size.
    fn enter(&self, number: u64) -> Result<Option<Held<'_>>, UnitError> {
        let encoded = self.store.body_size(number)? + self.store.witness_size(number)?;
        let bytes = (encoded as usize).saturating_mul(DECODED_PER_ENCODED_BYTE);
        Ok(self.room.enter(bytes, self.ledger.gauge(Owner::Witnesses)))
    }

    fn witness(&self, number: u64, unit: BlockRange) -> Result<Witness, UnitError> {
        let stored = match self.kept.take(number) {
            Some(kept) => Arc::unwrap_or_clone(kept),
            None => self.store.block(number)?.ok_or(StoreError::UnknownBlock { number })?,
        };
        let reads =
            self.store.witness(number)?.ok_or(UnitError::WitnessGone { block: number, range: unit })?;
        Ok(Witness { block: stored.block, reads })
    }
}

/// Bytes of the witnesses that wait to be traced: where all are kept, none waits for its room.
pub(crate) fn waiting_witness_bytes(store: &Store, keep_witnesses: bool) -> u64 {
    if keep_witnesses { 0 } else { store.witness_bytes() }
}

/// Rows into the segments of a unit, and what both hold into the gauges.
struct SegmentRows<'a> {
    writer: UnitWriter,
    rows_memory: Share<'a>,
    segments_memory: Share<'a>,
}

impl<'a> SegmentRows<'a> {
    fn new(sealer: &Sealer<'a>, unit: BlockRange) -> Result<Self, UnitError> {
        let (spill, ledger) = (sealer.spill, sealer.ledger);
        let budget_bytes = ledger.budget().spill_per_worker;
        Ok(Self {
            writer: UnitWriter::create(spill, unit, &sealer.settings.options.datasets, budget_bytes)?,
            rows_memory: ledger.gauge(Owner::Rows).share(),
            segments_memory: ledger.gauge(Owner::Segments).share(),
        })
    }
}

impl RowSink for SegmentRows<'_> {
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        self.rows_memory.set(batch.get_array_memory_size());
        self.writer.write(dataset, &batch)?;
        self.segments_memory.set(self.writer.memory_bytes());
        Ok(())
    }
}

fn progress(witness: &Witness, rows: u64) -> Progress {
    Progress {
        last_block: witness.block.number(),
        blocks: 1,
        transactions: witness.block.senders.len() as u64,
        gas: witness.block.header().gas_used,
        rows,
        bytes: 0,
    }
}
