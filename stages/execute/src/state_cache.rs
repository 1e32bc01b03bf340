//! Accounts and slots that blocks read or changed lately, in front of the stored state.
//!
//! Most of what a block reads, one of the blocks before it read too. A row here takes a fraction of the block of rows that a
//! store keeps for it, and finding it takes no search.

use std::mem;
use std::sync::{Mutex, MutexGuard};

use alloy::primitives::map::{AddressMap, U256Map};
use alloy::primitives::{Address, U256};
use blockmill_chain::{Account, BlockChanges, unpoisoned};

/// Rows of the state within a budget of bytes, in parts with a lock and a share of the budget each. Half of a share is for what
/// was used since the other half became full; when it is full too, it takes the place of the other, which is forgotten. That
/// needs no bookkeeping per hit, and no table ever grows to more than a part.
///
/// It answers for one state only: what [`update`](Self::update) was not told of must not change.
#[derive(Debug)]
pub struct StateCache {
    /// Half of a part's share.
    half_bytes: usize,
    parts: Box<[Mutex<Halves>]>,
}

/// A part has about so many bytes, and there are so many parts at most.
const PART_BYTES: usize = 1 << 20;
const MOST_PARTS: usize = 1_024;

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
        let parts = (budget_bytes / PART_BYTES).clamp(1, MOST_PARTS);
        Self { half_bytes: budget_bytes / parts / 2, parts: (0..parts).map(|_| Mutex::default()).collect() }
    }

    /// About how many bytes it holds.
    pub fn bytes(&self) -> usize {
        let bytes = |part| {
            let halves: MutexGuard<'_, Halves> = unpoisoned(Mutex::lock(part));
            halves.young.bytes + halves.old.bytes
        };
        self.parts.iter().map(bytes).sum()
    }

    /// Forgets everything: what was to be stored, was not.
    pub fn clear(&self) {
        self.parts.iter().for_each(|part| *unpoisoned(part.lock()) = Halves::default());
    }

    /// Takes over what a block changes.
    pub fn update(&self, changes: &BlockChanges) {
        for (&address, &account) in &changes.accounts {
            self.of_account(address).put_account(address, account, self.half_bytes);
        }
        for (&address, storage) in &changes.storage {
            if storage.wiped {
                for part in &self.parts {
                    unpoisoned(part.lock()).forget_slots(address);
                }
            }
            for (&slot, &value) in &storage.slots {
                self.of_slot(address, slot).put_slot(address, slot, value, self.half_bytes);
            }
        }
    }

    /// The account, from here or from `read`.
    pub(crate) fn account<E>(
        &self,
        address: Address,
        read: impl FnOnce() -> Result<Option<Account>, E>,
    ) -> Result<Option<Account>, E> {
        let mut halves = self.of_account(address);
        if let Some(account) = halves.young.account(address) {
            return Ok(account);
        }
        let account = halves.old.account(address).map_or_else(read, Ok)?;
        halves.put_account(address, account, self.half_bytes);
        Ok(account)
    }

    /// The slot's value, from here or from `read`.
    pub(crate) fn slot<E>(
        &self,
        address: Address,
        slot: U256,
        read: impl FnOnce() -> Result<U256, E>,
    ) -> Result<U256, E> {
        let mut halves = self.of_slot(address, slot);
        if let Some(value) = halves.young.slot(address, slot) {
            return Ok(value);
        }
        let value = halves.old.slot(address, slot).map_or_else(read, Ok)?;
        halves.put_slot(address, slot, value, self.half_bytes);
        Ok(value)
    }

    /// The part that has the account.
    fn of_account(&self, address: Address) -> MutexGuard<'_, Halves> {
        self.part(end_of(address))
    }

    /// The part that has the slot: those of one account are spread over all.
    fn of_slot(&self, address: Address, slot: U256) -> MutexGuard<'_, Halves> {
        self.part(end_of(address).rotate_left(32) ^ slot.as_limbs()[0])
    }

    fn part(&self, key: u64) -> MutexGuard<'_, Halves> {
        /// 2^64 / golden ratio: spreads neighbouring keys (Fibonacci hashing).
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let at = (u128::from(key.wrapping_mul(GOLDEN)) * self.parts.len() as u128) >> 64;
        unpoisoned(self.parts[at as usize].lock())
    }
}

/// The last bytes: vanity addresses begin alike.
fn end_of(address: Address) -> u64 {
    address.last_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

impl Halves {
    fn put_account(&mut self, address: Address, account: Option<Account>, half_bytes: usize) {
        self.young.put_account(address, account);
        self.keep_within(half_bytes);
    }

    fn put_slot(&mut self, address: Address, slot: U256, value: U256, half_bytes: usize) {
        self.young.put_slot(address, slot, value);
        self.keep_within(half_bytes);
    }

    fn forget_slots(&mut self, address: Address) {
        self.young.forget_slots(address);
        self.old.forget_slots(address);
    }

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
            budget_bytes in prop_oneof![0_usize..20_000, (2_usize..9).prop_map(|parts| parts * PART_BYTES)],
        ) {
            let (mut stored, cache) = (Stored::default(), StateCache::new(budget_bytes));
            for step in &steps {
                done(&mut stored, &cache, step);
                // What was put in last stays, in each part.
                let parts = cache.parts.len();
                prop_assert!(cache.bytes() <= budget_bytes + 2 * parts * (ACCOUNT_BYTES + SLOT_BYTES));
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
