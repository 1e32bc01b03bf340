//! What `verify --deep` adds: everything that can be recomputed.

use std::path::{Path, PathBuf};

use crate::error::RunError;
use crate::tries::{TrieComparison, compare_tries};
use blockmill_load::LoadedUnit;
use blockmill_schemas::Dataset;
use blockmill_store::StoreKind;

use super::places::Places;
use super::receipts::other_receipts;
use super::{Outcome, Report, Request, StoreDamage, check_store, loaded_range, no_store};

/// Everything that can be recomputed.
pub(super) fn report(
    request: &Request<'_>,
    units: &[LoadedUnit],
    report: &mut Report<'_>,
) -> Result<(), RunError> {
    report(
        "rows_are_those_that_were_extracted",
        "the rows of every unit and table have the digest that was made when they were extracted",
        digests(request, units),
    )?;
    report(
        "receipts_make_the_root_of_the_header",
        "the transactions and logs of a block give exactly its header's receipts root",
        receipts(request, units),
    )?;
    report(
        "stored_blocks_and_code_have_their_hashes",
        "every block in the store fits its hash, its roots, its senders and its parent; all code its hash",
        Ok(stored(request)),
    )?;
    report_tries(request, report)
}

fn receipts(request: &Request<'_>, units: &[LoadedUnit]) -> Result<Outcome, RunError> {
    let needed =
        [Dataset::Blocks, Dataset::Transactions, Dataset::Logs].map(|dataset| loaded_range(units, dataset));
    let [Some(range), Some(_), Some(_)] = needed else {
        return Ok(Outcome::Skipped { reason: "blocks, transactions or logs not loaded".into() });
    };
    Ok(other_receipts(request.database, range, request.budget.window)?.outcome())
}

fn stored(request: &Request<'_>) -> Outcome {
    let Some(store) = request.store else { return no_store() };
    let StoreDamage { count, samples } = check_store(store, request.budget.window);
    Outcome::of(count, samples)
}

fn digests(request: &Request<'_>, units: &[LoadedUnit]) -> Result<Outcome, RunError> {
    let scratch = tempfile_in(request.scratch)?;
    let mut places = Places::default();
    for unit in units {
        for dataset in request.database.changed_rows(unit, &scratch)? {
            places.add(format!("blocks {} of {dataset}", unit.range));
        }
    }
    Ok(places.outcome())
}

/// A name in the folder for temporary files; two checks at a time do not meet.
fn tempfile_in(scratch: &Path) -> Result<PathBuf, RunError> {
    let folder = scratch.join("duckdb-temp");
    let failed = |source| RunError::CreateDir { path: folder.clone(), source };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    Ok(folder.join(format!("digest-{}.parquet", std::process::id())))
}

/// The stored state: whether it leads to the root in the header, and whether its tries are those of its accounts and slots.
fn report_tries(request: &Request<'_>, report: &mut Report<'_>) -> Result<(), RunError> {
    const ROOT: (&str, &str) = (
        "head_state_root_matches_the_header",
        "the root of all accounts and slots in the store is that of the last executed header",
    );
    const TRIES: (&str, &str) = (
        "stored_tries_match_the_state",
        "every stored leaf and branch of the state trie is what all accounts and slots give",
    );
    let (root, tries) = match compare_with_state(request) {
        Ok(Ok(comparison)) => (Ok(root_outcome(&comparison)), tries_outcome(&comparison)),
        Ok(Err(skipped)) => (Ok(skipped.clone()), skipped),
        Err(error) => {
            (Err(error), Outcome::Failed { reason: "the root of the state could not be computed".into() })
        }
    };
    report(ROOT.0, ROOT.1, root)?;
    report(TRIES.0, TRIES.1, Ok(tries))
}

/// The comparison, or why there is nothing to compare.
fn compare_with_state(request: &Request<'_>) -> Result<Result<TrieComparison, Outcome>, RunError> {
    let skipped = |reason: &str| Ok(Err(Outcome::Skipped { reason: reason.into() }));
    let Some(store) = request.store else { return Ok(Err(no_store())) };
    let is_chain = store.identity()?.is_some_and(|identity| identity.kind == StoreKind::Chain);
    if !is_chain || store.execute_checkpoint()?.is_none() {
        return skipped("no block was executed, so there is no state");
    }
    if !store.trie_is_whole()? {
        return skipped("the state trie is being computed anew: run 'blockmill rebuild' to finish that");
    }
    Ok(Ok(compare_tries(store, request.scratch, request.budget.trie)?))
}

fn root_outcome(comparison: &TrieComparison) -> Outcome {
    let TrieComparison { root, root_in_header, .. } = comparison;
    if root == root_in_header {
        return Outcome::Holds;
    }
    let sample =
        format!("the header says {root_in_header}, the state has {root}: rebuild into a new --data-dir");
    Outcome::Broken { violations: 1, samples: vec![sample] }
}

fn tries_outcome(comparison: &TrieComparison) -> Outcome {
    let differences = &comparison.differences;
    if differences.is_none() {
        return Outcome::Holds;
    }
    let mut samples: Vec<_> = differences.kept.iter().map(ToString::to_string).collect();
    samples.push("'blockmill rebuild --rebuild-trie' computes the trie anew".into());
    Outcome::Broken { violations: differences.count, samples }
}
