//! Accounts and slots that blocks read or changed lately, in front of the stored state.
//!
//! Most of what a block reads, one of the blocks before it read too. A row here takes a fraction of the block of rows that a
//! store keeps for it, and finding it takes no search. Beside them are rows that other threads read ahead.

mod ahead;
#[cfg(test)]
mod model;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use alloy::primitives::{Address, U256};
use blockmill_chain::{Account, BlockChanges, unpoisoned};

pub(crate) use ahead::ReadAhead;
pub use ahead::RowsAhead;

use ahead::Ahead;
use rows::Rows;

/// Rows of the state within a budget of bytes.
///
/// It answers for one state only: what [`update`](Self::update) was not told of must not change. One thread executes with it;
/// others may read ahead.
#[derive(Debug)]
pub struct StateCache {
    all: Mutex<All>,
    disk_nanos: AtomicU64,
}

#[derive(Debug)]
struct All {
    /// What execution read or changed.
    kept: Rows,
    /// What it has not asked for yet.
    ahead: Ahead,
}

/// Of the budget, one part in so many is for rows that are read ahead.
const AHEAD_PART: usize = 8;
/// A read of the store that takes longer waits for a disk.
const FROM_DISK: Duration = Duration::from_micros(30);

impl StateCache {
    /// A cache that holds up to about `budget_bytes`.
    pub fn new(budget_bytes: usize) -> Self {
        let ahead_bytes = budget_bytes / AHEAD_PART;
        let all = All { kept: Rows::new(budget_bytes - ahead_bytes), ahead: Ahead::new(ahead_bytes) };
        Self { all: Mutex::new(all), disk_nanos: AtomicU64::new(0) }
    }

    /// About how many bytes it holds.
    pub fn bytes(&self) -> usize {
        let all = self.lock();
        all.kept.bytes() + all.ahead.bytes()
    }

    /// Forgets everything: what was to be stored, was not.
    pub fn clear(&self) {
        let mut all = self.lock();
        all.kept.clear();
        all.ahead.clear();
    }

    /// Takes over what a block changes.
    pub fn update(&self, changes: &BlockChanges) {
        let All { kept, ahead } = &mut *self.lock();
        for (&address, &account) in &changes.accounts {
            kept.put_account(address, account);
            ahead.account_written(address);
        }
        for (&address, storage) in &changes.storage {
            if storage.wiped {
                kept.forget_slots(address);
                ahead.slots_wiped(address);
            }
            for (&slot, &value) in &storage.slots {
                kept.put_slot(address, slot, value);
                ahead.slot_written(address, slot);
            }
        }
    }

    /// Time that reads of the store took which waited for a disk, of all threads together, since this was last called.
    pub fn take_disk_time(&self) -> Duration {
        Duration::from_nanos(self.disk_nanos.swap(0, Ordering::Relaxed))
    }

    /// The account, from here or from `read`.
    pub(crate) fn account<E>(
        &self,
        address: Address,
        read: impl FnOnce() -> Result<Option<Account>, E>,
    ) -> Result<Option<Account>, E> {
        let known = self.lock().account(address);
        self.known_or_read(known, read, |account| self.lock().kept.put_account(address, account))
    }

    /// The slot's value, from here or from `read`.
    pub(crate) fn slot<E>(
        &self,
        address: Address,
        slot: U256,
        read: impl FnOnce() -> Result<U256, E>,
    ) -> Result<U256, E> {
        let known = self.lock().slot(address, slot);
        self.known_or_read(known, read, |value| self.lock().kept.put_slot(address, slot, value))
    }

    /// What is known of a row, or what `read` says of it, which is kept. It reads without the lock, or other threads would wait
    /// too; rows that execution keeps are put in by one thread alone.
    fn known_or_read<T: Copy, E>(
        &self,
        known: Option<T>,
        read: impl FnOnce() -> Result<T, E>,
        keep: impl FnOnce(T),
    ) -> Result<T, E> {
        if let Some(row) = known {
            return Ok(row);
        }
        let started = Instant::now();
        let row = read();
        let took = started.elapsed();
        if took > FROM_DISK {
            self.disk_nanos.fetch_add(took.as_nanos() as u64, Ordering::Relaxed);
        }
        row.inspect(|row| keep(*row))
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        unpoisoned(self.all.lock())
    }
}

impl All {
    fn account(&mut self, address: Address) -> Option<Option<Account>> {
        let known = self.kept.use_account(address);
        known.or_else(|| {
            let account = self.ahead.take_account(address)?;
            self.kept.put_account(address, account);
            Some(account)
        })
    }

    fn slot(&mut self, address: Address, slot: U256) -> Option<U256> {
        let known = self.kept.use_slot(address, slot);
        known.or_else(|| {
            let value = self.ahead.take_slot(address, slot)?;
            self.kept.put_slot(address, slot, value);
            Some(value)
        })
    }
}
