//! Rows that are read before a block asks for them.
//!
//! A thread that reads ahead sees the state that is stored. A row that a block has changed since is not stored before the slice
//! ends: what was read of it, before the change or after, must never come here. So all rows that are written while somebody
//! reads ahead are remembered, by a hash: where two rows have the same, one is read again.

use std::hash::{BuildHasher, RandomState};

use alloy::primitives::map::HashSet;
use alloy::primitives::{Address, U256};
use blockmill_chain::Account;

use super::StateCache;
use super::rows::Rows;

/// Rows that nobody has asked for yet.
#[derive(Debug)]
pub(super) struct Ahead {
    rows: Rows,
    /// What was written since reading ahead began; `None` while nobody does.
    written: Option<HashSet<u64>>,
    hasher: RandomState,
    /// Counts the times that it began, or that what was read became worthless.
    generation: u64,
    count: RowsAhead,
}

/// Rows that were read ahead, and what became of them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct RowsAhead {
    /// All that were read.
    pub read: u64,
    /// Those of them that execution asked for.
    pub used: u64,
}

/// The right to read ahead, from where everything is stored that the cache was told of, until it is again. Any number of threads
/// may read; while one that is older than another is still in use, its rows are dropped.
#[derive(Debug)]
pub(crate) struct ReadAhead<'a> {
    cache: &'a StateCache,
    generation: u64,
}

/// What names a row that is written, or the slots of an account that are gone.
#[derive(Hash)]
enum Written {
    Account(Address),
    Slot(Address, U256),
    Slots(Address),
}

/// About what the hash of a row takes that was written, in bytes.
const WRITTEN_BYTES: usize = 16;

impl Ahead {
    pub(super) fn new(budget_bytes: usize) -> Self {
        Self {
            rows: Rows::new(budget_bytes),
            written: None,
            hasher: RandomState::default(),
            generation: 0,
            count: RowsAhead::default(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.rows.bytes() + self.written.as_ref().map_or(0, |written| written.len() * WRITTEN_BYTES)
    }

    pub(super) fn clear(&mut self) {
        self.generation += 1;
        self.rows.clear();
    }

    pub(super) fn account_written(&mut self, address: Address) {
        self.rows.take_account(address);
        self.remember(&Written::Account(address));
    }

    pub(super) fn slot_written(&mut self, address: Address, slot: U256) {
        self.rows.take_slot(address, slot);
        self.remember(&Written::Slot(address, slot));
    }

    pub(super) fn slots_wiped(&mut self, address: Address) {
        self.rows.forget_slots(address);
        self.remember(&Written::Slots(address));
    }

    pub(super) fn take_account(&mut self, address: Address) -> Option<Option<Account>> {
        let account = self.rows.take_account(address)?;
        self.count.used += 1;
        Some(account)
    }

    pub(super) fn take_slot(&mut self, address: Address, slot: U256) -> Option<U256> {
        let value = self.rows.take_slot(address, slot)?;
        self.count.used += 1;
        Some(value)
    }

    fn remember(&mut self, row: &Written) {
        if let Some(written) = &mut self.written {
            written.insert(self.hasher.hash_one(row));
        }
    }

    /// Whether nothing of this was written since the reads of a generation began.
    fn is_unwritten(&self, generation: u64, rows: &[Written]) -> bool {
        let Some(written) = &self.written else { return false };
        generation == self.generation && !rows.iter().any(|row| written.contains(&self.hasher.hash_one(row)))
    }
}

impl StateCache {
    /// Begins to read ahead. To be called where everything is stored that [`update`](Self::update) was told of.
    pub(crate) fn read_ahead(&self) -> ReadAhead<'_> {
        let ahead = &mut self.lock().ahead;
        ahead.generation += 1;
        ahead.written = Some(HashSet::default());
        ReadAhead { cache: self, generation: ahead.generation }
    }

    /// How many rows were read ahead so far.
    pub fn rows_ahead(&self) -> RowsAhead {
        self.lock().ahead.count
    }
}

impl ReadAhead<'_> {
    /// The account as far as it is known, or from `read`, and then kept for who executes.
    pub(crate) fn account<E>(
        &self,
        address: Address,
        read: impl FnOnce() -> Result<Option<Account>, E>,
    ) -> Result<Option<Account>, E> {
        let known = self.known_account(address);
        self.cache.known_or_read(known, read, |account| self.keep_account(address, account))
    }

    /// The slot's value as far as it is known, or from `read`, and then kept for who executes.
    pub(crate) fn slot<E>(
        &self,
        address: Address,
        slot: U256,
        read: impl FnOnce() -> Result<U256, E>,
    ) -> Result<U256, E> {
        let known = self.known_slot(address, slot);
        self.cache.known_or_read(known, read, |value| self.keep_slot(address, slot, value))
    }

    pub(super) fn known_account(&self, address: Address) -> Option<Option<Account>> {
        let all = self.cache.lock();
        all.kept.account(address).or_else(|| all.ahead.rows.account(address))
    }

    pub(super) fn known_slot(&self, address: Address, slot: U256) -> Option<U256> {
        let all = self.cache.lock();
        all.kept.slot(address, slot).or_else(|| all.ahead.rows.slot(address, slot))
    }

    /// Keeps what was read of the store since reading ahead began, if it is still so.
    pub(super) fn keep_account(&self, address: Address, account: Option<Account>) {
        let ahead = &mut self.cache.lock().ahead;
        ahead.count.read += 1;
        if ahead.is_unwritten(self.generation, &[Written::Account(address)]) {
            ahead.rows.put_account(address, account);
        }
    }

    /// As [`keep_account`](Self::keep_account).
    pub(super) fn keep_slot(&self, address: Address, slot: U256, value: U256) {
        let ahead = &mut self.cache.lock().ahead;
        ahead.count.read += 1;
        if ahead.is_unwritten(self.generation, &[Written::Slot(address, slot), Written::Slots(address)]) {
            ahead.rows.put_slot(address, slot, value);
        }
    }
}

impl Drop for ReadAhead<'_> {
    fn drop(&mut self) {
        let ahead = &mut self.cache.lock().ahead;
        if ahead.generation == self.generation {
            ahead.written = None;
        }
    }
}
