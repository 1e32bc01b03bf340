//! The state of a store as rows: flat, hashed, and the branches of its tries.

use alloy::primitives::{Address, B256, U256};
use blockmill_chain::Account;
use blockmill_store::Store;
use blockmill_trie::{BranchNodeCompact, Nibbles, TrieAccount, TrieId, TrieReader};

/// Everything of the store that is the state, or leads to its root.
#[derive(Debug, PartialEq)]
pub(crate) struct State {
    executed: Option<u64>,
    accounts: Vec<(Address, Account)>,
    slots: Vec<(Address, U256, U256)>,
    pub(crate) account_leaves: Vec<(B256, TrieAccount)>,
    pub(crate) slot_leaves: Vec<(B256, B256, U256)>,
    pub(crate) branches: Vec<(TrieId, Nibbles, BranchNodeCompact)>,
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

pub(crate) fn state(store: &Store) -> State {
    let account_leaves: Vec<_> = store.hashed_accounts().map(Result::unwrap).collect();
    let mut branches = Vec::new();
    branches_under(store, TrieId::Accounts, Nibbles::new(), &mut branches);
    for (owner, _) in &account_leaves {
        branches_under(store, TrieId::Storage(*owner), Nibbles::new(), &mut branches);
    }
    State {
        executed: store.execute_checkpoint().unwrap(),
        accounts: store.accounts().map(Result::unwrap).collect(),
        slots: store.slots().map(Result::unwrap).collect(),
        account_leaves,
        slot_leaves: store.hashed_slots().map(Result::unwrap).collect(),
        branches,
        change_sets: (0..700).map(|number| store.change_set(number).unwrap().is_some()).collect(),
    }
}
