//! A comparison finds every kind of row that is not what it should be.

use alloy::primitives::{B256, U256};
use alloy_trie::{BranchNodeCompact, Nibbles};

use super::{AMPLE_BYTES, MIN_MEMORY_BYTES, State, rows_of, run};
use crate::TrieId;
use crate::rebuild::compare::{Compare, Difference, Differences};
use crate::test_store::TestStore;

fn state() -> State {
    State::with_slots((0..400).map(|number| if number == 9 { 500 } else { number % 40 }))
}

fn differences(stored: &TestStore, keep: usize, memory_bytes: usize) -> Differences {
    let parent = tempfile::tempdir().unwrap();
    let mut compare = Compare::new(stored, keep);
    run(&state(), &mut compare, parent.path(), memory_bytes).unwrap();
    compare.finish().unwrap()
}

/// The one difference, whatever the memory.
fn only(stored: &TestStore) -> Difference {
    let [tiny, ample] = [MIN_MEMORY_BYTES, AMPLE_BYTES].map(|bytes| differences(stored, 10, bytes));
    assert_eq!(tiny, ample);
    let [difference] = &tiny.kept[..] else { panic!("{tiny:?}") };
    assert_eq!(tiny.count, 1);
    assert!(!difference.to_string().is_empty());
    difference.clone()
}

fn rows() -> TestStore {
    rows_of(&state()).0
}

#[test]
fn equal_rows_do_not_differ() {
    for bytes in [MIN_MEMORY_BYTES, AMPLE_BYTES] {
        let found = differences(&rows(), 10, bytes);
        assert!(found.is_none(), "{found:?}");
    }
}

/// The first key, one in the middle, and the last.
fn some<K: Copy>(keys: impl Iterator<Item = K>) -> [K; 3] {
    let keys: Vec<_> = keys.collect();
    [keys[0], keys[keys.len() / 2], keys[keys.len() - 1]]
}

#[test]
fn a_changed_or_missing_account() {
    for key in some(rows().accounts.keys().copied()) {
        let mut stored = rows();
        let account = stored.accounts.get_mut(&key).unwrap();
        let right = *account;
        account.nonce += 1;
        let wrong = *account;
        let expected = Difference::Account { key, expected: Some(right), stored: Some(wrong) };
        assert_eq!(only(&stored), expected);
        stored.accounts.remove(&key);
        assert_eq!(only(&stored), Difference::Account { key, expected: Some(right), stored: None });
    }
}

#[test]
fn an_extra_account() {
    for key in [B256::ZERO, B256::repeat_byte(0x80), B256::repeat_byte(0xff)] {
        let mut stored = rows();
        let account = Default::default();
        stored.accounts.insert(key, account);
        assert_eq!(only(&stored), Difference::Account { key, expected: None, stored: Some(account) });
    }
}

#[test]
fn a_changed_or_missing_slot() {
    for (owner, key) in some(rows().slots.keys().copied()) {
        let mut stored = rows();
        let right = stored.slots[&(owner, key)];
        let wrong = right + U256::from(1);
        stored.slots.insert((owner, key), wrong);
        let expected = Difference::Slot { owner, key, expected: Some(right), stored: Some(wrong) };
        assert_eq!(only(&stored), expected);
        stored.slots.remove(&(owner, key));
        assert_eq!(only(&stored), Difference::Slot { owner, key, expected: Some(right), stored: None });
    }
}

#[test]
fn an_extra_slot_of_an_account_that_has_others_or_does_not_exist() {
    let ends = [B256::ZERO, B256::repeat_byte(0xff)];
    let owners = some(rows().slots.keys().map(|(owner, _)| *owner)).into_iter().chain(ends);
    for (owner, key) in owners.flat_map(|owner| ends.map(|key| (owner, key))) {
        let mut stored = rows();
        stored.slots.insert((owner, key), U256::from(7));
        let expected = Difference::Slot { owner, key, expected: None, stored: Some(U256::from(7)) };
        assert_eq!(only(&stored), expected);
    }
}

#[test]
fn a_changed_or_missing_branch() {
    for (trie, path) in some(rows().branches.keys().copied()) {
        let mut stored = rows();
        let node = stored.branches.get_mut(&(trie, path)).unwrap();
        let right = node.clone();
        node.root_hash = Some(B256::ZERO);
        let wrong = node.clone();
        let expected = Some(right);
        let changed = Difference::Branch { trie, path, expected: expected.clone(), stored: Some(wrong) };
        assert_eq!(only(&stored), changed);
        stored.branches.remove(&(trie, path));
        assert_eq!(only(&stored), Difference::Branch { trie, path, expected, stored: None });
    }
}

#[test]
fn extra_branches() {
    let path = Nibbles::from_nibbles([1, 2, 3, 4, 5, 6]);
    for trie in [TrieId::Accounts, TrieId::Storage(B256::ZERO)] {
        let mut stored = rows();
        stored.branches.insert((trie, path), BranchNodeCompact::default());
        let is_storage = trie != TrieId::Accounts;
        assert_eq!(only(&stored), Difference::ExtraBranches { is_storage, count: 1 });
        // One that is missing does not make up for one that should not be there.
        stored.branches.pop_first();
        assert_eq!(differences(&stored, 10, MIN_MEMORY_BYTES).count, 2);
    }
}

#[test]
fn all_differences_are_counted_but_few_are_kept() {
    let found = differences(&TestStore::default(), 3, MIN_MEMORY_BYTES);
    let expected = rows();
    let all = expected.accounts.len() + expected.slots.len() + expected.branches.len();
    assert_eq!((found.kept.len(), found.count), (3, all as u64));
    let found = differences(&TestStore { accounts: Default::default(), ..rows() }, 3, MIN_MEMORY_BYTES);
    assert_eq!(found.count, expected.accounts.len() as u64);
}

#[test]
fn a_difference_names_the_row_and_both_values() {
    let key = B256::repeat_byte(1);
    let slot = Difference::Slot { owner: key, key, expected: Some(U256::from(5)), stored: None };
    assert_eq!(slot.to_string(), format!("slot {key} of account {key}: should be 5, is missing"));
    let path = Nibbles::from_nibbles([1, 15]);
    let node = BranchNodeCompact::new(0b11, 0, 0b10, vec![key], None);
    let branch = Difference::Branch { trie: TrieId::Accounts, path, expected: None, stored: Some(node) };
    let shown = format!("(children 0003, stored 0000, hashed 0002 {key})");
    let expected = format!("branch '1f' of the account trie: should not be stored, is {shown}");
    assert_eq!(branch.to_string(), expected);
}
