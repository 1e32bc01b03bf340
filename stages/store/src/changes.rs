//! What blocks do to the state, as rows of its flat families.

use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{Account, BlockChanges, StorageChanges};

use crate::codec::encode_slot_value;
use crate::keys::SlotKey;
use crate::{Batch, Family, StoreError};

impl Batch<'_> {
    /// Applies changes to the flat state and keeps the code they created. Where the store keeps the trie, the rows that
    /// follow from them ([`put_trie`](Self::put_trie)) belong into the same batch.
    ///
    /// An account that ceased to exist loses its row; its slots go where its storage is marked as wiped.
    ///
    /// # Panics
    /// When called twice: a wipe sees what is in the store, not what is in the batch. Merge the changes of a slice
    /// with [`BlockChanges::merge`] first.
    pub fn put_changes(&mut self, changes: &BlockChanges) -> Result<(), StoreError> {
        assert!(!self.has_changes, "a batch takes the changes of its blocks once, merged");
        self.has_changes = true;
        for (&address, &account) in &changes.accounts {
            self.put_account(address, account);
        }
        for (&address, storage) in &changes.storage {
            self.put_storage(address, storage)?;
        }
        for (&hash, code) in &changes.code {
            self.put_code(hash, code);
        }
        Ok(())
    }

    /// Keeps code under its hash.
    pub fn put_code(&mut self, hash: B256, code: &Bytes) {
        self.put(Family::Code, hash, code);
    }

    fn put_account(&mut self, address: Address, account: Option<Account>) {
        match account {
            Some(account) => self.put(Family::Accounts, address, alloy_rlp::encode(account)),
            None => self.delete(Family::Accounts, address),
        }
    }

    fn put_storage(&mut self, address: Address, changes: &StorageChanges) -> Result<(), StoreError> {
        if changes.wiped {
            self.wipe_storage(address)?;
        }
        for (&slot, &value) in &changes.slots {
            self.put_slot(SlotKey::new(address, slot), value);
        }
        Ok(())
    }

    /// Deletes the slots one by one: range tombstones slow down every later read. Within a batch later rows win, so
    /// slots that came after the wipe are put after these.
    fn wipe_storage(&mut self, address: Address) -> Result<(), StoreError> {
        let store = self.store;
        for key in store.scan_prefix(Family::Storage, address.as_slice(), |key, _| Ok(key.to_vec())) {
            self.delete(Family::Storage, key?);
        }
        Ok(())
    }

    /// Zero means that there is no row.
    fn put_slot(&mut self, key: SlotKey, value: U256) {
        if value.is_zero() {
            self.delete(Family::Storage, key);
        } else {
            self.put(Family::Storage, key, encode_slot_value(value));
        }
    }
}
