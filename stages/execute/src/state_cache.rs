//! Accounts and slots that blocks read or changed lately, in front of the stored state.
//!
//! Most of what a block reads, one of the blocks before it read too. A row here takes a fraction of the block of rows that a
//! store keeps for it, and finding it takes no search.

use std::mem;
use std::sync::{Mutex, MutexGuard};

use alloy::primitives::map::{AddressMap, U256Map};
use alloy::primitives::{Address, U256};
use blockmill_chain::{Account, BlockChanges, unpoisoned};

/// Rows of the state within a budget of bytes. Half of it is for what was used since the other half became full; when it
/// is full too, it takes the place of the other, which is forgotten. That needs no bookkeeping per hit.
///
/// It answers for one state only: what [`update`](Self::update) was not told of must not change.
#[derive(Debug)]
pub struct StateCache {
    half_bytes: usize,
    halves: Mutex<Halves>,
}

/// A row in `young` is current; the same row in `old` may be outdated.
#[derive(Debug, Default)]
struct Halves {
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
const ACCOUNT_BYTES: usize = 320;
const SLOT_BYTES: usize = 130;

impl StateCache {
    /// A cache that holds up to about `budget_bytes`.
    pub fn new(budget_bytes: usize) -> Self {
        Self { half_bytes: budget_bytes / 2, halves: Mutex::default() }
    }

    /// About how many bytes it holds.
    pub fn bytes(&self) -> usize {
        let halves = self.lock();
        halves.young.bytes + halves.old.bytes
    }

    /// Forgets everything: what was to be stored, was not.
    pub fn clear(&self) {
        *self.lock() = Halves::default();
    }

    /// Takes over what a block changes.
    pub fn update(&self, changes: &BlockChanges) {
        let mut halves = self.lock();
        for (&address, &account) in &changes.accounts {
            halves.young.put_account(address, account);
        }
        for (&address, storage) in &changes.storage {
            if storage.wiped {
                halves.young.forget_slots(address);
                halves.old.forget_slots(address);
            }
            for (&slot, &value) in &storage.slots {
                halves.young.put_slot(address, slot, value);
            }
        }
        halves.keep_within(self.half_bytes);
    }

    /// The account, from here or from `read`.
    pub(crate) fn account<E>(
        &self,
        address: Address,
        read: impl FnOnce() -> Result<Option<Account>, E>,
    ) -> Result<Option<Account>, E> {
        let mut halves = self.lock();
        if let Some(account) = halves.young.account(address) {
            return Ok(account);
        }
        let account = halves.old.account(address).map_or_else(read, Ok)?;
        halves.young.put_account(address, account);
        halves.keep_within(self.half_bytes);
        Ok(account)
    }

    /// The slot's value, from here or from `read`.
    pub(crate) fn slot<E>(
        &self,
        address: Address,
        slot: U256,
        read: impl FnOnce() -> Result<U256, E>,
    ) -> Result<U256, E> {
        let mut halves = self.lock();
        if let Some(value) = halves.young.slot(address, slot) {
            return Ok(value);
        }
        let value = halves.old.slot(address, slot).map_or_else(read, Ok)?;
        halves.young.put_slot(address, slot, value);
        halves.keep_within(self.half_bytes);
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, Halves> {
        unpoisoned(self.halves.lock())
    }
}

impl Halves {
    fn keep_within(&mut self, half_bytes: usize) {
        if self.young.bytes > half_bytes {
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

    fn put_account(&mut self, address: Address, account: Option<Account>) {
        self.known(address).account = Some(account);
    }

    fn put_slot(&mut self, address: Address, slot: U256, value: U256) {
        if self.known(address).slots.insert(slot, value).is_none() {
            self.bytes += SLOT_BYTES;
        }
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;

    use blockmill_chain::StorageChanges;
    use proptest::prelude::*;

    use super::*;

    /// An operation on a cache and the state under it; numbers name accounts and slots.
    #[derive(Debug, Clone)]
    enum Step {
        Read(u8),
        ReadSlot(u8, u8),
        Change(u8, Option<u64>),
        Write { account: u8, slot: u8, value: u64, wipes: bool },
    }

    fn step() -> impl Strategy<Value = Step> {
        let (account, slot) = (0..12_u8, 0..12_u8);
        prop_oneof![
            account.clone().prop_map(Step::Read),
            (account.clone(), slot.clone()).prop_map(|(account, slot)| Step::ReadSlot(account, slot)),
            (account.clone(), any::<Option<u64>>()).prop_map(|(account, nonce)| Step::Change(account, nonce)),
            (account, slot, any::<u64>(), prop::bool::weighted(0.2))
                .prop_map(|(account, slot, value, wipes)| { Step::Write { account, slot, value, wipes } }),
        ]
    }

    /// The state under a cache.
    #[derive(Default)]
    struct Stored {
        accounts: HashMap<u8, Account>,
        slots: HashMap<(u8, u8), U256>,
    }

    fn done(stored: &mut Stored, cache: &StateCache, step: &Step) {
        let address = |account: &u8| Address::with_last_byte(*account);
        let mut changes = BlockChanges::default();
        match step {
            Step::Read(account) => {
                let expected = stored.accounts.get(account).copied();
                let read = cache.account(address(account), || Ok::<_, Infallible>(expected));
                assert_eq!(read, Ok(expected));
            }
            Step::ReadSlot(account, slot) => {
                let expected = stored.slots.get(&(*account, *slot)).copied().unwrap_or_default();
                let read = cache.slot(address(account), U256::from(*slot), || Ok::<_, Infallible>(expected));
                assert_eq!(read, Ok(expected));
            }
            Step::Change(account, nonce) => {
                let now = nonce.map(|nonce| Account { nonce, ..Account::default() });
                stored.accounts.remove(account);
                stored.accounts.extend(now.map(|now| (*account, now)));
                changes.accounts.insert(address(account), now);
            }
            Step::Write { account, slot, value, wipes } => {
                if *wipes {
                    stored.slots.retain(|(owner, _), _| owner != account);
                }
                stored.slots.insert((*account, *slot), U256::from(*value));
                let slots = [(U256::from(*slot), U256::from(*value))].into_iter().collect();
                changes.storage.insert(address(account), StorageChanges { wiped: *wipes, slots });
            }
        }
        cache.update(&changes);
    }

    proptest! {
        #[test]
        fn it_says_what_is_stored_and_keeps_to_its_budget(
            steps in proptest::collection::vec(step(), 1..300),
            budget_bytes in 0_usize..20_000,
        ) {
            let (mut stored, cache) = (Stored::default(), StateCache::new(budget_bytes));
            for step in &steps {
                done(&mut stored, &cache, step);
                // What was put in last stays.
                prop_assert!(cache.bytes() <= budget_bytes + 2 * (ACCOUNT_BYTES + SLOT_BYTES));
            }
        }
    }

    #[test]
    fn what_was_read_is_not_read_again_until_it_is_forgotten() {
        let cache = StateCache::new(1 << 20);
        let address = Address::with_last_byte(1);
        let read = |value: u64| cache.slot(address, U256::ONE, || Ok::<_, Infallible>(U256::from(value)));
        assert_eq!([read(1), read(2)], [Ok(U256::from(1)); 2]);
        cache.clear();
        assert_eq!((read(3), cache.bytes()), (Ok(U256::from(3)), ACCOUNT_BYTES + SLOT_BYTES));
    }
}
