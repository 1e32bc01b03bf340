//! Takes executed blocks back.

use blockmill_chain::{BlockChanges, BlockRange};
use blockmill_store::{Store, StoreError};
use blockmill_trie::StateTrie;

use crate::error::RunError;

/// Changes that are taken back in one write, in bytes, at most.
const STEP_BYTES: usize = 16 << 20;
/// The part of the memory for changes that are taken back in one write. They are there three times: as they are, as rows of
/// the trie, and in the write. Half is for nodes of the trie.
const STEP_PART: usize = 8;

/// Takes the store's state with its tries, change sets and witnesses back to where they were after block
/// `to`. The root is compared with each header that a write leads back to; a call that was cut short is
/// simply repeated.
///
/// Blocks stay stored, and tables and spill as they are. What is taken back at a time and the nodes of the trie take about
/// `memory_bytes`, and no less than a block does.
///
/// # Errors
/// A block that the change sets do not reach back to, and a state that does not come out as its header says.
pub fn unwind_state(store: &Store, to: u64, memory_bytes: usize) -> Result<(), RunError> {
    let oldest = store.oldest_change_set()?;
    let mut trie = StateTrie::new(memory_bytes / 2);
    while let Some(last) = store.execute_checkpoint()?.filter(|last| *last > to) {
        if oldest.is_none_or(|oldest| oldest > to + 1) {
            return Err(RunError::NoWayBack { to, oldest: oldest.map(|oldest| oldest - 1) });
        }
        let (back, number) = changes_back(store, last, to, STEP_BYTES.min(memory_bytes / STEP_PART))?;
        let root = trie.apply(store, &back)?;
        let header = store.header(number)?.ok_or(StoreError::UnknownBlock { number })?;
        if root != header.state_root {
            return Err(RunError::DamagedTrie { block: number, expected: header.state_root, actual: root });
        }
        let taken_back = BlockRange::new(number + 1, last + 1);
        let mut batch = store.batch();
        batch.put_changes(&back)?;
        batch.put_trie(&trie.take_updates())?;
        batch.delete_change_sets(taken_back)?;
        batch.prune_witnesses(store.witness_numbers(taken_back).collect::<Result<Vec<_>, _>>()?);
        batch.set_execute_checkpoint(number);
        batch.commit_synced()?;
    }
    Ok(())
}

/// The changes that lead back from the state after block `last`, as far as one write goes, and the block that
/// they lead to.
fn changes_back(
    store: &Store,
    last: u64,
    to: u64,
    step_bytes: usize,
) -> Result<(BlockChanges, u64), RunError> {
    let mut back = BlockChanges::default();
    let (mut number, mut bytes) = (last, 0);
    while number > to && (number == last || bytes < step_bytes) {
        let missing = || RunError::NoWayBack { to, oldest: Some(number) };
        let changes = store.change_set(number)?.ok_or_else(missing)?.into_changes();
        bytes += changes.bytes();
        back.merge(changes);
        number -= 1;
    }
    Ok((back, number))
}
