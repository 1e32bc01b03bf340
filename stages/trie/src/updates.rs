//! Rows that changed: what a store writes in one batch with the changes that they follow from.

use alloy::primitives::{B256, U256};
use alloy_trie::{BranchNodeCompact, Nibbles, TrieAccount};

/// A branch row by its path; `None` where it is to be deleted. Rows never carry a root hash.
pub type BranchUpdate = (Nibbles, Option<BranchNodeCompact>);

/// Changed rows of all tries, each list sorted by its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrieUpdates {
    /// Leaves of the account trie by hashed address; `None` where the account ceased to exist.
    pub accounts: Vec<(B256, Option<TrieAccount>)>,
    /// Branches of the account trie.
    pub branches: Vec<BranchUpdate>,
    /// Storage tries, by hashed address.
    pub storage: Vec<StorageUpdates>,
}

/// Changed rows of one storage trie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageUpdates {
    /// keccak256 of the account's address.
    pub owner: B256,
    /// Everything stored before, slots and branches, is to be deleted first; what follows came after.
    pub wiped: bool,
    /// New values by hashed key; zero means deleted.
    pub slots: Vec<(B256, U256)>,
    /// Changed branches of the trie.
    pub branches: Vec<BranchUpdate>,
}

impl TrieUpdates {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.branches.is_empty() && self.storage.is_empty()
    }
}
