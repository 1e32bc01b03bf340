//! Witnesses into sealed units of rows, on all cores.
//!
//! A worker takes a whole unit, so nothing is shared but the code cache and the place of the next unit. A unit is
//! published whenever it is sealed; what counts as done is the unbroken row of units from the start on.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow::record_batch::RecordBatch;
use blockmill_chain::{
    Absence, BlockRange, Cancel, ChainSpec, Context, Monitor, Progress, Stage, StageError, StageId, Witness,
};
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, SpillError, UnitWriter};
use blockmill_store::{Store, StoreError};
use blockmill_trace::{RowSink, SinkError, TableRows, TraceError, TraceOptions, trace_block};

use crate::units::{BlockCost, UnitLimits, cut};
use crate::wiring::Tables;
use crate::wiring::refused::{damaged, not_verified};

/// What the trace stage is told once.
pub(crate) struct TraceSettings {
    /// First block whose rows are wanted.
    pub(crate) start: u64,
    pub(crate) datasets: Vec<Dataset>,
    pub(crate) precompiles: bool,
    pub(crate) opcode_stack: bool,
    pub(crate) threads: usize,
    pub(crate) units: UnitLimits,
    pub(crate) rows_bytes: usize,
    pub(crate) spill_bytes: usize,
    pub(crate) keep_witnesses: bool,
}

/// Replays witnesses and seals their rows.
pub(crate) struct TraceStage<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) sealer: Sealer<'a>,
}

/// Makes units; what all workers share.
pub(crate) struct Sealer<'a> {
    pub(crate) store: &'a Store,
    pub(crate) spec: &'a ChainSpec,
    pub(crate) codes: &'a CodeCache,
    pub(crate) spill: &'a SpillDir,
    pub(crate) settings: TraceSettings,
}

/// Witnesses wait for a unit for every worker, up to this many bytes of them (on disk).
const WITNESS_QUEUE_BYTES: u64 = 1 << 30;
/// Units that are worked on before the stage looks up again, per worker.
const UNITS_PER_WORKER: usize = 4;

/// Why a unit was not sealed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnitError {
    #[error("{0}")]
    Trace(TraceError),
    #[error("{0}")]
    Damaged(TraceError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Spill(#[from] SpillError),
    #[error(
        "block {block} has been executed but its witness is gone: the rows of blocks {range} were made and removed before. \
         Rebuild into a new --data-dir, or bring the DuckDB file back"
    )]
    WitnessGone { block: u64, range: BlockRange },
    #[error("{0}")]
    Rows(SinkError),
    #[error("the run was cancelled")]
    Cancelled,
}

impl UnitError {
    /// A block with an exact witness was verified before; one with a foreign witness is verified by its replay.
    fn of_trace(error: TraceError, absence: Absence) -> Self {
        match absence {
            Absence::Exact if error.is_verification() => Self::Damaged(error),
            _ => Self::Trace(error),
        }
    }
}

impl Stage for TraceStage<'_> {
    fn id(&self) -> StageId {
        StageId::Trace
    }

    /// The end of the unbroken row of units, those loaded already included.
    fn checkpoint(&self) -> Result<Option<u64>, StageError> {
        let mut next = match self.tables.last_loaded()? {
            Some(last) => last + 1,
            None => self.sealer.settings.start,
        };
        for unit in self.sealer.spill.units().map_err(|e| refused(e.into()))? {
            if unit.range.start == next {
                next = unit.range.end;
            }
        }
        Ok(next.checked_sub(1).filter(|_| next > self.sealer.settings.start))
    }

    fn execute(&mut self, range: BlockRange, cx: &Context<'_>) -> Result<(), StageError> {
        let units = self.sealer.open_units(range, cx.is_last).map_err(refused)?;
        let waits = !cx.is_last && units.len() < self.sealer.settings.threads;
        if waits && self.sealer.store.witness_bytes() < WITNESS_QUEUE_BYTES {
            return Ok(());
        }
        self.sealer.seal_all(&units, cx).map_err(refused)
    }
}

impl Sealer<'_> {
    /// Seals the units on all cores; the first error stops the others at their next block.
    fn seal_all(&self, units: &[BlockRange], cx: &Context<'_>) -> Result<(), UnitError> {
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        let stop = Cancel::default();
        let work = || {
            while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = self.seal(*unit, cx, &stop) {
                    // Kept before the others are told to stop: that they did must not pass for the reason.
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    stop.cancel();
                }
            }
        };
        std::thread::scope(|scope| {
            // The last worker is this thread: with one, everything runs in turn.
            for number in 1..self.settings.threads.min(units.len()) {
                let named = std::thread::Builder::new().name(format!("trace-{number}"));
                if named.spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            None | Some(UnitError::Cancelled) => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// The full units of `range` that are not sealed yet, as many as one look takes.
    fn open_units(&self, range: BlockRange, is_last: bool) -> Result<Vec<BlockRange>, UnitError> {
        let sealed: BTreeSet<u64> = self.spill.units()?.iter().map(|unit| unit.range.start).collect();
        let wanted = UNITS_PER_WORKER * self.settings.threads;
        let most = self.settings.units.blocks.saturating_mul(wanted as u64);
        let mut costs = Vec::new();
        let mut is_whole = true;
        for number in self.store.numbers(range) {
            let number = number?;
            let gas = self.store.header(number)?.map_or(0, |header| header.gas_used);
            costs.push(BlockCost { number, gas });
            is_whole = (costs.len() as u64) < most;
            if !is_whole {
                break;
            }
        }
        let mut units = cut(self.settings.units, range.start, range.end, costs, is_last && is_whole);
        units.retain(|unit| !sealed.contains(&unit.start));
        units.truncate(wanted);
        Ok(units)
    }

    /// Replays the blocks of a unit and publishes its rows; then their witnesses are not needed any more.
    fn seal(&self, unit: BlockRange, cx: &Context<'_>, stop: &Cancel) -> Result<(), UnitError> {
        let settings = &self.settings;
        let writer = UnitWriter::create(self.spill, unit, &settings.datasets, settings.spill_bytes)?;
        let mut writer = SegmentRows(writer);
        let options = TraceOptions {
            datasets: settings.datasets.clone(),
            precompiles: settings.precompiles,
            opcode_stack: settings.opcode_stack,
        };
        let mut rows = TableRows::new(&options, settings.rows_bytes);
        let mut numbers = Vec::new();
        for number in self.store.numbers(unit) {
            let number = number?;
            if cx.cancel.is_cancelled() || stop.is_cancelled() {
                return Err(UnitError::Cancelled);
            }
            let witness = self.witness(number, unit)?;
            let before = rows.rows();
            trace_block(self.spec, &witness, self.codes, self.store, &mut rows, &mut writer)
                .map_err(|error| UnitError::of_trace(error, witness.reads.absence))?;
            report(cx.monitor, &witness, rows.rows() - before);
            numbers.push(number);
        }
        rows.flush(&mut writer).map_err(UnitError::Rows)?;
        writer.0.finish()?;
        if !settings.keep_witnesses {
            let mut batch = self.store.batch();
            batch.prune_witnesses(numbers);
            batch.commit()?;
        }
        Ok(())
    }

    fn witness(&self, number: u64, unit: BlockRange) -> Result<Witness, UnitError> {
        let stored = self.store.block(number)?.ok_or(StoreError::UnknownBlock { number })?;
        let reads =
            self.store.witness(number)?.ok_or(UnitError::WitnessGone { block: number, range: unit })?;
        Ok(Witness { block: stored.block, reads })
    }
}

/// Rows into the segments of a unit.
struct SegmentRows(UnitWriter);

impl RowSink for SegmentRows {
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        Ok(self.0.write(dataset, &batch)?)
    }
}

fn report(monitor: &dyn Monitor, witness: &Witness, rows: u64) {
    monitor.advanced(
        StageId::Trace,
        Progress {
            last_block: witness.block.number(),
            blocks: 1,
            transactions: witness.block.senders.len() as u64,
            gas: witness.block.header().gas_used,
            rows,
            bytes: 0,
        },
    );
}

fn refused(error: UnitError) -> StageError {
    match &error {
        UnitError::Damaged(_) => damaged(StageId::Trace, error),
        UnitError::Trace(trace) if trace.is_verification() => not_verified(StageId::Trace, error),
        _ => StageError::failed(StageId::Trace, error),
    }
}
