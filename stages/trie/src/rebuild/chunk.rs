//! Accounts with their storage, gathered until it is worth computing their storage roots side by side.

use alloy::primitives::{B256, U256};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use blockmill_chain::Account;
use rayon::prelude::*;

use super::budget::{self, SortBudget};
use super::grow::GrowingTrie;
use crate::{BranchUpdate, StorageUpdates, TrieUpdates};

/// What is gathered.
pub(super) struct Chunk {
    /// The rows to be: storage roots and branches are filled in last.
    rows: TrieUpdates,
    /// Which of the accounts each storage is of.
    owners: Vec<usize>,
    slots: usize,
    max_accounts: usize,
    max_slots: usize,
}

impl Chunk {
    pub(super) fn new(budget: &SortBudget) -> Self {
        let (max_accounts, max_slots) = (budget.chunk_accounts, budget.chunk_slots);
        let accounts = Vec::with_capacity(max_accounts);
        let storage = Vec::with_capacity(max_accounts);
        let rows = TrieUpdates { accounts, branches: Vec::new(), storage };
        Self { rows, owners: Vec::with_capacity(max_accounts), slots: 0, max_accounts, max_slots }
    }

    /// Whether an account with so many slots can be added.
    pub(super) fn has_room(&self, slots: usize) -> bool {
        self.rows.accounts.len() < self.max_accounts && self.slots + slots <= self.max_slots
    }

    /// Adds an account with the root of its storage, if that is known already.
    pub(super) fn push(&mut self, hashed: B256, account: Account, storage_root: Option<B256>) {
        let leaf = TrieAccount {
            nonce: account.nonce,
            balance: account.balance,
            storage_root: storage_root.unwrap_or(EMPTY_ROOT_HASH),
            code_hash: account.code_hash,
        };
        self.rows.accounts.push((hashed, Some(leaf)));
    }

    /// Adds all slots of the account that was added last; its storage root is computed with the others.
    pub(super) fn push_storage(&mut self, owner: B256, slots: &[(B256, U256)]) {
        if slots.is_empty() {
            return;
        }
        let storage = StorageUpdates { owner, slots: slots.to_vec(), ..StorageUpdates::default() };
        self.owners.push(self.rows.accounts.len() - 1);
        self.rows.storage.push(storage);
        self.slots += slots.len();
    }

    /// Computes the storage of all accounts. The accounts, now complete, are the next leaves of their trie.
    pub(super) fn compute_storage(&mut self) -> &[(B256, Option<TrieAccount>)] {
        let roots: Vec<B256> = self.rows.storage.par_iter_mut().map(compute_one).collect();
        for (owner, root) in self.owners.iter().zip(roots) {
            if let (_, Some(account)) = &mut self.rows.accounts[*owner] {
                account.storage_root = root;
            }
        }
        &self.rows.accounts
    }

    /// The rows of the chunk, with these branches of the account trie.
    pub(super) fn rows(&mut self, branches: Vec<BranchUpdate>) -> &TrieUpdates {
        self.rows.branches = branches;
        &self.rows
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.accounts.is_empty()
    }

    /// Forgets everything but the room.
    pub(super) fn clear(&mut self) {
        self.rows.accounts.clear();
        self.rows.branches = Vec::new();
        self.rows.storage.clear();
        self.owners.clear();
        self.slots = 0;
    }

    /// What it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        budget::bytes_of(&self.rows) + self.owners.capacity() * size_of::<(usize, B256)>()
    }
}

/// Fills in the branches of one storage and returns its root.
fn compute_one(storage: &mut StorageUpdates) -> B256 {
    let mut trie = GrowingTrie::new();
    trie.extend(&storage.slots);
    let (root, branches) = trie.finish();
    storage.branches = branches;
    root
}
