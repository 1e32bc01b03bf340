//! The state against a model: two ordered maps.

use std::collections::BTreeMap;

use crate::samples::{account, empty, word};
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use blockmill_chain::{Account, BlockChanges, CodeSource, StateReader, StorageChanges};
use blockmill_store::Store;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// Few accounts and slots, so that changes meet.
const ACCOUNTS: u8 = 6;
const SLOTS: u8 = 8;

#[derive(Debug, Default)]
struct Model {
    accounts: BTreeMap<Address, Account>,
    storage: BTreeMap<(Address, U256), U256>,
}

impl Model {
    fn apply(&mut self, changes: &BlockChanges) {
        for (&address, &account) in &changes.accounts {
            self.accounts.remove(&address);
            self.accounts.extend(account.map(|account| (address, account)));
        }
        for (&address, storage) in &changes.storage {
            self.storage.retain(|(owner, _), _| !(storage.wiped && *owner == address));
            self.storage.extend(storage.slots.iter().map(|(&slot, &value)| ((address, slot), value)));
        }
        self.storage.retain(|_, value| !value.is_zero());
    }

    fn slots_of(&self, address: Address) -> Vec<(U256, U256)> {
        let owned = self.storage.iter().filter(|((owner, _), _)| *owner == address);
        owned.map(|(&(_, slot), &value)| (slot, value)).collect()
    }
}

/// The lowest and the highest address among them: a prefix of 20 times 0xff has no successor.
fn owner() -> impl Strategy<Value = Address> {
    (0..ACCOUNTS).prop_map(|n| if n == 0 { Address::repeat_byte(0xff) } else { Address::repeat_byte(n - 1) })
}

fn slot() -> impl Strategy<Value = U256> {
    (0..SLOTS).prop_map(U256::from)
}

prop_compose! {
    fn changes()(
        accounts in btree_map(owner(), option::of(account()), 0..4),
        storage in btree_map(owner(), (prop::bool::weighted(0.3), btree_map(slot(), prop_oneof![Just(U256::ZERO), word()], 0..6)), 0..4),
    ) -> BlockChanges {
        let storage = storage.into_iter().map(|(address, (wiped, slots))| {
            (address, StorageChanges { wiped, slots: slots.into_iter().collect() })
        });
        BlockChanges {
            accounts: accounts.into_iter().collect(),
            storage: storage.collect(),
            ..BlockChanges::default()
        }
    }
}

fn check_flat(store: &Store, model: &Model) -> Result<(), TestCaseError> {
    let accounts: Vec<_> = store.accounts().map(Result::unwrap).collect();
    prop_assert_eq!(accounts, model.accounts.iter().map(|(&a, &b)| (a, b)).collect::<Vec<_>>());
    let slots: Vec<_> = store.slots().map(Result::unwrap).collect();
    prop_assert_eq!(
        slots,
        model.storage.iter().map(|(&(address, slot), &value)| (address, slot, value)).collect::<Vec<_>>()
    );
    for address in (0..ACCOUNTS).map(Address::repeat_byte).chain([Address::repeat_byte(0xff)]) {
        prop_assert_eq!(store.account(address).unwrap(), model.accounts.get(&address).copied());
        prop_assert_eq!(store.storage_of(address).unwrap(), model.slots_of(address));
        for slot in (0..SLOTS).map(U256::from) {
            let expected = model.storage.get(&(address, slot)).copied().unwrap_or_default();
            prop_assert_eq!(store.storage(address, slot).unwrap(), expected);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_flat_state_agrees_with_a_model(slices in vec((changes(), any::<bool>()), 1..8)) {
        let (folder, mut store) = empty();
        let mut model = Model::default();
        for (changes, reopen) in &slices {
            let mut batch = store.batch();
            batch.put_changes(changes).unwrap();
            batch.commit().unwrap();
            model.apply(changes);
            if *reopen {
                store.finish().unwrap();
                store = crate::samples::open(folder.path());
            }
            check_flat(&store, &model)?;
        }
    }
}

#[test]
fn the_flat_state_is_read_from_any_point() {
    let (_folder, store) = empty();
    let (first, last) = (Address::repeat_byte(1), Address::repeat_byte(0xff));
    let mut changes = BlockChanges::default();
    for address in [first, last] {
        changes.accounts.insert(address, Some(Account::default()));
        let slots = [(U256::from(7), U256::from(70)), (U256::MAX, U256::from(1))].into_iter().collect();
        changes.storage.insert(address, StorageChanges { wiped: false, slots });
    }
    let mut batch = store.batch();
    batch.put_changes(&changes).unwrap();
    batch.commit().unwrap();
    let accounts: Vec<_> = store.accounts().map(|row| row.unwrap().0).collect();
    assert_eq!(accounts, [first, last]);
    let slots: Vec<_> = store.slots().map(|row| row.map(|(a, slot, _)| (a, slot)).unwrap()).collect();
    assert_eq!(slots, [(first, U256::from(7)), (first, U256::MAX), (last, U256::from(7)), (last, U256::MAX)]);
}

#[test]
fn slots_written_after_a_wipe_stay() {
    let (_folder, store) = empty();
    let address = Address::repeat_byte(9);
    let write = |wiped, slots: &[(u64, u64)]| {
        let slots = slots.iter().map(|&(slot, value)| (U256::from(slot), U256::from(value))).collect();
        let mut changes = BlockChanges::default();
        changes.storage.insert(address, StorageChanges { wiped, slots });
        let mut batch = store.batch();
        batch.put_changes(&changes).unwrap();
        batch.commit().unwrap();
    };
    write(false, &[(1, 10), (2, 20)]);
    write(true, &[(2, 21), (3, 30)]);
    let expected = [(2, 21), (3, 30)].map(|(slot, value)| (U256::from(slot), U256::from(value)));
    assert_eq!(store.storage_of(address).unwrap(), expected);
}

#[test]
fn code_is_found_by_its_hash() {
    let (_folder, store) = empty();
    let code = Bytes::from_static(&[0x60, 0x00]);
    let mut changes = BlockChanges::default();
    changes.code.insert(keccak256(&code), code.clone());
    let mut batch = store.batch();
    batch.put_changes(&changes).unwrap();
    batch.put_code(keccak256([0xfe]), &Bytes::from_static(&[0xfe]));
    batch.commit().unwrap();
    assert_eq!(store.code(keccak256(&code)).unwrap(), Some(code));
    assert_eq!(store.code(keccak256([0xfe])).unwrap(), Some(Bytes::from_static(&[0xfe])));
    assert_eq!(store.code(keccak256([])).unwrap(), Some(Bytes::new()), "empty code needs no row");
    assert_eq!(store.code(B256::ZERO).unwrap(), None);
}

#[test]
fn a_block_hash_that_is_not_there_is_an_error_with_its_number() {
    let (_folder, store) = empty();
    let error = StateReader::block_hash(&store, 12).unwrap_err();
    assert!(error.to_string().contains("block 12 is not in the store"), "{error}");
}

#[test]
#[should_panic(expected = "once, merged")]
fn changes_of_a_batch_are_put_once() {
    let (_folder, store) = empty();
    let mut batch = store.batch();
    batch.put_changes(&BlockChanges::default()).unwrap();
    batch.put_changes(&BlockChanges::default()).unwrap();
}

#[test]
fn changes_leave_the_trie_to_its_own_rows() {
    let (_folder, store) = empty();
    let mut changes = BlockChanges::default();
    changes.accounts.insert(Address::ZERO, Some(Account::default()));
    let mut batch = store.batch();
    batch.put_changes(&changes).unwrap();
    batch.commit().unwrap();
    assert_eq!((store.accounts().count(), store.hashed_accounts().count()), (1, 0));
}
