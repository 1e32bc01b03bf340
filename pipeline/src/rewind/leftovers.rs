//! Leftovers of a killed run: units that were loaded but not removed, witnesses that were traced but not
//! pruned.
//!
//! Both removals come after the write that makes them due, so a crash in between loses nothing; it only leaves
//! something that is not needed.

use blockmill_chain::BlockRange;
use blockmill_spill::{SpillDir, SpillError};
use blockmill_store::{Store, StoreError};

/// Witnesses pruned in one write.
const PRUNED_AT_ONCE: usize = 10_000;

/// Removes the units of blocks before `loaded`.
pub(crate) fn remove_loaded(spill: &SpillDir, loaded: u64) -> Result<(), SpillError> {
    for unit in spill.units()?.iter().filter(|unit| unit.range.end <= loaded) {
        spill.remove(unit.range)?;
    }
    Ok(())
}

/// Prunes the witnesses of blocks whose rows are sealed.
pub(crate) fn prune_traced(store: &Store, traced: BlockRange) -> Result<(), StoreError> {
    loop {
        let kept = store.witness_numbers(traced).take(PRUNED_AT_ONCE);
        let kept: Vec<u64> = kept.collect::<Result<_, _>>()?;
        if kept.is_empty() {
            return Ok(());
        }
        let mut batch = store.batch();
        batch.prune_witnesses(kept);
        batch.commit()?;
    }
}
