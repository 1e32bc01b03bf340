//! Where a data directory and its DuckDB file stand, without changing either; beside a run, too.

use std::path::Path;

use blockmill_chain::{KnownChain, StageId};
use blockmill_load::{Database, LoadError, LoadOptions, TableStats};
use blockmill_source::Source;
use blockmill_spill::SpillDir;
use blockmill_store::{Identity, Store, StoreKind, StoreOptions};

use crate::error::RunError;
use crate::genesis::Chain;
use crate::run::progress::RunProgress;
use crate::run::rebuild::{open_source, spill_dir, store_dir, stored_as};
use crate::run::tables_identity;
use crate::settings::Settings;

/// How far the stages and the tables of a data directory are.
#[derive(Debug, Clone)]
pub struct Status {
    /// The name of the chain, or what tells it apart.
    pub chain: String,
    /// The block that the chain starts from and what its state was loaded from, where that is not genesis.
    pub state: Option<(u64, String)>,
    /// The last block that a run would go to, where it is known.
    pub target: Option<u64>,
    /// The run that is going on.
    pub run: Option<RunProgress>,
    /// The stages, upstream first; those that write rows only where it is known how far the tables are.
    pub stages: Vec<StageStatus>,
    /// What is in the tables.
    pub tables: TablesStatus,
}

/// What is in the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TablesStatus {
    /// Rows per table; no table where there is no DuckDB file.
    Counted(Vec<TableStats>),
    /// Another process has the file: this is why it cannot be asked.
    NotCounted(String),
}

/// Where one stage stands.
#[derive(Debug, Clone)]
pub struct StageStatus {
    /// The stage.
    pub id: StageId,
    /// The last block it has done.
    pub checkpoint: Option<u64>,
    /// Blocks between it and its input.
    pub lag: u64,
    /// Rows that wait for the next stage, where it writes rows.
    pub rows: Option<u64>,
    /// Bytes of them.
    pub bytes: Option<u64>,
    /// What a run would do next.
    pub next: String,
}

/// Memory for reading the status: nothing is computed.
const STORE_BYTES: usize = StoreOptions::SMALLEST_BUDGET_BYTES;
const LOAD_BYTES: u64 = 256 << 20;

/// Where a data directory stands. Beside a process that has it open to write, files can go while they are read: look again
/// then.
pub fn status(data_dir: &Path, out: &Path) -> Result<Status, RunError> {
    look(data_dir, out, None)
}

/// What a run with these settings would do; nothing is written.
///
/// # Errors
/// What a run with them would be refused for, as far as the files tell without writing.
pub fn dry_run(settings: &Settings) -> Result<Status, RunError> {
    let chain = Chain::resolve(&settings.chain, settings.genesis.as_deref())?;
    let source = open_source(settings, &chain)?;
    look(&settings.data_dir, &settings.out, Some(&Plan { settings, chain, source }))
}

/// A run that is asked about, and not made.
struct Plan<'a> {
    settings: &'a Settings,
    chain: Chain,
    source: Option<Source>,
}

impl Plan<'_> {
    /// That the tables are those that the run would fill.
    fn check_tables(
        &self,
        database: &Database,
        stored: Option<StoreKind>,
        first_block: u64,
    ) -> Result<(), RunError> {
        let Some(kind) = self.source.as_ref().map(|source| stored_as(source.kind())).or(stored) else {
            return Ok(());
        };
        let facts = tables_identity::facts(self.settings, &self.chain, kind, first_block);
        tables_identity::check(database, &self.settings.out, &facts).map(drop)
    }
}

/// A chain by its name, or by what tells it apart.
fn name_of(identity: &Identity) -> String {
    match KnownChain::by_genesis(identity.genesis_hash) {
        Some(chain) => chain.name().into(),
        None => format!("chain id {}, genesis {}", identity.chain_id, identity.genesis_hash),
    }
}

/// How far the stages are: one past the last block each has done.
#[derive(Default)]
struct Ends {
    source: u64,
    execute: u64,
    trace: u64,
    /// `None` where the tables cannot be asked.
    load: Option<u64>,
    needs_trie: bool,
    witness_bytes: u64,
    spill_bytes: u64,
    spill_rows: u64,
    is_executed: bool,
    /// The first block whose rows are wanted.
    first_row: u64,
}

fn look(data_dir: &Path, out: &Path, plan: Option<&Plan<'_>>) -> Result<Status, RunError> {
    let mut ends = Ends { is_executed: true, ..Ends::default() };
    let mut chain = plan.map_or("unknown", |plan| &plan.chain.spec.name).to_owned();
    let (mut kind, mut state) = (None, None);
    // Open until the tables have been looked at: a run that begins meanwhile waits for its lock.
    let store = store_dir(data_dir)
        .exists()
        .then(|| Store::open_to_read(store_dir(data_dir), StoreOptions { budget_bytes: STORE_BYTES }))
        .transpose()?;
    if let Some(store) = &store {
        if let Some(identity) = store.identity()? {
            chain = name_of(&identity);
            ends.is_executed = identity.kind == StoreKind::Chain;
            kind = Some(identity.kind);
            ends.first_row = identity.first_block;
            state = store.state_origin()?.map(|origin| (identity.first_block, origin));
        }
        ends.source = store.source_checkpoint()?.map_or(0, |last| last + 1);
        ends.execute = if ends.is_executed {
            store.execute_checkpoint()?.map_or(0, |last| last + 1)
        } else {
            ends.source
        };
        ends.needs_trie = ends.is_executed && ends.execute > 0 && !store.trie_is_whole()?;
        ends.witness_bytes = store.witness_bytes();
    }
    if let (None, Some(wanted)) = (&store, plan.and_then(|plan| plan.settings.state.as_ref())) {
        ends.first_row = wanted.block;
        state = Some((wanted.block, format!("{}, which a run loads first", wanted.file.display())));
    }
    let first_block = ends.first_row;
    let writer = store.as_ref().and_then(Store::writer);
    let run = writer.and_then(|process| RunProgress::read(data_dir, process));
    let filling = run.as_ref().filter(|run| run.fills(out));
    let tables = match (writer, filling) {
        (Some(process), None) if run.is_none() => {
            TablesStatus::NotCounted(format!("process {process} has the data directory open"))
        }
        (Some(process), Some(run)) => {
            ends.load = run.stage(StageId::Load).map(|load| load.next);
            TablesStatus::NotCounted(format!("process {process} is filling the database"))
        }
        _ => look_at_tables(data_dir, out, &mut ends, |database| {
            plan.map_or(Ok(()), |plan| plan.check_tables(database, kind, first_block))
        })?,
    };
    look_at_spill(data_dir, &mut ends)?;
    let end_of_run = filling.into_iter().flat_map(|run| &run.stages).map(|stage| stage.range.end).max();
    let end_of_source = plan.and_then(|plan| plan.source.as_ref()).map(|source| source.range().end);
    let known = end_of_source.or(end_of_run).unwrap_or(0).max(ends.source);
    let range = plan.map(|plan| plan.settings.range).unwrap_or_default();
    ends.first_row = range.start.unwrap_or(ends.first_row);
    let target = range.end.map_or(known, |end| end.min(known)).checked_sub(1);
    let stages = stages(&ends, target.map_or(0, |last| last + 1));
    Ok(Status { chain, state, target, run, stages, tables })
}

fn look_at_tables(
    data_dir: &Path,
    out: &Path,
    ends: &mut Ends,
    check: impl Fn(&Database) -> Result<(), RunError>,
) -> Result<TablesStatus, RunError> {
    if !out.exists() {
        ends.load = Some(0);
        return Ok(TablesStatus::Counted(Vec::new()));
    }
    let options =
        LoadOptions { memory_bytes: LOAD_BYTES, threads: 1, temp_dir: data_dir.join("duckdb-temp") };
    let database = match Database::open_read_only(out, &options) {
        Err(LoadError::Locked { holder, .. }) => {
            return Ok(TablesStatus::NotCounted(format!("another process has the database open ({holder})")));
        }
        opened => opened?,
    };
    check(&database)?;
    ends.load = Some(database.checkpoint()?.map_or(0, |last| last + 1));
    Ok(TablesStatus::Counted(database.table_stats()?))
}

fn look_at_spill(data_dir: &Path, ends: &mut Ends) -> Result<(), RunError> {
    ends.trace = ends.load.unwrap_or(0);
    if !spill_dir(data_dir).exists() {
        return Ok(());
    }
    for unit in SpillDir::open_read_only(&spill_dir(data_dir)).units()? {
        if unit.range.start <= ends.trace {
            ends.trace = ends.trace.max(unit.range.end);
        }
        for segment in &unit.segments {
            ends.spill_rows += segment.rows;
            ends.spill_bytes += segment.bytes;
        }
    }
    Ok(())
}

fn stages(ends: &Ends, target: u64) -> Vec<StageStatus> {
    let stage = |id, done: u64, input: u64, rows, bytes| {
        let writes_rows = matches!(id, StageId::Trace | StageId::Load);
        let start = if writes_rows { done.max(ends.first_row) } else { done };
        let lag = input.saturating_sub(start);
        let next = match lag {
            0 => "nothing to do".to_string(),
            _ => format!("{} blocks {start}:{input}", verb(id)),
        };
        StageStatus { id, checkpoint: done.checked_sub(1), lag, rows, bytes, next }
    };
    let mut stages = vec![stage(StageId::Source, ends.source, target, None, None)];
    if ends.is_executed {
        let mut execute = stage(StageId::Execute, ends.execute, target, None, Some(ends.witness_bytes));
        if ends.needs_trie {
            execute.next = format!("compute the state trie anew, then {}", execute.next);
        }
        stages.push(execute);
    }
    if let Some(loaded) = ends.load {
        stages.push(stage(StageId::Trace, ends.trace, target, Some(ends.spill_rows), Some(ends.spill_bytes)));
        stages.push(stage(StageId::Load, loaded, target, None, None));
    }
    stages
}

fn verb(id: StageId) -> &'static str {
    match id {
        StageId::Source => "read",
        StageId::Execute => "execute",
        StageId::Trace => "trace",
        StageId::Load => "load",
    }
}
