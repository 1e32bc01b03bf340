//! The second pass: the slots of the accounts whose storage differs.

use alloy::primitives::{U256, hex};
use blockmill_source::{HeadSlot, SlotKeys};
use blockmill_store::StoreError;
use blockmill_trie::EMPTY_ROOT_HASH;

use super::accounts::{Storage, Storages};
use super::arrived::Arrived;
use super::census::Census;
use super::difference::{CompareError, Difference, Differences, Field, Name};

/// Takes one slot after the other, and each account behind its slots.
pub(super) struct Slots<'a> {
    arrived: &'a Arrived<'a>,
    keys: SlotKeys,
    differences: Differences,
    storages: Storages,
    current: Current,
}

/// What has been seen of the slots of one account.
struct Current {
    census: Census,
    in_file: u64,
    differ: u64,
}

impl Current {
    fn new() -> Self {
        Self { census: Census::new(), in_file: 0, differ: 0 }
    }
}

impl<'a> Slots<'a> {
    pub(super) fn new(
        arrived: &'a Arrived<'a>,
        keys: SlotKeys,
        differences: Differences,
        storages: Storages,
    ) -> Self {
        Self { arrived, keys, differences, storages, current: Current::new() }
    }

    pub(super) fn compare(&mut self, slot: &HeadSlot<'_>) -> Result<(), CompareError> {
        let Some(storage) = self.storages.get(&slot.account).copied() else { return Ok(()) };
        let hash = slot.hashed_key(self.keys);
        let actual = self.arrived.slot(storage.owner, hash)?;
        self.current.in_file += 1;
        if !actual.is_zero() {
            self.current.census.take(hash);
        }
        let expected = slot.value(self.keys);
        if expected == Some(actual) {
            return Ok(());
        }
        self.current.differ += 1;
        let expected = expected.map_or_else(|| hex::encode_prefixed(slot.value), in_hex);
        let name = slot.slot(self.keys).map_or(Name::Hashed(hash), Name::Known);
        Ok(self.add_slot(&storage, name, expected, actual)?)
    }

    /// Looks for slots that the file lacks.
    pub(super) fn finish_account(&mut self, ordinal: u64) -> Result<(), CompareError> {
        let Some(storage) = self.storages.get(&ordinal).copied() else { return Ok(()) };
        let Current { mut census, in_file, differ } = std::mem::replace(&mut self.current, Current::new());
        if in_file == 0 && storage.expected_root != EMPTY_ROOT_HASH {
            // The file was written without storage.
            return Ok(self.add_root(&storage)?);
        }
        self.arrived.visit_slots(storage.owner, |hash| census.add(hash))?;
        let missing = census.missing();
        if differ == 0 && missing.count() == 0 {
            return Ok(self.add_root(&storage)?);
        }
        for hash in missing.named {
            let actual = self.arrived.slot(storage.owner, hash)?;
            self.add_slot(&storage, Name::Hashed(hash), in_hex(U256::ZERO), actual)?;
        }
        self.differences.add_unnamed(missing.unnamed);
        Ok(())
    }

    pub(super) fn finish(self) -> Differences {
        self.differences
    }

    fn add_slot(
        &mut self,
        storage: &Storage,
        slot: Name<U256>,
        expected: String,
        actual: U256,
    ) -> Result<(), StoreError> {
        self.differences.add(|| {
            let account = self.arrived.account_name(storage.account)?;
            let field = Field::Slot(self.arrived.slot_name(account, slot)?);
            Ok(Difference { account, field, expected, actual: in_hex(actual) })
        })
    }

    fn add_root(&mut self, storage: &Storage) -> Result<(), StoreError> {
        self.differences.add(|| {
            let account = self.arrived.account_name(storage.account)?;
            let (expected, actual) = (storage.expected_root.to_string(), storage.actual_root.to_string());
            Ok(Difference { account, field: Field::StorageRoot, expected, actual })
        })
    }
}

fn in_hex(value: U256) -> String {
    format!("{value:#x}")
}
