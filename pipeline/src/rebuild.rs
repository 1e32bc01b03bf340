//! The main job: every stage to the target.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Cancel, Monitor, SliceLimits, Stage, StageId};
use blockmill_execute::CodeCache;
use blockmill_load::{Database, LoadOptions};
use blockmill_source::{HeadState, Source, SourceKind};
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreKind, StoreOptions};
use blockmill_trie::StateTrie;

use crate::driver::{Driver, StageRun};
use crate::error::RunError;
use crate::genesis::Chain;
use crate::memory::Budget;
use crate::peak_memory::peak_rss_bytes;
use crate::settings::Settings;
use crate::target::Target;
use crate::tries::Remaking;
use crate::wiring::{ExecuteStage, LoadStage, Sealer, SourceStage, Tables, TraceSettings, TraceStage};
use crate::{leftovers, tables_identity, unused};

/// How a run went.
#[derive(Debug, Clone)]
pub struct RunSummary {
    /// Whether it was stopped before its end; running again resumes.
    pub interrupted: bool,
    /// The last block whose rows are in the tables.
    pub last_block: Option<u64>,
    /// Wall-clock time.
    pub elapsed: Duration,
    /// Peak resident memory of the process.
    pub peak_rss_bytes: u64,
    /// What each stage did in this run, upstream first.
    pub stages: Vec<StageSummary>,
}

/// What one stage did in a run.
#[derive(Debug, Clone, Copy)]
pub struct StageSummary {
    /// Which stage.
    pub id: StageId,
    /// The last block that it has done, in this run or before.
    pub checkpoint: Option<u64>,
    /// Blocks.
    pub blocks: u64,
    /// Transactions.
    pub transactions: u64,
    /// Gas used by them.
    pub gas: u64,
    /// Rows written.
    pub rows: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Time in which it was at work.
    pub busy: Duration,
}

/// A slice of source or execute ends after this at the latest, so that checkpoints come often enough.
const SLICE_TIME: Duration = Duration::from_secs(5);
const SLICE_BLOCKS: u64 = 10_000;
const SLICE_GAS: u64 = 1_000_000_000;

/// Rebuilds the tables from the sources, or gets on with what an earlier run left.
///
/// # Errors
/// Bad settings, files that cannot be read or written, and chain data that does not verify; nothing of a block that
/// does not verify is published. What was done before is durable, and the same call resumes.
pub fn rebuild(settings: &Settings, cancel: &Cancel, monitor: &dyn Monitor) -> Result<RunSummary, RunError> {
    let started = Instant::now();
    let budget = Budget::split(settings.memory, settings.threads)?;
    let head_state = open_head_state(settings)?;
    let chain = Chain::resolve(settings)?;
    let source = open_source(settings, &chain)?;
    if source.is_none() && !store_dir(&settings.data_dir).exists() {
        return Err(RunError::NothingToDo { data_dir: settings.data_dir.clone() });
    }
    create(&settings.data_dir)?;
    let store = Store::open(store_dir(&settings.data_dir), StoreOptions { budget_bytes: budget.store })?;
    let kind = kind_of(source.as_ref(), &store, settings)?;
    chain.adopt(&store, &settings.data_dir, kind)?;
    let remaking = Remaking {
        store: &store,
        data_dir: &settings.data_dir,
        memory_bytes: budget.trie_rebuild,
        cancel,
        monitor,
    };
    // Where it was cancelled the stages do nothing: they look at the same flag.
    remaking.make_whole(settings.rebuild_trie)?;
    let spill = SpillDir::open(&spill_dir(&settings.data_dir))?;
    let mut database = open_tables(settings, &budget)?;
    // Before anything is removed that another file's tables do not have.
    let facts = tables_identity::facts(settings, &chain, kind);
    tables_identity::adopt(&mut database, &settings.out, &spill, &facts)?;
    let loaded = database.checkpoint()?;
    clear_leftovers(settings, &store, &spill, loaded)?;
    if let Some(source) = &source
        && let Some(note) = unused::read_again(&store, source, kind, loaded)?
    {
        monitor.note(StageId::Source, &note);
    }
    let target = Target::find(settings, source.as_ref(), &store, kind)?;
    let first_block = tables_identity::first_block(target.rows.start);
    tables_identity::adopt(&mut database, &settings.out, &spill, &[first_block])?;
    let tables = Tables::new(database);
    let codes = CodeCache::new(budget.codes);
    let run = Run {
        settings,
        budget,
        chain: &chain,
        head_state: head_state.as_ref(),
        store: &store,
        spill: &spill,
        tables: &tables,
        codes: &codes,
    };
    let stages = run.stages(source, &target);
    let limits = SliceLimits { blocks: SLICE_BLOCKS, gas: SLICE_GAS, bytes: budget.slice, time: SLICE_TIME };
    let ran = Driver { stages, end: target.rows.end, limits }.run(cancel, monitor)?;
    target.refuse_without_state(cancel)?;
    let last_block = tables.last_loaded()?;
    tables.finish()?;
    store.finish()?;
    Ok(RunSummary {
        interrupted: cancel.is_cancelled() && last_block.is_none_or(|last| last + 1 < target.rows.end),
        last_block,
        elapsed: started.elapsed(),
        peak_rss_bytes: peak_rss_bytes(),
        stages: ran.iter().map(summarise).collect(),
    })
}

/// What the stages of a run share.
struct Run<'a> {
    settings: &'a Settings,
    budget: Budget,
    chain: &'a Chain,
    head_state: Option<&'a HeadState>,
    store: &'a Store,
    spill: &'a SpillDir,
    tables: &'a Tables,
    codes: &'a CodeCache,
}

impl<'a> Run<'a> {
    /// The stages that the target needs, upstream first, each with its first block.
    fn stages(&self, source: Option<Source>, target: &Target) -> Vec<(Box<dyn Stage + 'a>, u64)> {
        let (store, spec) = (self.store, &self.chain.spec);
        let source = SourceStage::new(store, source, self.budget.source_batch);
        let mut stages: Vec<(Box<dyn Stage + 'a>, u64)> = vec![(Box::new(source), target.first_stored)];
        if !target.has_state {
            return stages;
        }
        if target.kind == StoreKind::Chain {
            stages.push((Box::new(self.execute_stage(target)), 0));
        }
        let settings = self.trace_settings(target.rows);
        let sealer = Sealer { store, spec, codes: self.codes, spill: self.spill, settings };
        let trace = TraceStage { tables: self.tables, sealer };
        stages.push((Box::new(trace), target.rows.start));
        let load = LoadStage { spill: self.spill, tables: self.tables, commits: 0 };
        stages.push((Box::new(load), target.rows.start));
        stages
    }

    fn execute_stage(&self, target: &Target) -> ExecuteStage<'a> {
        ExecuteStage {
            store: self.store,
            spec: &self.chain.spec,
            codes: self.codes,
            trie: StateTrie::new(self.budget.trie),
            root_interval: self.settings.root_interval,
            rows: target.rows,
            head_state: self.head_state,
            threads: self.settings.threads.max(1),
        }
    }

    fn trace_settings(&self, rows: BlockRange) -> TraceSettings {
        TraceSettings {
            start: rows.start,
            datasets: self.settings.datasets.clone(),
            precompiles: self.settings.precompiles,
            opcode_stack: self.settings.opcode_stack,
            threads: self.settings.threads.max(1),
            units: self.settings.units,
            rows_bytes: self.budget.rows_per_worker,
            spill_bytes: self.budget.spill_per_worker,
            keep_witnesses: self.settings.keep_witnesses,
        }
    }
}

/// Where the store lies in a data directory.
pub fn store_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("store")
}

pub(crate) fn spill_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("spill")
}

fn open_source(settings: &Settings, chain: &Chain) -> Result<Option<Source>, RunError> {
    if settings.sources.is_empty() {
        return Ok(None);
    }
    Ok(Some(Source::open(&settings.sources, &chain.spec)?))
}

/// Looks at the file of `--head-state`, long before it may be needed.
pub(crate) fn open_head_state(settings: &Settings) -> Result<Option<HeadState>, RunError> {
    settings.head_state.as_deref().map(HeadState::open).transpose().map_err(RunError::HeadState)
}

/// Finishes the removals that a killed run did not get to.
fn clear_leftovers(
    settings: &Settings,
    store: &Store,
    spill: &SpillDir,
    loaded: Option<u64>,
) -> Result<(), RunError> {
    let loaded = loaded.map_or(0, |last| last + 1);
    leftovers::remove_loaded(spill, loaded)?;
    if !settings.keep_witnesses {
        leftovers::prune_traced(store, BlockRange::new(0, loaded))?;
        for unit in spill.units()? {
            leftovers::prune_traced(store, unit.range)?;
        }
    }
    Ok(())
}

fn create(path: &Path) -> Result<(), RunError> {
    fs::create_dir_all(path).map_err(|source| RunError::CreateDir { path: path.into(), source })
}

fn kind_of(source: Option<&Source>, store: &Store, settings: &Settings) -> Result<StoreKind, RunError> {
    match (source.map(Source::kind), store.identity()?) {
        (Some(SourceKind::Chain), _) => Ok(StoreKind::Chain),
        (Some(SourceKind::Witnesses), _) => Ok(StoreKind::Witnesses),
        (None, Some(identity)) => Ok(identity.kind),
        (None, None) => Err(RunError::NothingToDo { data_dir: settings.data_dir.clone() }),
    }
}

fn open_tables(settings: &Settings, budget: &Budget) -> Result<Database, RunError> {
    if let Some(parent) = settings.out.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create(parent)?;
    }
    let options = LoadOptions {
        memory_bytes: budget.load,
        threads: settings.threads.max(1),
        temp_dir: settings.data_dir.join("duckdb-temp"),
    };
    Ok(Database::open(&settings.out, &options)?)
}

fn summarise(run: &StageRun) -> StageSummary {
    StageSummary {
        id: run.id,
        checkpoint: run.checkpoint,
        blocks: run.done.blocks,
        transactions: run.done.transactions,
        gas: run.done.gas,
        rows: run.done.rows,
        bytes: run.done.bytes,
        busy: run.busy,
    }
}
