//! The main job: every stage to the target.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use blockmill_chain::{BlockRange, Cancel, Monitor, StageId};
use blockmill_load::Database;
use blockmill_source::{Source, SourceKind};
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreKind, StoreOptions};

use crate::error::RunError;
use crate::genesis::Chain;
use crate::memory::Budget;
use crate::rewind::{Reconciling, leave_fork, reconcile};
use crate::rewind::{leftovers, unused};
use crate::run::open_tables::{open_tables, set_damaged_tables_aside};
use crate::run::summary::RunSummary;
use crate::run::tables_identity;
use crate::run::target::Target;
use crate::run::{Feed, Prepared};
use crate::settings::Settings;
use crate::state::{StateError, StateLoad};
use crate::tries::Remaking;

/// Rebuilds the tables from the sources, or gets on with what an earlier run left.
///
/// # Errors
/// Bad settings, files that cannot be read or written, and chain data that does not verify; nothing of a block that
/// does not verify is published. What was done before is durable, and the same call resumes.
pub fn rebuild(settings: &Settings, cancel: &Cancel, monitor: &dyn Monitor) -> Result<RunSummary, RunError> {
    let started = Instant::now();
    let budget = Budget::split(settings.memory, settings.threads)?;
    let chain = Chain::resolve(&settings.chain, settings.genesis.as_deref())?;
    let mut source = open_source(settings, &chain)?;
    for note in source.iter().flat_map(|source| source.notes()) {
        monitor.note(StageId::Source, note);
    }
    if let Some(state) = &settings.state {
        create(&settings.data_dir)?;
        let (chain, data_dir, budget) = (&chain, settings.data_dir.as_path(), &budget);
        StateLoad { state, chain, data_dir, budget, cancel, monitor }.run(source.as_mut())?;
    }
    if source.is_none() && !store_dir(&settings.data_dir).exists() {
        return Err(RunError::NothingToDo { data_dir: settings.data_dir.clone() });
    }
    create(&settings.data_dir)?;
    let open_store =
        || Store::open(store_dir(&settings.data_dir), StoreOptions { budget_bytes: budget.store });
    let mut store = open_store()?;
    let kind = kind_of(source.as_ref(), &store, settings)?;
    // Files that begin with the chain's genesis show that it is the right one.
    let is_sure = source.as_ref().is_some_and(|source| source.range().start <= 1);
    if is_sure && chain.is_free(&store, kind)? {
        drop(store);
        forget_store(&settings.data_dir)?;
        store = open_store()?;
        let note = "nothing beyond the genesis of another chain was executed here: it was forgotten";
        monitor.note(StageId::Source, note);
    }
    chain.adopt(&store, &settings.data_dir, kind)?;
    refuse_range_before_state(settings, &store)?;
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
    if settings.tables_only {
        set_damaged_tables_aside(settings, &budget, cancel, monitor)?;
    }
    let is_new = !settings.out.exists();
    let mut database = open_tables(settings, &budget)?;
    let preparing = Preparing {
        settings,
        chain: &chain,
        kind,
        store: &store,
        spill: &spill,
        source: source.as_mut(),
        monitor,
        // No worker has work yet.
        trie_bytes: budget.trie_rebuild,
    };
    let target = match preparing.target(&mut database) {
        Ok(target) => target,
        Err(refused) => {
            if is_new {
                database.discard()?;
            }
            return Err(refused);
        }
    };
    let feed = Feed::Source(source.map(Box::new));
    let prepared =
        Prepared { started, settings, chain: &chain, budget, store, spill: &spill, database, target, feed };
    prepared.seal_rows_of_state(cancel)?;
    prepared.run(cancel, monitor)
}

/// Rows of blocks before a loaded state cannot be made.
fn refuse_range_before_state(settings: &Settings, store: &Store) -> Result<(), RunError> {
    let first = store.first_block()?;
    match settings.range.start {
        Some(start) if start < first => {
            Err(StateError::BeforeState { what: "what --range asks for", block: first }.into())
        }
        _ => Ok(()),
    }
}

/// What a run has open before it knows what it aims at.
struct Preparing<'a> {
    settings: &'a Settings,
    chain: &'a Chain,
    kind: StoreKind,
    store: &'a Store,
    spill: &'a SpillDir,
    source: Option<&'a mut Source>,
    monitor: &'a dyn Monitor,
    /// Memory for the trie, where blocks are taken back.
    trie_bytes: usize,
}

impl Preparing<'_> {
    /// Makes source, store and tables agree, and says how far the run goes.
    fn target(mut self, database: &mut Database) -> Result<Target, RunError> {
        let Self { settings, chain, kind, store, spill, monitor, trie_bytes, .. } = self;
        // Before anything is removed that another file's tables do not have.
        let facts = tables_identity::facts(settings, chain, kind, store.first_block()?);
        tables_identity::adopt(database, &settings.out, spill, &facts)?;
        if let Some(source) = self.source.as_deref_mut()
            && let Some(note) = leave_fork(store, database, spill, source, trie_bytes)?
        {
            monitor.note(StageId::Source, &note);
        }
        let source = self.source.as_deref_mut();
        let reconciling = Reconciling { settings, chain, store, spill, source, trie_bytes };
        for note in reconcile(reconciling, database)? {
            monitor.note(StageId::Load, &note);
        }
        let loaded = database.checkpoint()?;
        clear_leftovers(settings, store, spill, loaded)?;
        if let Some(source) = &self.source
            && let Some(note) = unused::read_again(store, source, kind, loaded)?
        {
            monitor.note(StageId::Source, &note);
        }
        let target = Target::find(settings, self.source.as_deref(), store, kind)?;
        let first_block = tables_identity::first_block(target.rows.start);
        tables_identity::adopt(database, &settings.out, spill, &[first_block])?;
        tables_identity::note_state(database, store)?;
        Ok(target)
    }
}

/// Where the store lies in a data directory.
pub fn store_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("store")
}

pub(crate) fn spill_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("spill")
}

/// The files of a run, up to where it wants them; they begin with the chain's genesis, as far as they tell.
pub(crate) fn open_source(settings: &Settings, chain: &Chain) -> Result<Option<Source>, RunError> {
    if settings.sources.is_empty() {
        return Ok(None);
    }
    let mut source = Source::open_until(&settings.sources, &chain.spec, settings.range.end)?;
    if settings.checksums {
        source.verify_checksums();
    }
    source.check_genesis(chain.genesis_hash())?;
    Ok(Some(source))
}

/// Removes what a run has stored and sealed that executed nothing beyond genesis.
fn forget_store(data_dir: &Path) -> Result<(), RunError> {
    let failed = |path: &Path, source| RunError::Forget { path: path.into(), source };
    // Under another name first: half a store would be taken for a damaged one.
    let (store, aside) = (store_dir(data_dir), data_dir.join("store.forgotten"));
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(|e| failed(&aside, e))?;
    }
    fs::rename(&store, &aside).map_err(|e| failed(&store, e))?;
    fs::remove_dir_all(&aside).map_err(|e| failed(&aside, e))?;
    Ok(SpillDir::open(&spill_dir(data_dir))?.remove_beyond(0)?)
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

pub(crate) fn create(path: &Path) -> Result<(), RunError> {
    fs::create_dir_all(path).map_err(|source| RunError::CreateDir { path: path.into(), source })
}

/// What a store is into which a source is read.
pub(crate) fn stored_as(kind: SourceKind) -> StoreKind {
    match kind {
        SourceKind::Chain => StoreKind::Chain,
        SourceKind::Witnesses => StoreKind::Witnesses,
    }
}

fn kind_of(source: Option<&Source>, store: &Store, settings: &Settings) -> Result<StoreKind, RunError> {
    match (source.map(Source::kind), store.identity()?) {
        (Some(kind), _) => Ok(stored_as(kind)),
        (None, Some(identity)) => Ok(identity.kind),
        (None, None) => Err(RunError::NothingToDo { data_dir: settings.data_dir.clone() }),
    }
}
