//! The cache beside the state under it.

use std::collections::HashMap;
use std::convert::Infallible;

use alloy::primitives::{Address, U256};
use blockmill_chain::{Account, BlockChanges, StorageChanges};
use proptest::prelude::*;

use super::StateCache;
use super::rows::{ACCOUNT_BYTES, SLOT_BYTES};

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
