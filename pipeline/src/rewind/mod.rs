//! Unwinding: tables, spill, state and blocks go back to where they were after an earlier block.
//!
//! Tables are truncated first, because what is in them must be true; what the store holds beyond them is only
//! work that is done again. Every step can be repeated, and a run that finds the steps half done does the
//! rest ([`reconcile`]).

mod fork;
pub(crate) mod leftovers;
mod reconcile;
mod state;
pub(crate) mod unused;

use std::path::Path;

use blockmill_chain::BlockRange;
use blockmill_load::Database;
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreError, StoreKind, StoreOptions};

use crate::error::RunError;
use crate::memory::CommandBudget;
use crate::run::rebuild::{spill_dir, store_dir};
use crate::state::StateError;

pub(crate) use fork::leave_fork;
pub(crate) use reconcile::{Reconciling, reconcile};
pub use state::unwind_state;

/// Blocks that are forgotten in one write.
const FORGOTTEN_AT_ONCE: u64 = 1_000;

/// Where an unwound data directory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwound {
    /// The last block of the tables; `None` where they are empty.
    pub tables: Option<u64>,
    /// The block that the state is as of.
    pub state: u64,
    /// The last block that is stored.
    pub blocks: u64,
}

/// Takes a data directory and its tables back to block `to`, in the memory that `budget` gives to store and trie.
///
/// Blocks after `to` are forgotten. Tables end with the last unit that reaches no further than `to`, and
/// where the witnesses of what follows are pruned the state goes back as far: the next run executes those
/// blocks again.
///
/// # Errors
/// A data directory without a chain, blocks that the change sets do not reach back to, files that cannot be read or
/// written. What was done is durable, and the same call does the rest.
pub fn unwind(
    data_dir: &Path,
    database: &mut Database,
    to: u64,
    budget: &CommandBudget,
) -> Result<Unwound, RunError> {
    let store = Store::open(store_dir(data_dir), StoreOptions { budget_bytes: budget.store })?;
    if store.identity()?.is_none_or(|identity| identity.kind != StoreKind::Chain) {
        return Err(RunError::Usage("these are single blocks, not a chain: there is no way back".into()));
    }
    let spill = SpillDir::open(&spill_dir(data_dir))?;
    let unwound = take_back(&store, database, &spill, to, budget.trie)?;
    store.finish()?;
    Ok(unwound)
}

/// Like [`unwind`], with everything open, and so much memory for the trie.
pub(crate) fn take_back(
    store: &Store,
    database: &mut Database,
    spill: &SpillDir,
    to: u64,
    trie_bytes: usize,
) -> Result<Unwound, RunError> {
    refuse_too_far(store, to)?;
    let tables = database.truncate(to + 1)?;
    spill.remove_beyond(to + 1)?;
    let traced = traced_end(tables, spill)?;
    // Tracing on from there needs the witness.
    let has_witness = has_witness(store, traced)?;
    let state = if has_witness && traced <= to { to } else { to.min(traced.saturating_sub(1)) };
    unwind_state(store, state, trie_bytes)?;
    forget_blocks(store, to)?;
    Ok(Unwound {
        tables: tables.map(|end| end - 1),
        state: store.execute_checkpoint()?.unwrap_or(0),
        blocks: store.source_checkpoint()?.unwrap_or(0),
    })
}

pub(crate) fn has_witness(store: &Store, number: u64) -> Result<bool, StoreError> {
    Ok(store.witness_numbers(BlockRange::new(number, number + 1)).next().transpose()?.is_some())
}

/// Before anything is removed: the state must be able to go back as far as the tables.
fn refuse_too_far(store: &Store, to: u64) -> Result<(), RunError> {
    let first = store.first_block()?;
    if to < first {
        return Err(StateError::BeforeState { what: "the way back", block: first }.into());
    }
    let stored = store.source_checkpoint()?.unwrap_or(0);
    if to > stored {
        return Err(RunError::Usage(format!(
            "the store ends with block {stored}: there is no way back to {to}"
        )));
    }
    Ok(())
}

/// Where the blocks end whose rows are loaded or sealed, exclusive.
pub(crate) fn traced_end(tables: Option<u64>, spill: &SpillDir) -> Result<u64, RunError> {
    let ranges: Vec<_> = spill.units()?.into_iter().map(|unit| unit.range).collect();
    let mut end = tables.unwrap_or_else(|| ranges.first().map_or(0, |first| first.start));
    for range in ranges {
        // A unit after a gap is work that waits for those before it.
        if range.start <= end {
            end = end.max(range.end);
        }
    }
    Ok(end)
}

/// Removes the blocks after `to`, the last ones first: what is left is always a chain.
fn forget_blocks(store: &Store, to: u64) -> Result<(), RunError> {
    while let Some(last) = store.source_checkpoint()?.filter(|last| *last > to) {
        let first = last.saturating_sub(FORGOTTEN_AT_ONCE - 1).max(to + 1);
        let mut batch = store.batch();
        for number in first..=last {
            batch.delete_block(number)?;
        }
        batch.set_source_checkpoint(first - 1);
        batch.commit_synced()?;
    }
    Ok(())
}
