//! Blocks taken back: the store is then as it was behind an earlier block, branch for branch.

use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Account, BlockRange};
use blockmill_pipeline::{Settings, unwind_state};
use blockmill_store::Store;
use blockmill_trie::{BranchNodeCompact, Nibbles, TrieAccount, TrieId, TrieReader};

use crate::harness::{Workplace, run};

/// Everything of the store that is the state, or leads to its root.
#[derive(Debug, PartialEq)]
struct State {
    executed: Option<u64>,
    accounts: Vec<(Address, Account)>,
    slots: Vec<((Address, U256), U256)>,
    account_leaves: Vec<(B256, TrieAccount)>,
    slot_leaves: Vec<(B256, B256, U256)>,
    branches: Vec<(TrieId, Nibbles, BranchNodeCompact)>,
    change_sets: Vec<bool>,
}

/// All stored branches under a path, depth first.
fn branches_under(
    store: &Store,
    trie: TrieId,
    prefix: Nibbles,
    all: &mut Vec<(TrieId, Nibbles, BranchNodeCompact)>,
) {
    let Some((path, row)) = store.first_branch(trie, &prefix).unwrap() else { return };
    all.push((trie, path, row));
    for nibble in 0..16 {
        let mut child = path;
        child.push(nibble);
        branches_under(store, trie, child, all);
    }
}

fn state(store: &Store) -> State {
    let account_leaves: Vec<_> = store.hashed_accounts().map(Result::unwrap).collect();
    let mut branches = Vec::new();
    branches_under(store, TrieId::Accounts, Nibbles::new(), &mut branches);
    for (owner, _) in &account_leaves {
        branches_under(store, TrieId::Storage(*owner), Nibbles::new(), &mut branches);
    }
    State {
        executed: store.execute_checkpoint().unwrap(),
        accounts: store.accounts().map(Result::unwrap).collect(),
        slots: store.slots_from((Address::ZERO, U256::ZERO)).map(Result::unwrap).collect(),
        account_leaves,
        slot_leaves: store.hashed_slots().map(Result::unwrap).collect(),
        branches,
        change_sets: (0..700).map(|number| store.change_set(number).unwrap().is_some()).collect(),
    }
}

/// A fresh run up to a block.
fn fresh(name: &str, end: u64) -> State {
    let place = Workplace::new();
    let settings = place.chain(name).unwrap();
    let settings = Settings { range: format!(":{end}").parse().unwrap(), ..settings };
    run(&settings).unwrap();
    state(&place.store())
}

#[test]
fn an_unwound_store_is_as_a_fresh_run_leaves_it_and_goes_on_from_there() {
    for (name, ends) in [("execution-apis", [54, 41, 17, 0]), ("geth-ethtest", [600, 431, 96, 0])] {
        let place = Workplace::new();
        let Some(settings) = place.chain(name) else { return };
        run(&settings).unwrap();
        let whole = state(&place.store());
        let tables = place.tables().contents();
        for to in ends {
            let store = place.store();
            unwind_state(&store, to).unwrap();
            assert!(state(&store) == fresh(name, to + 1), "{name}: taken back to block {to}");
        }
        run(&settings).unwrap();
        assert!(state(&place.store()) == whole, "{name}: executed again");
        assert!(place.tables().contents() == tables, "{name}: the tables have changed");
    }
}

#[test]
fn a_block_that_nothing_leads_back_to_is_refused() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    run(&settings).unwrap();
    let store = place.store();
    let mut batch = store.batch();
    batch.delete_change_sets(BlockRange::new(0, 20)).unwrap();
    batch.commit().unwrap();
    let before = state(&store);
    let error = unwind_state(&store, 10).unwrap_err().to_string();
    assert!(
        error.contains("cannot go back to block 10") && error.contains("leads back to block 19"),
        "{error}"
    );
    assert!(state(&store) == before, "a refused unwind has changed something");
    unwind_state(&store, 19).unwrap();
    assert_eq!(store.execute_checkpoint().unwrap(), Some(19));
}
