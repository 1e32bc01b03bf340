//! The state trie in the store: compared with the state it belongs to, damaged, and made anew.

use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Account, BlockChanges, Cancel};
use blockmill_pipeline::{Settings, TrieComparison, compare_tries, rebuild};
use blockmill_store::Store;
use blockmill_trie::{StorageUpdates, TrieId, TrieUpdates};

use crate::harness::{Silent, Workplace, run};
use crate::stored_state::state;

const MEMORY_BYTES: usize = 1 << 20;

fn compare(place: &Workplace, store: &Store) -> TrieComparison {
    compare_tries(store, &place.data_dir(), MEMORY_BYTES).unwrap()
}

fn write(store: &Store, updates: &TrieUpdates) {
    let mut batch = store.batch();
    batch.put_trie(updates).unwrap();
    batch.commit().unwrap();
}

#[test]
fn the_stored_tries_of_every_chain_are_those_of_its_state() {
    for name in ["execution-apis", "geth-ethtest", "hive-sync"] {
        let place = Workplace::new();
        let Some(settings) = place.chain(name) else { return };
        run(&settings).unwrap();
        let comparison = compare(&place, &place.store());
        assert!(comparison.differences.is_none(), "{name}: {:?}", comparison.differences);
        assert_eq!(comparison.root, comparison.root_in_header, "{name}");
    }
}

/// Rows to write so that a leaf or a branch is not what it should be, and what a comparison says of it.
fn damages(store: &Store) -> Vec<(TrieUpdates, &'static str)> {
    let state = state(store);
    let (account, leaf) = state.account_leaves[0];
    let (owner, slot, value) = state.slot_leaves[0];
    let storage = |slots| StorageUpdates { owner, slots, ..StorageUpdates::default() };
    let in_storage = |slots| TrieUpdates { storage: vec![storage(slots)], ..TrieUpdates::default() };
    let accounts = |leaf| TrieUpdates { accounts: vec![(account, leaf)], ..TrieUpdates::default() };
    let (_, path, row) = state.branches.iter().find(|(trie, ..)| *trie == TrieId::Accounts).unwrap();
    let mut other = row.clone();
    other.hashes = vec![B256::ZERO; other.hashes.len()].into();
    let branches = |row| TrieUpdates { branches: vec![(*path, row)], ..TrieUpdates::default() };
    let richer = blockmill_trie::TrieAccount { balance: leaf.balance + U256::from(1), ..leaf };
    vec![
        (accounts(Some(richer)), "account 0x"),
        (accounts(None), "account 0x"),
        (in_storage(vec![(slot, value + U256::from(1))]), "slot 0x"),
        (in_storage(vec![(slot, U256::ZERO)]), "slot 0x"),
        (in_storage(vec![(B256::repeat_byte(0xfe), value)]), "should not be stored"),
        (branches(Some(other)), "of the account trie"),
        (branches(None), "of the account trie"),
    ]
}

#[test]
fn every_damaged_row_is_found_and_repaired() {
    let place = Workplace::new();
    let Some(settings) = place.chain("geth-ethtest") else { return };
    run(&settings).unwrap();
    let whole = state(&place.store());
    let damages = damages(&place.store());
    for (damage, said) in damages {
        write(&place.store(), &damage);
        let differences = compare(&place, &place.store()).differences;
        let lines: Vec<_> = differences.kept.iter().map(ToString::to_string).collect();
        assert!(lines.iter().any(|line| line.contains(said)), "{said}: {lines:?}");
        run(&Settings { rebuild_trie: true, ..settings.clone() }).unwrap();
        assert!(state(&place.store()) == whole, "{said}: not repaired");
    }
}

#[test]
fn a_store_without_tries_gets_them_before_it_goes_on() {
    let place = Workplace::new();
    let Some(settings) = place.chain("geth-ethtest") else { return };
    run(&Settings { range: ":301".parse().unwrap(), ..settings.clone() }).unwrap();
    let store = place.store();
    store.begin_trie_rebuild().unwrap();
    assert!(!store.trie_is_whole().unwrap());
    drop(store);
    run(&settings).unwrap();
    let fresh = Workplace::new();
    run(&fresh.chain("geth-ethtest").unwrap()).unwrap();
    assert!(state(&place.store()) == state(&fresh.store()));
}

#[test]
fn a_rebuild_of_the_trie_that_was_stopped_says_so_where_no_row_is_missing_and_the_next_run_makes_it() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    run(&settings).unwrap();
    let again = Settings { rebuild_trie: true, ..settings.clone() };
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(rebuild(&again, &cancel, &Silent).unwrap().interrupted);
    assert!(!place.store().trie_is_whole().unwrap());
    assert!(!run(&settings).unwrap().interrupted);
    assert!(place.store().trie_is_whole().unwrap() && compare(&place, &place.store()).differences.is_none());
}

#[test]
fn a_state_that_is_not_that_of_its_header_is_not_given_a_trie() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    run(&settings).unwrap();
    let store = place.store();
    let mut forged = BlockChanges::default();
    forged.accounts.insert(Address::repeat_byte(0x66), Some(Account::default()));
    let mut batch = store.batch();
    batch.put_changes(&forged).unwrap();
    batch.commit().unwrap();
    assert_ne!(compare(&place, &store).root, compare(&place, &store).root_in_header);
    drop(store);
    let error = run(&Settings { rebuild_trie: true, ..settings }).unwrap_err().to_string();
    assert!(error.contains("the state in the store is damaged: block 54"), "{error}");
    assert!(!place.store().trie_is_whole().unwrap());
}
