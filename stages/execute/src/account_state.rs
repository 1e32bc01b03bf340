//! An account as one block sees it: what it was before, and what it is now.

use alloy::primitives::U256;
use alloy::primitives::map::U256Map;
use blockmill_chain::{Account, StorageChanges};
use revm::state::EvmStorage;

/// An account that a block has loaded.
#[derive(Debug, Default)]
pub(crate) struct AccountState {
    /// Before the block; `None` where it did not exist.
    pub(crate) before: Option<Account>,
    /// After what has run of the block.
    pub(crate) now: Option<Account>,
    /// Storage from before the block is gone: the account was destroyed or created anew.
    pub(crate) wiped: bool,
    /// Whether the account had storage before the block, where a creation asked (EIP-7610).
    pub(crate) had_storage: Option<bool>,
    pub(crate) slots: U256Map<SlotState>,
}

/// A slot that a block has loaded or written.
#[derive(Debug)]
pub(crate) struct SlotState {
    /// The value before the block, where it was read.
    pub(crate) before: Option<U256>,
    pub(crate) now: U256,
}

impl AccountState {
    pub(crate) fn destroy(&mut self) {
        self.now = None;
        self.wipe();
    }

    pub(crate) fn wipe(&mut self) {
        self.wiped = true;
        for slot in self.slots.values_mut() {
            slot.now = U256::ZERO;
        }
    }

    pub(crate) fn write(&mut self, storage: EvmStorage) {
        for (slot, value) in storage {
            if value.is_changed() || self.wiped {
                let present = value.present_value();
                self.slots.entry(slot).or_insert(SlotState { before: None, now: present }).now = present;
            }
        }
    }

    pub(crate) fn storage_changes(&self) -> Option<StorageChanges> {
        // An account that did not exist before the block had no storage to wipe.
        let wiped = self.wiped && self.before.is_some();
        let changed = |slot: &SlotState| {
            if wiped { !slot.now.is_zero() } else { slot.now != slot.before.unwrap_or_default() }
        };
        let slots: U256Map<_> =
            self.slots.iter().filter(|(_, s)| changed(s)).map(|(k, s)| (*k, s.now)).collect();
        (wiped || !slots.is_empty()).then_some(StorageChanges { wiped, slots })
    }
}
