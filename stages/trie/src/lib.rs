//! The state trie: roots after every block from what changed, proofs, and the whole trie anew from the flat state.

mod error;
mod hashed_keys;
mod pending;
mod proof;
#[cfg(test)]
mod random_tests;
mod reader;
mod rebuild;
mod sparse;
mod state_trie;
#[cfg(test)]
mod test_store;
mod updates;

pub use alloy_trie::{BranchNodeCompact, EMPTY_ROOT_HASH, Nibbles, TrieAccount, TrieMask};
pub use error::TrieError;
pub use proof::{account_proof, storage_proof};
pub use reader::{EmptyState, TrieId, TrieReader, Visit};
pub use rebuild::{
    BranchCounts, Compare, Difference, Differences, FlatState, MIN_MEMORY_BYTES, RebuildError,
    RebuildOptions, RebuildTarget, Rebuilt, TrieScan, rebuild,
};
pub use state_trie::StateTrie;
pub use updates::{BranchUpdate, StorageUpdates, TrieUpdates};
