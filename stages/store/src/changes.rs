//! What blocks do to the state, as rows: flat and hashed side by side.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use blockmill_chain::{Account, BlockChanges, StorageChanges};

use crate::codec::encode_slot_value;
use crate::keys::{HashedSlotKey, SlotKey};
use crate::{Batch, Family, StoreError};

impl Batch<'_> {
    /// Applies changes to the state, flat and hashed, and keeps the code they created.
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
        let hashed = keccak256(address);
        match account {
            Some(account) => {
                let row = alloy_rlp::encode(account);
                self.put(Family::Accounts, address, &row);
                self.put(Family::HashedAccounts, hashed, &row);
            }
            None => {
                self.delete(Family::Accounts, address);
                self.delete(Family::HashedAccounts, hashed);
            }
        }
    }

    fn put_storage(&mut self, address: Address, changes: &StorageChanges) -> Result<(), StoreError> {
        let hashed_address = keccak256(address);
        if changes.wiped {
            self.wipe_storage(address, hashed_address)?;
        }
        for (&slot, &value) in &changes.slots {
            self.put_slot(SlotKey::new(address, slot), hashed_slot(hashed_address, slot), value);
        }
        Ok(())
    }

    /// Deletes the slots one by one: range tombstones slow down every later read. Within a batch later rows win, so
    /// slots that came after the wipe are put behind these.
    fn wipe_storage(&mut self, address: Address, hashed_address: B256) -> Result<(), StoreError> {
        let store = self.store;
        let slots = store.scan_prefix(Family::Storage, address.as_slice(), |key, _| SlotKey::decode(key));
        for slot in slots {
            let (_, slot) = slot?;
            self.put_slot(SlotKey::new(address, slot), hashed_slot(hashed_address, slot), U256::ZERO);
        }
        Ok(())
    }

    /// Zero means that there is no row.
    fn put_slot(&mut self, key: SlotKey, hashed: HashedSlotKey, value: U256) {
        if value.is_zero() {
            self.delete(Family::Storage, key);
            self.delete(Family::HashedStorage, hashed);
        } else {
            let row = encode_slot_value(value);
            self.put(Family::Storage, key, &row);
            self.put(Family::HashedStorage, hashed, &row);
        }
    }
}

fn hashed_slot(hashed_address: B256, slot: U256) -> HashedSlotKey {
    HashedSlotKey::new(hashed_address, keccak256(slot.to_be_bytes::<32>()))
}
