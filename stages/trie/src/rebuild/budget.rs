//! One number of bytes, split among the buffers of a rebuild; the module above says how and why.

use alloy::primitives::{B256, U256};
use alloy_trie::TrieAccount;

use super::error::RebuildError;
use crate::{BranchUpdate, StorageUpdates, TrieUpdates};

/// The smallest budget of a rebuild, in bytes: two runs of each kind can then be merged.
pub const MIN_MEMORY_BYTES: usize = 128 << 10;

/// The read buffer of a run, at least and at most: a disk is read in large pieces where there is memory for it.
const READER_BYTES: [usize; 2] = [4 << 10, 256 << 10];

/// Runs of a kind that are open at once, at most: processes may have a thousand files open, and most are RocksDB's.
const MAX_OPEN_RUNS: usize = 128;

/// What branch rows take, per leaf, in bytes. Of random keys it is 10 to 40 and depends on how many there are; a hash
/// builder's own map takes as much again until it is drained.
const ROWS_PER_LEAF_BYTES: usize = 96;

/// An account in a chunk: its leaf, its storage with a root and a position, and its share of the branches.
const ACCOUNT_BYTES: usize = size_of::<(B256, Option<TrieAccount>)>()
    + size_of::<(StorageUpdates, B256, usize)>()
    + ROWS_PER_LEAF_BYTES;

/// A slot in a chunk, with its share of the branches.
const SLOT_BYTES: usize = size_of::<(B256, U256)>() + ROWS_PER_LEAF_BYTES;

/// How much each buffer may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct SortBudget {
    /// Rows that wait to be sorted, in bytes.
    pub(super) sort_bytes: usize,
    /// The read buffer of a run.
    pub(super) reader_bytes: usize,
    /// Runs that are read at once while runs are merged into fewer.
    pub(super) pass_runs: usize,
    /// Runs of each kind that are read at once while tries are computed.
    pub(super) joined_runs: usize,
    /// Accounts in a chunk.
    pub(super) chunk_accounts: usize,
    /// Slots in a chunk.
    pub(super) chunk_slots: usize,
    /// Slots of one account that are gathered before they go into a chunk, or are written alone if there are more.
    pub(super) piece_slots: usize,
}

impl SortBudget {
    pub(super) fn new(bytes: usize) -> Result<Self, RebuildError> {
        if bytes < MIN_MEMORY_BYTES {
            return Err(RebuildError::Memory { bytes });
        }
        let [least, most] = READER_BYTES;
        let reader_bytes = (bytes / 4 / 2 / MAX_OPEN_RUNS).clamp(least, most);
        let joined_runs = (bytes / 4 / 2 / reader_bytes).min(MAX_OPEN_RUNS);
        let chunk_bytes = bytes - 2 * joined_runs * reader_bytes;
        Ok(Self {
            sort_bytes: bytes - bytes / 8,
            reader_bytes,
            pass_runs: ((bytes - bytes / 4) / reader_bytes).min(MAX_OPEN_RUNS),
            joined_runs,
            chunk_accounts: chunk_bytes / 3 / ACCOUNT_BYTES,
            chunk_slots: chunk_bytes / 3 / SLOT_BYTES,
            piece_slots: chunk_bytes / 6 / SLOT_BYTES,
        })
    }
}

/// What rows take in memory, in bytes.
pub(super) fn bytes_of(rows: &TrieUpdates) -> usize {
    let storage: usize = rows.storage.iter().map(bytes_of_storage).sum();
    rows.accounts.capacity() * size_of::<(B256, Option<TrieAccount>)>()
        + bytes_of_branches(&rows.branches)
        + rows.storage.capacity() * size_of::<StorageUpdates>()
        + storage
}

fn bytes_of_storage(rows: &StorageUpdates) -> usize {
    rows.slots.capacity() * size_of::<(B256, U256)>() + bytes_of_branches(&rows.branches)
}

fn bytes_of_branches(rows: &Vec<BranchUpdate>) -> usize {
    /// The shared vector's header and its two counts.
    const SHARED_BYTES: usize = 40;
    let hashes: usize = rows
        .iter()
        .filter_map(|(_, node)| node.as_ref())
        .map(|node| SHARED_BYTES + node.hashes.capacity() * size_of::<B256>())
        .sum();
    rows.capacity() * size_of::<BranchUpdate>() + hashes
}

/// The most bytes that were held at once.
#[derive(Debug, Default)]
pub(super) struct Peak(usize);

impl Peak {
    pub(super) fn note(&mut self, bytes: usize) {
        self.0 = self.0.max(bytes);
    }

    pub(super) fn bytes(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_budget_merges_two_runs_of_each_kind() {
        let budget = SortBudget::new(MIN_MEMORY_BYTES).unwrap();
        assert!(budget.joined_runs >= 2 && budget.pass_runs >= budget.joined_runs, "{budget:?}");
        assert!(budget.piece_slots > 1 && budget.chunk_slots >= budget.piece_slots, "{budget:?}");
        assert!(matches!(SortBudget::new(MIN_MEMORY_BYTES - 1), Err(RebuildError::Memory { .. })));
    }
}
