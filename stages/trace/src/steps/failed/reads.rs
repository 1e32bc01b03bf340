//! The state as a failed instruction found it, as far as the transaction has read it.
//!
//! Nothing is read from the database: what revm does not read is in no witness.

use alloy::primitives::{Address, U256};
use revm::context::JournalEntry;
use revm::context::journal::JournalInner;
use revm::context_interface::cfg::GasParams;
use revm::primitives::hardfork::SpecId;
use revm::state::Account;

/// What a price can depend on besides the instruction's own words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reads<'a> {
    pub(super) spec: SpecId,
    pub(super) prices: &'a GasParams,
    pub(super) max_initcode_size: usize,
    /// In whose context the code runs.
    pub(super) contract: Address,
    pub(super) journal: &'a JournalInner<JournalEntry>,
    /// What the instruction itself wrote into the journal before it failed.
    pub(super) entries: &'a [JournalEntry],
}

impl<'a> Reads<'a> {
    pub(super) fn is(&self, fork: SpecId) -> bool {
        self.spec.is_enabled_in(fork)
    }

    /// An account, where the transaction has read it, as it is after the instruction.
    pub(super) fn account(&self, address: Address) -> Option<&'a Account> {
        self.journal.state.get(&address)
    }

    /// Whether the account was not in the access list yet (EIP-2929).
    pub(super) fn was_cold(&self, address: Address) -> bool {
        let warms = |entry: &JournalEntry| *entry == JournalEntry::AccountWarmed { address };
        let is_cold = |account: &Account| account.is_cold_transaction_id(self.journal.transaction_id);
        self.journal.warm_addresses.is_cold(&address)
            && (self.entries.iter().any(warms) || self.account(address).is_none_or(is_cold))
    }

    /// Whether a slot of the contract was not in the access list yet.
    pub(super) fn was_cold_slot(&self, key: U256) -> bool {
        let address = self.contract;
        let warms = |entry: &JournalEntry| *entry == JournalEntry::StorageWarmed { key, address };
        let slot = self.account(address).and_then(|account| account.storage.get(&key));
        !self.journal.warm_addresses.is_storage_warm(&address, &key)
            && (self.entries.iter().any(warms)
                || slot.is_none_or(|slot| slot.is_cold_transaction_id(self.journal.transaction_id)))
    }

    /// The value of a slot of the contract at the transaction's start and before the instruction.
    pub(super) fn slot(&self, key: U256) -> Option<(U256, U256)> {
        let account = self.account(self.contract)?;
        let Some(slot) = account.storage.get(&key) else {
            // A contract that the transaction creates has no storage to read.
            return account.is_created().then_some((U256::ZERO, U256::ZERO));
        };
        let before = self.entries.iter().find_map(|entry| match entry {
            JournalEntry::StorageChanged { key: changed, had_value, .. } if *changed == key => {
                Some(*had_value)
            }
            _ => None,
        });
        Some((slot.original_value, before.unwrap_or(slot.present_value)))
    }
}
