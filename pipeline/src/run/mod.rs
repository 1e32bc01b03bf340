//! The stages of a run, tied together.

pub(crate) mod driver;
pub(crate) mod monitor_tap;
pub(crate) mod open_tables;
pub(crate) mod progress;
pub(crate) mod rebuild;
pub(crate) mod retrace;
pub(crate) mod summary;
pub(crate) mod tables_identity;
pub(crate) mod target;
pub(crate) mod units;

use std::time::Instant;

use blockmill_chain::{BlockRange, Cancel, Monitor, SliceLimits, Stage};
use blockmill_execute::{CodeCache, StateCache};
use blockmill_load::Database;
use blockmill_schemas::Dataset;
use blockmill_source::Source;
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreKind};
use blockmill_trace::TraceOptions;
use blockmill_trie::StateTrie;

use crate::error::RunError;
use crate::flow::kept_blocks::KeptBlocks;
use crate::flow::{Flow, Mode, Resumed, SealedUnit, State};
use crate::genesis::Chain;
use crate::memory::peak::peak_rss_bytes;
use crate::memory::{Budget, Ledger, Room};
use crate::run::driver::Driver;
use crate::run::progress::ProgressFile;
use crate::run::summary::{RunSummary, StageSummary};
use crate::run::target::Target;
use crate::settings::{Settings, SliceSize};
use crate::stages::{
    DiskReads, ExecuteStage, LoadStage, Sealer, SourceStage, Tables, TraceSettings, TraceStage, kept_blocks,
    sealed, waiting_witness_bytes,
};
use crate::state::{StateError, seal_state_rows};

/// Where the witnesses of a run come from.
pub(crate) enum Feed {
    /// Blocks are read from the source, if there is one, and executed.
    Source(Option<Box<Source>>),
    /// Witnesses were retained by an earlier run.
    Retained,
}

/// What a run has open, and what it aims at.
pub(crate) struct Prepared<'a> {
    pub(crate) started: Instant,
    pub(crate) settings: &'a Settings,
    pub(crate) chain: &'a Chain,
    pub(crate) budget: Budget,
    pub(crate) store: Store,
    pub(crate) spill: &'a SpillDir,
    pub(crate) database: Database,
    pub(crate) target: Target,
    pub(crate) feed: Feed,
}

impl Prepared<'_> {
    /// Makes the rows of the state that the chain starts from, where they are wanted and neither loaded nor sealed: nothing was
    /// executed on it then.
    pub(crate) fn seal_rows_of_state(&self, cancel: &Cancel) -> Result<(), RunError> {
        let first = self.store.first_block()?;
        if first == 0 || self.target.rows.start > first || self.database.checkpoint()?.is_some() {
            return Ok(());
        }
        let is_sealed = self.spill.units()?.iter().any(|unit| unit.range.start == first);
        if is_sealed || cancel.is_cancelled() {
            return Ok(());
        }
        let (spec, options) = (&self.chain.spec, trace_options(self.settings));
        match seal_state_rows(&self.store, spec, self.spill, &options, &self.budget, first, cancel) {
            // The next run makes them; this one does nothing more.
            Err(StateError::Interrupted) => Ok(()),
            sealed => Ok(sealed?),
        }
    }

    /// Runs the stages that the target needs, and closes tables and store.
    pub(crate) fn run(self, cancel: &Cancel, monitor: &dyn Monitor) -> Result<RunSummary, RunError> {
        let Self { started, settings, chain, budget, store, spill, database, target, feed } = self;
        let tables = Tables::new(database)?;
        let (codes, cache) = (CodeCache::new(budget.codes), StateCache::new(budget.state));
        let ledger = Ledger::new(budget);
        let kept = kept_blocks(&ledger, target.rows.start);
        let run = Run {
            settings,
            chain,
            store: &store,
            spill,
            tables: &tables,
            codes: &codes,
            cache: &cache,
            kept: &kept,
            ledger: &ledger,
        };
        let summary = run.drive(&target, feed, cancel, monitor)?;
        target.refuse_without_state(cancel)?;
        tables.finish()?;
        store.finish()?;
        Ok(RunSummary { elapsed: started.elapsed(), peak_rss_bytes: peak_rss_bytes(), ..summary })
    }
}

fn trace_options(settings: &Settings) -> TraceOptions {
    TraceOptions {
        datasets: Dataset::completed(&settings.datasets),
        precompiles: settings.precompiles,
        opcode_stack: settings.opcode_stack,
    }
}

/// What the stages of a run share.
struct Run<'a> {
    settings: &'a Settings,
    chain: &'a Chain,
    store: &'a Store,
    spill: &'a SpillDir,
    tables: &'a Tables,
    codes: &'a CodeCache,
    cache: &'a StateCache,
    kept: &'a KeptBlocks<'a>,
    ledger: &'a Ledger,
}

impl<'a> Run<'a> {
    fn drive(
        &self,
        target: &Target,
        feed: Feed,
        cancel: &Cancel,
        monitor: &dyn Monitor,
    ) -> Result<RunSummary, RunError> {
        let started = Instant::now();
        let budget = self.ledger.budget();
        let mode = if budget.overlaps { Mode::Overlapped } else { Mode::InTurn };
        let state = self.state(target, &feed, mode)?;
        let flow = Flow::new(state, mode, budget.workers, cancel);
        let SliceSize { blocks, gas, time } = self.settings.slices;
        let limits = SliceLimits { blocks, gas, bytes: budget.slice / 2, time };
        let witness_bytes = &|| self.waiting_witness_bytes();
        let progress = &ProgressFile::new(self.settings);
        let stages = self.stages(feed, target, &flow);
        let driver = Driver { stages, flow: &flow, limits, progress, witness_bytes };
        let ran = driver.run(target.rows, cancel, monitor)?;
        let last_block = self.tables.last_loaded();
        let rows_are_missing = last_block.is_none_or(|last| last + 1 < target.rows.end);
        let trie_is_missing = target.kind == StoreKind::Chain && !self.store.trie_is_whole()?;
        Ok(RunSummary {
            interrupted: cancel.is_cancelled() && (rows_are_missing || trie_is_missing),
            last_block,
            elapsed: started.elapsed(),
            peak_rss_bytes: peak_rss_bytes(),
            stages: ran.iter().map(StageSummary::from).collect(),
            workers: flow.waits().workers(),
            overlapped: budget.overlaps,
            memory: self.ledger.uses(),
            rows_ahead: self.cache.rows_ahead(),
        })
    }

    /// Where the stages stand.
    fn state(&self, target: &Target, feed: &Feed, mode: Mode) -> Result<State, RunError> {
        let next = |last: Option<u64>| last.map_or(0, |last| last + 1);
        let read = next(self.store.source_checkpoint()?).max(target.first_stored);
        let (read, executed) = match (feed, target.kind) {
            (Feed::Retained, _) => (target.rows.end, None),
            (Feed::Source(_), StoreKind::Chain) => (read, Some(next(self.store.execute_checkpoint()?))),
            (Feed::Source(_), StoreKind::Witnesses) => (read, None),
        };
        let resumed = Resumed {
            read,
            executed,
            witness_bytes: self.waiting_witness_bytes(),
            loaded: next(self.tables.last_loaded()).max(target.rows.start),
            sealed: self.sealed_units(target.rows.end)?,
            end: target.rows.end,
        };
        let mut queues = self.settings.queues;
        if !target.has_state {
            // Nothing that is read gets executed.
            queues.read_ahead_bytes = u64::MAX;
        }
        let gathers = mode == Mode::InTurn;
        Ok(State::new(resumed, queues, self.settings.units, self.ledger.budget().workers, gathers))
    }

    /// What an earlier run has sealed.
    fn sealed_units(&self, end: u64) -> Result<Vec<SealedUnit>, RunError> {
        let units: Vec<_> = self.spill.units()?.iter().map(sealed).collect();
        match units.iter().find(|unit| unit.range.end > end) {
            Some(unit) => Err(RunError::SealedBeyond { unit: unit.range, end }),
            None => Ok(units),
        }
    }

    /// Bytes of the witnesses that wait to be traced.
    fn waiting_witness_bytes(&self) -> u64 {
        waiting_witness_bytes(self.store, self.settings.keep_witnesses)
    }

    /// The stages that the target needs, upstream first.
    fn stages<'f>(&'f self, feed: Feed, target: &Target, flow: &'f Flow<'f>) -> Vec<Box<dyn Stage + 'f>> {
        let mut stages: Vec<Box<dyn Stage + 'f>> = Vec::new();
        if let Feed::Source(source) = feed {
            stages.push(Box::new(SourceStage::new(
                self.store,
                &self.chain.spec,
                source.map(|source| *source),
                self.kept,
                self.ledger,
            )));
            if !target.has_state {
                return stages;
            }
            if target.kind == StoreKind::Chain {
                stages.push(Box::new(self.execute_stage(target)));
            }
        }
        stages.push(Box::new(self.trace_stage(target, flow)));
        stages.push(Box::new(LoadStage {
            spill: self.spill,
            tables: self.tables,
            ledger: self.ledger,
            flow,
            threads: self.settings.threads,
            rows: 0,
        }));
        stages
    }

    /// Blocks that are executed for their witness: of those whose rows are loaded, witnesses are made only to be kept.
    fn to_witness(&self, target: &Target) -> BlockRange {
        let loaded = self.tables.last_loaded().filter(|_| !self.settings.keep_witnesses);
        BlockRange::new(
            loaded.map_or(target.rows.start, |last| target.rows.start.max(last + 1)),
            target.rows.end,
        )
    }

    fn execute_stage(&self, target: &Target) -> ExecuteStage<'a> {
        ExecuteStage {
            store: self.store,
            spec: &self.chain.spec,
            codes: self.codes,
            kept: self.kept,
            cache: self.cache,
            disk_reads: DiskReads::default(),
            trie: StateTrie::new(self.ledger.budget().trie),
            root_interval: self.settings.root_interval,
            rows: self.to_witness(target),
            threads: self.ledger.budget().workers,
            ledger: self.ledger,
        }
    }

    fn trace_stage<'f>(&'f self, target: &Target, flow: &'f Flow<'f>) -> TraceStage<'f> {
        let (settings, budget) = (self.settings, self.ledger.budget());
        let options = trace_options(settings);
        let sealer = Sealer {
            store: self.store,
            spec: &self.chain.spec,
            codes: self.codes,
            spill: self.spill,
            kept: self.kept,
            ledger: self.ledger,
            room: Room::new(budget.witness_per_worker * budget.workers),
            settings: TraceSettings { options, keep_witnesses: settings.keep_witnesses },
        };
        TraceStage { sealer, tables: self.tables, flow, start: target.rows.start, threads: budget.workers }
    }
}
