//! Other tables from witnesses that were retained: traced and loaded, without executing anything.

use std::path::PathBuf;
use std::time::Instant;

use blockmill_chain::{BlockRange, Cancel, Monitor, RangeRequest};
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreOptions};

use crate::error::RunError;
use crate::genesis::Chain;
use crate::memory::Budget;
use crate::rewind::leftovers;
use crate::run::open_tables::open_tables;
use crate::run::rebuild::store_dir;
use crate::run::summary::RunSummary;
use crate::run::tables_identity;
use crate::run::target::Target;
use crate::run::{Feed, Prepared};
use crate::settings::Settings;

/// Traces blocks whose witnesses are retained and loads the rows into a DuckDB file of its own, or gets on with what an
/// earlier call left. Of the settings, those about sources, roots and tries do not count.
///
/// # Errors
/// No data directory, blocks whose witness is not retained, a DuckDB file with other tables, and what can go wrong with
/// files. What was done before is durable, and the same call resumes.
pub fn retrace(settings: &Settings, cancel: &Cancel, monitor: &dyn Monitor) -> Result<RunSummary, RunError> {
    let started = Instant::now();
    let settings = &Settings { keep_witnesses: true, sources: Vec::new(), ..settings.clone() };
    let budget = Budget::split(settings.memory, settings.threads)?;
    let folder = store_dir(&settings.data_dir);
    if !folder.exists() {
        return Err(RunError::NothingToDo { data_dir: settings.data_dir.clone() });
    }
    let chain = Chain::resolve(&settings.chain, settings.genesis.as_deref())?;
    let store = Store::open(folder, StoreOptions { budget_bytes: budget.store })?;
    let nothing_to_do = || RunError::NothingToDo { data_dir: settings.data_dir.clone() };
    let kind = store.identity()?.ok_or_else(nothing_to_do)?.kind;
    chain.adopt(&store, &settings.data_dir, kind)?;
    let rows = retained(&store, settings)?;
    let spill = SpillDir::open(&spill_dir(settings))?;
    let mut database = open_tables(settings, &budget)?;
    let mut facts = tables_identity::facts(settings, &chain, kind, store.first_block()?);
    facts.push(tables_identity::first_block(rows.start));
    tables_identity::adopt(&mut database, &settings.out, &spill, &facts)?;
    tables_identity::note_state(&mut database, &store)?;
    leftovers::remove_loaded(&spill, database.checkpoint()?.map_or(0, |last| last + 1))?;
    let target = Target { kind, rows, first_stored: rows.start, has_state: true };
    let feed = Feed::Retained;
    Prepared { started, settings, chain: &chain, budget, store, spill: &spill, database, target, feed }
        .run(cancel, monitor)
}

/// Rows on their way into a file wait in a folder that has its name: several files can be under way.
fn spill_dir(settings: &Settings) -> PathBuf {
    let name = settings.out.file_name().unwrap_or_default();
    settings.data_dir.join("trace-spill").join(name)
}

/// The blocks to trace: those asked for, all of which must have their witness; without a range, from the first to the
/// last that has one.
fn retained(store: &Store, settings: &Settings) -> Result<BlockRange, RunError> {
    let everything = BlockRange::new(0, u64::MAX);
    let asked = settings.range != RangeRequest::default();
    let wanted = settings.range.within(everything);
    let nothing =
        || RunError::NothingRetained { data_dir: settings.data_dir.clone(), range: asked.then_some(wanted) };
    let first = store.witness_numbers(wanted).next().transpose()?.ok_or_else(nothing)?;
    let start = settings.range.start.unwrap_or(first);
    let stored = store.source_checkpoint()?.map_or(0, |last| last + 1);
    let end = match settings.range.end {
        Some(end) => end.min(stored),
        None => store.witness_numbers(wanted).last().transpose()?.map_or(start, |last| last + 1),
    };
    let range = BlockRange::new(start, end);
    let mut witnesses = store.witness_numbers(range);
    for number in store.numbers(range) {
        let number = number?;
        if witnesses.next().transpose()? != Some(number) {
            return Err(RunError::NotRetained { block: number, range });
        }
    }
    Ok(range)
}
