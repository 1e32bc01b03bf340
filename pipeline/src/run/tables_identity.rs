//! What a DuckDB file says it holds, compared with what a run would put in.

use std::path::Path;

use blockmill_load::Database;
use blockmill_schemas::Dataset;
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreKind};

use crate::error::RunError;
use crate::genesis::Chain;
use crate::settings::Settings;

/// One thing that a file's tables depend on.
pub(crate) struct Fact {
    key: &'static str,
    value: String,
    /// The option that sets it.
    option: &'static str,
}

/// What the tables of this run depend on, but for their first block. `state_block` is the block whose state the chain starts from,
/// 0 for genesis.
pub(crate) fn facts(settings: &Settings, chain: &Chain, kind: StoreKind, state_block: u64) -> Vec<Fact> {
    let datasets: Vec<_> =
        Dataset::completed(&settings.datasets).iter().map(|dataset| dataset.name()).collect();
    let starts_from = match state_block {
        0 => "genesis".to_owned(),
        block => format!("the state of block {block}"),
    };
    let kind = match kind {
        StoreKind::Chain => "chain",
        StoreKind::Witnesses => "witnesses",
    };
    let facts = [
        ("chain_id", chain.spec.chain_id.to_string(), "--chain"),
        ("genesis_hash", chain.genesis_hash().to_string(), "--chain or --genesis"),
        ("kind", kind.to_string(), "--source"),
        ("datasets", datasets.join(","), "--datasets"),
        ("precompiles", settings.precompiles.to_string(), "--precompiles"),
        ("opcode_stack", settings.opcode_stack.to_string(), "--opcodes"),
        ("starts_from", starts_from, "--state-block"),
    ];
    facts.into_iter().map(|(key, value, option)| Fact { key, value, option }).collect()
}

/// Notes where the state came from that the chain starts from, where that is not genesis: macros and checks go by its block.
pub(crate) fn note_state(database: &mut Database, store: &Store) -> Result<(), RunError> {
    let first = store.first_block()?;
    let (Some(origin), Some(header)) = (store.state_origin()?, store.header(first)?) else { return Ok(()) };
    let (block, root) = (first.to_string(), header.state_root.to_string());
    Ok(database.set_metas(&[("state_block", &block), ("state_root", &root), ("state_origin", &origin)])?)
}

/// What a list of datasets has that another has not. Payloads are not mentioned: they come with the tables
/// that have any.
fn difference(held: &str, wanted: &str) -> String {
    let without = |list: &str, other: &str| {
        let other: Vec<_> = other.split(',').collect();
        let rest = list.split(',').filter(|name| !other.contains(name) && *name != Dataset::Payloads.name());
        rest.collect::<Vec<_>>().join(",")
    };
    match (without(wanted, held), without(held, wanted)) {
        (more, less) if less.is_empty() => format!("this run adds {more}"),
        (more, less) if more.is_empty() => format!("this run leaves out {less}"),
        (more, less) => format!("this run adds {more} and leaves out {less}"),
    }
}

/// The first block whose rows are wanted.
pub(crate) fn first_block(number: u64) -> Fact {
    Fact { key: "first_block", value: number.to_string(), option: "start of --range" }
}

/// Whether a file is another chain's only because a run began with that one's genesis: it holds nothing beyond.
fn is_free(database: &Database, facts: &[Fact]) -> Result<bool, RunError> {
    if database.checkpoint()?.is_some_and(|last| last > 0) {
        return Ok(false);
    }
    for Fact { key, value, .. } in
        facts.iter().filter(|fact| ["chain_id", "genesis_hash"].contains(&fact.key))
    {
        if database.meta(key)?.is_some_and(|held| held != *value) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes the facts in a new file; in an old one, checks that this run would write the same. Sealed units of rows that
/// wait to be loaded were made for the file of the run that sealed them, so a new file is refused beside them.
pub(crate) fn adopt(
    database: &mut Database,
    out: &Path,
    spill: &SpillDir,
    facts: &[Fact],
) -> Result<(), RunError> {
    let is_new = database.meta("kind")?.is_none();
    if is_new && !spill.units()?.is_empty() {
        let reason = "it is new, but sealed units of rows wait for the file of an interrupted run: give the --out of \
                      that run, or a new --data-dir";
        return Err(RunError::ForeignOut { path: out.to_path_buf(), reason: reason.into() });
    }
    // All at once: a file in which some are missing would be taken for a new one, or for one that fits any run.
    let wanted: Vec<_> = facts.iter().map(|fact| (fact.key, fact.value.as_str())).collect();
    if check(database, out, facts)? {
        database.truncate(0)?;
    }
    Ok(database.set_metas(&wanted)?)
}

/// That a run with these facts would put in what the file's tables hold. `true` where they hold another chain's genesis only,
/// which gives way.
pub(crate) fn check(database: &Database, out: &Path, facts: &[Fact]) -> Result<bool, RunError> {
    if is_free(database, facts)? {
        return Ok(true);
    }
    for Fact { key, value, option } in facts {
        if let Some(held) = database.meta(key)?.filter(|held| held != value) {
            let differs = match *key {
                "datasets" => difference(&held, value),
                _ => format!("this run has {value}"),
            };
            let reason = format!(
                "its tables were made with {key} = {held}, {differs}: give the same {option}, or another --out and --data-dir"
            );
            return Err(RunError::ForeignOut { path: out.to_path_buf(), reason });
        }
    }
    Ok(false)
}
