//! Rows of the trie in a batch: leaves and branches that changed.

use alloy::primitives::B256;
use blockmill_trie::{BranchUpdate, StorageUpdates, TrieId, TrieUpdates};

use super::branches_of;
use crate::codec::{encode_branch, encode_slot_value};
use crate::keys::{HashedSlotKey, TrieKey};
use crate::{Batch, Family, StoreError};

impl Batch<'_> {
    /// Writes what a computation of roots changed: leaves and branches. Of a wiped storage, everything that the store
    /// has is deleted first.
    ///
    /// # Panics
    /// When called twice: a wipe sees what is in the store, not what is in the batch. Compute the roots of a slice once.
    pub fn put_trie(&mut self, updates: &TrieUpdates) -> Result<(), StoreError> {
        assert!(!self.has_trie, "a batch takes the rows of the trie once");
        self.has_trie = true;
        for (hashed, account) in &updates.accounts {
            match account {
                Some(account) => self.put(Family::HashedAccounts, hashed, alloy_rlp::encode(account)),
                None => self.delete(Family::HashedAccounts, hashed),
            }
        }
        self.put_branches(TrieId::Accounts, &updates.branches);
        updates.storage.iter().try_for_each(|storage| self.put_storage_trie(storage))
    }

    fn put_storage_trie(&mut self, updates: &StorageUpdates) -> Result<(), StoreError> {
        let owner = updates.owner;
        if updates.wiped {
            self.wipe_storage_trie(owner)?;
        }
        for &(slot, value) in &updates.slots {
            let key = HashedSlotKey::new(owner, slot);
            if value.is_zero() {
                self.delete(Family::HashedStorage, key);
            } else {
                self.put(Family::HashedStorage, key, encode_slot_value(value));
            }
        }
        self.put_branches(TrieId::Storage(owner), &updates.branches);
        Ok(())
    }

    fn put_branches(&mut self, trie: TrieId, branches: &[BranchUpdate]) {
        for (path, branch) in branches {
            let key = TrieKey::branch(trie, path);
            match branch {
                Some(branch) => self.put(branches_of(trie), key, encode_branch(branch)),
                None => self.delete(branches_of(trie), key),
            }
        }
    }

    /// Deletes the rows one by one: range tombstones slow down every later read. Within a batch later rows win, so
    /// what came after the wipe is put after these.
    fn wipe_storage_trie(&mut self, owner: B256) -> Result<(), StoreError> {
        let store = self.store;
        for family in [Family::HashedStorage, Family::StorageBranches] {
            for key in store.scan_prefix(family, owner.as_slice(), |key, _| Ok(key.to_vec())) {
                self.delete(family, key?);
            }
        }
        Ok(())
    }
}
