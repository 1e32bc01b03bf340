//! Accounts and slots in memory, within a budget of bytes.

use std::mem;

use alloy::primitives::map::{AddressMap, U256Map};
use alloy::primitives::{Address, U256};
use blockmill_chain::Account;

/// Rows within a budget. Half of it is for what was put in since the other half became full; when it is full too, it takes
/// the place of the other, which is forgotten. That needs no bookkeeping per hit.
///
/// A row in `young` is current; the same row in `old` may be outdated.
#[derive(Debug)]
pub(super) struct Rows {
    half_bytes: usize,
    young: Half,
    old: Half,
}

#[derive(Debug, Default)]
struct Half {
    accounts: AddressMap<Known>,
    bytes: usize,
}

/// What is known of an account.
#[derive(Debug, Default)]
struct Known {
    /// `Some(None)`: it does not exist.
    account: Option<Option<Account>>,
    slots: U256Map<U256>,
}

/// Bytes of an account, and of a slot: key, value, and what a hash table has besides while it is half full.
pub(super) const ACCOUNT_BYTES: usize = 320;
pub(super) const SLOT_BYTES: usize = 130;

impl Rows {
    /// Rows of about so many bytes.
    pub(super) fn new(budget_bytes: usize) -> Self {
        Self { half_bytes: budget_bytes / 2, young: Half::default(), old: Half::default() }
    }

    pub(super) fn bytes(&self) -> usize {
        self.young.bytes + self.old.bytes
    }

    pub(super) fn clear(&mut self) {
        (self.young, self.old) = (Half::default(), Half::default());
    }

    pub(super) fn account(&self, address: Address) -> Option<Option<Account>> {
        self.young.account(address).or_else(|| self.old.account(address))
    }

    pub(super) fn slot(&self, address: Address, slot: U256) -> Option<U256> {
        self.young.slot(address, slot).or_else(|| self.old.slot(address, slot))
    }

    /// The account, which then stays longer.
    pub(super) fn use_account(&mut self, address: Address) -> Option<Option<Account>> {
        let found = self.young.account(address);
        found.or_else(|| {
            let account = self.old.account(address)?;
            self.put_account(address, account);
            Some(account)
        })
    }

    /// The slot's value, which then stays longer.
    pub(super) fn use_slot(&mut self, address: Address, slot: U256) -> Option<U256> {
        let found = self.young.slot(address, slot);
        found.or_else(|| {
            let value = self.old.slot(address, slot)?;
            self.put_slot(address, slot, value);
            Some(value)
        })
    }

    pub(super) fn put_account(&mut self, address: Address, account: Option<Account>) {
        self.young.known(address).account = Some(account);
        self.keep_within();
    }

    pub(super) fn put_slot(&mut self, address: Address, slot: U256, value: U256) {
        self.young.put_slot(address, slot, value);
        self.keep_within();
    }

    /// Forgets the account and says what was known of it; not its slots.
    pub(super) fn take_account(&mut self, address: Address) -> Option<Option<Account>> {
        let [young, old] = [&mut self.young, &mut self.old].map(|half| half.take_account(address));
        young.or(old)
    }

    /// Forgets the slot and says what was known of it.
    pub(super) fn take_slot(&mut self, address: Address, slot: U256) -> Option<U256> {
        let [young, old] = [&mut self.young, &mut self.old].map(|half| half.take_slot(address, slot));
        young.or(old)
    }

    /// Forgets all slots of the account.
    pub(super) fn forget_slots(&mut self, address: Address) {
        self.young.forget_slots(address);
        self.old.forget_slots(address);
    }

    fn keep_within(&mut self) {
        if self.young.bytes > self.half_bytes {
            self.old = mem::take(&mut self.young);
        }
    }
}

impl Half {
    fn account(&self, address: Address) -> Option<Option<Account>> {
        self.accounts.get(&address)?.account
    }

    fn slot(&self, address: Address, slot: U256) -> Option<U256> {
        self.accounts.get(&address)?.slots.get(&slot).copied()
    }

    fn put_slot(&mut self, address: Address, slot: U256, value: U256) {
        if self.known(address).slots.insert(slot, value).is_none() {
            self.bytes += SLOT_BYTES;
        }
    }

    fn take_account(&mut self, address: Address) -> Option<Option<Account>> {
        self.accounts.get_mut(&address)?.account.take()
    }

    fn take_slot(&mut self, address: Address, slot: U256) -> Option<U256> {
        let value = self.accounts.get_mut(&address)?.slots.remove(&slot)?;
        self.bytes -= SLOT_BYTES;
        Some(value)
    }

    fn forget_slots(&mut self, address: Address) {
        if let Some(known) = self.accounts.get_mut(&address) {
            self.bytes -= mem::take(&mut known.slots).len() * SLOT_BYTES;
        }
    }

    fn known(&mut self, address: Address) -> &mut Known {
        let bytes = &mut self.bytes;
        self.accounts.entry(address).or_insert_with(|| {
            *bytes += ACCOUNT_BYTES;
            Known::default()
        })
    }
}
