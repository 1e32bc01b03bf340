//! What a comparison reads beyond what computing roots needs.

use alloy::primitives::{B256, U256};

use crate::{TrieReader, Visit};

/// A hashed address, and a hashed key in that account's storage.
pub(super) type SlotKey = (B256, B256);

/// How many branches are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BranchCounts {
    /// Of the account trie.
    pub accounts: u64,
    /// Of all storage tries, those of accounts that do not exist among them.
    pub storage: u64,
}

/// A state with its tries that can be read from one end to the other.
pub trait TrieScan: TrieReader {
    /// Visits the slots of all accounts, ascending by hashed address, then by hashed key, from this one on. Slots of
    /// accounts that do not exist are among them. A visitor never skips.
    fn slot_leaves_from(
        &self,
        from: (B256, B256),
        visit: &mut dyn FnMut((B256, B256), U256) -> Visit,
    ) -> Result<(), Self::Error>;

    /// Counts all branches.
    fn branch_counts(&self) -> Result<BranchCounts, Self::Error>;
}
