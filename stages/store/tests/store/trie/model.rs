//! The rows of the trie against a model: ordered maps.

use std::collections::BTreeMap;

use super::{OWNERS, put};
use crate::samples::{empty, hash, open, word};
use alloy::primitives::{B256, U256};
use blockmill_store::Store;
use blockmill_trie::{
    BranchNodeCompact, Nibbles, StorageUpdates, TrieAccount, TrieId, TrieReader, TrieUpdates, Visit,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

type Branches = BTreeMap<Vec<u8>, BranchNodeCompact>;

#[derive(Debug, Default)]
struct Model {
    accounts: BTreeMap<B256, TrieAccount>,
    slots: BTreeMap<B256, BTreeMap<B256, U256>>,
    branches: BTreeMap<TrieId, Branches>,
}

impl Model {
    fn apply(&mut self, updates: &TrieUpdates) {
        for (key, account) in &updates.accounts {
            self.accounts.remove(key);
            self.accounts.extend(account.map(|account| (*key, account)));
        }
        lay_over(self.branches.entry(TrieId::Accounts).or_default(), &updates.branches);
        for storage in &updates.storage {
            let slots = self.slots.entry(storage.owner).or_default();
            let branches = self.branches.entry(TrieId::Storage(storage.owner)).or_default();
            if storage.wiped {
                slots.clear();
                branches.clear();
            }
            slots.extend(storage.slots.iter().copied());
            slots.retain(|_, value| !value.is_zero());
            lay_over(branches, &storage.branches);
        }
    }
}

fn lay_over(branches: &mut Branches, updates: &[(Nibbles, Option<BranchNodeCompact>)]) {
    for (path, branch) in updates {
        branches.remove(&path.to_vec());
        branches.extend(branch.clone().map(|branch| (path.to_vec(), branch)));
    }
}

/// Few, so that updates meet; the shortest and the longest among them.
fn path() -> impl Strategy<Value = Vec<u8>> {
    let nibble = prop_oneof![Just(0u8), Just(1), Just(0xf)];
    prop_oneof![9 => vec(nibble, 0..4), 1 => Just(vec![0xfu8; 64])]
}

/// Few, lowest and highest among them.
fn key() -> impl Strategy<Value = B256> {
    path().prop_map(|path| super::hash(&path))
}

prop_compose! {
    fn branch()(state in any::<u16>(), tree in any::<u16>(), hash in any::<u16>(), hashes in vec(hash(), 16)) -> BranchNodeCompact {
        let hash = hash & state;
        let hashes = hashes[..hash.count_ones() as usize].to_vec();
        BranchNodeCompact::new(state, tree & state, hash, hashes, None)
    }
}

fn branches() -> impl Strategy<Value = Vec<(Nibbles, Option<BranchNodeCompact>)>> {
    let rows = btree_map(path(), option::of(branch()), 0..8);
    rows.prop_map(|rows| rows.into_iter().map(|(at, branch)| (Nibbles::from_nibbles(at), branch)).collect())
}

prop_compose! {
    fn account()(nonce in any::<u64>(), balance in word(), storage_root in hash(), code_hash in hash()) -> TrieAccount {
        TrieAccount { nonce, balance, storage_root, code_hash }
    }
}

prop_compose! {
    fn storage()(
        wiped in prop::bool::weighted(0.3),
        slots in btree_map(key(), prop_oneof![Just(U256::ZERO), word()], 0..8),
        branches in branches(),
    ) -> StorageUpdates {
        StorageUpdates { owner: B256::ZERO, wiped, slots: slots.into_iter().collect(), branches }
    }
}

prop_compose! {
    fn updates()(
        accounts in btree_map(key(), option::of(account()), 0..8),
        branches in branches(),
        storage in btree_map(0..OWNERS.len(), storage(), 0..3),
    ) -> TrieUpdates {
        let storage = storage.into_iter().map(|(n, storage)| StorageUpdates { owner: OWNERS[n], ..storage });
        TrieUpdates { accounts: accounts.into_iter().collect(), branches, storage: storage.collect() }
    }
}

fn check_branches(store: &Store, model: &Model, paths: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let none = Branches::new();
    for trie in OWNERS.map(TrieId::Storage).into_iter().chain([TrieId::Accounts]) {
        let rows = model.branches.get(&trie).unwrap_or(&none);
        for path in paths.iter().chain(rows.keys()) {
            let nibbles = Nibbles::from_nibbles(path);
            prop_assert_eq!(store.branch(trie, &nibbles).unwrap(), rows.get(path).cloned());
            let first = rows.iter().find(|(at, _)| at.starts_with(path));
            let first = first.map(|(at, branch)| (Nibbles::from_nibbles(at), branch.clone()));
            prop_assert_eq!(store.first_branch(trie, &nibbles).unwrap(), first);
        }
    }
    Ok(())
}

/// What a visitor that follows `wishes`, one after the other, sees of `rows` under `prefix`.
fn expected<T: Copy>(rows: &BTreeMap<B256, T>, prefix: &[u8], wishes: &[Visit]) -> Vec<(B256, T)> {
    let (mut from, mut wishes, mut seen) = (B256::ZERO, wishes.iter().cycle(), Vec::new());
    for (&key, &value) in rows {
        if key < from || !Nibbles::unpack(key).to_vec().starts_with(prefix) {
            continue;
        }
        seen.push((key, value));
        match wishes.next().unwrap() {
            Visit::Next => {}
            Visit::SkipTo(target) => from = *target,
            Visit::Stop => break,
        }
    }
    seen
}

fn check_leaves(store: &Store, model: &Model, prefix: &[u8], wishes: &[Visit]) -> Result<(), TestCaseError> {
    let nibbles = Nibbles::from_nibbles(prefix);
    let (mut seen, mut next) = (Vec::new(), wishes.iter().cycle());
    let mut visit = |key, account| {
        seen.push((key, account));
        *next.next().unwrap()
    };
    store.account_leaves(&nibbles, &mut visit).unwrap();
    prop_assert_eq!(seen, expected(&model.accounts, prefix, wishes));
    let none = BTreeMap::new();
    for owner in OWNERS {
        let (mut seen, mut next) = (Vec::new(), wishes.iter().cycle());
        let mut visit = |key, value| {
            seen.push((key, value));
            *next.next().unwrap()
        };
        store.storage_leaves(owner, &nibbles, &mut visit).unwrap();
        prop_assert_eq!(seen, expected(model.slots.get(&owner).unwrap_or(&none), prefix, wishes));
    }
    Ok(())
}

fn check_whole(store: &Store, model: &Model) -> Result<(), TestCaseError> {
    let accounts: Vec<_> = store.hashed_accounts().map(Result::unwrap).collect();
    prop_assert_eq!(accounts, model.accounts.iter().map(|(&k, &a)| (k, a)).collect::<Vec<_>>());
    let of = |(&owner, slots): (&B256, &BTreeMap<B256, U256>)| {
        slots.iter().map(|(&slot, &value)| (owner, slot, value)).collect::<Vec<_>>()
    };
    let slots: Vec<_> = store.hashed_slots().map(Result::unwrap).collect();
    prop_assert_eq!(slots, model.slots.iter().flat_map(of).collect::<Vec<_>>());
    Ok(())
}

fn wish() -> impl Strategy<Value = Visit> {
    prop_oneof![4 => Just(Visit::Next), 4 => key().prop_map(Visit::SkipTo), 1 => Just(Visit::Stop)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_rows_of_the_trie_agree_with_a_model(
        slices in vec((updates(), any::<bool>()), 1..8),
        paths in vec(path(), 8),
        wishes in vec(wish(), 1..4),
    ) {
        let (folder, mut store) = empty();
        let mut model = Model::default();
        for (updates, reopen) in &slices {
            put(&store, updates);
            model.apply(updates);
            if *reopen {
                store.finish().unwrap();
                store = open(folder.path());
            }
            check_whole(&store, &model)?;
            check_branches(&store, &model, &paths)?;
            for prefix in &paths {
                check_leaves(&store, &model, prefix, &wishes)?;
            }
        }
    }
}
