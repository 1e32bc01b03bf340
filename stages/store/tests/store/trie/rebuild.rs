//! The trie is made anew, and may be interrupted.

use super::{OWNERS, account, branch, path, put, storage};
use crate::samples::{empty, empty_block, open};
use blockmill_store::Store;
use blockmill_trie::{Nibbles, RebuildTarget, TrieId, TrieReader, TrieUpdates};

/// Rows of one owner in each family.
fn rows(n: usize) -> TrieUpdates {
    TrieUpdates {
        accounts: vec![(OWNERS[n], Some(account(n as u64)))],
        branches: vec![(path(&[n as u8]), Some(branch(n as u8)))],
        storage: vec![storage(OWNERS[n], false, &[(&[1], 10)], &[(&[], 1)])],
    }
}

/// How many rows of [`rows`] are there; each must be there in all families.
fn owners(store: &Store) -> usize {
    let accounts = store.hashed_accounts().count();
    let owns = |trie, prefix: &Nibbles| store.first_branch(trie, prefix).unwrap().is_some();
    assert_eq!(store.hashed_slots().count(), accounts);
    assert_eq!(OWNERS.iter().filter(|&&o| owns(TrieId::Storage(o), &path(&[]))).count(), accounts);
    assert_eq!((0..4).filter(|&n| owns(TrieId::Accounts, &path(&[n]))).count(), accounts);
    accounts
}

#[test]
fn a_new_store_has_no_trie_until_it_is_said() {
    let (folder, store) = empty();
    assert!(!store.trie_is_whole().unwrap());
    let mut batch = store.batch();
    batch.set_trie_whole();
    batch.commit().unwrap();
    drop(store);
    let store = open(folder.path());
    assert!(store.trie_is_whole().unwrap());
}

#[test]
fn a_rebuild_begins_with_nothing_and_leaves_the_rest_alone() {
    let (folder, store) = empty();
    put(&store, &rows(0));
    put(&store, &rows(3));
    store.finish().unwrap();
    let store = open(folder.path());
    put(&store, &rows(1));
    let mut batch = store.batch();
    batch.put_block(&empty_block(7)).unwrap();
    batch.set_trie_whole();
    batch.commit().unwrap();
    assert_eq!(owners(&store), 3);
    store.begin_trie_rebuild().unwrap();
    assert_eq!((owners(&store), store.trie_is_whole().unwrap()), (0, false));
    assert_eq!(store.last_block().unwrap(), Some(7));
    drop(store);
    let store = open(folder.path());
    assert_eq!((owners(&store), store.trie_is_whole().unwrap()), (0, false), "and stays so");
}

#[test]
fn a_rebuild_that_was_killed_is_begun_again() {
    let (folder, mut store) = empty();
    store.begin_trie_rebuild().unwrap();
    for n in 0..3 {
        store.trie_rebuild().write(&rows(n)).unwrap();
        // Dropped without a word, as a process that is killed leaves it.
        drop(store);
        store = open(folder.path());
        assert!(!store.trie_is_whole().unwrap());
    }
    store.begin_trie_rebuild().unwrap();
    assert_eq!(owners(&store), 0);
    store.trie_rebuild().write(&rows(3)).unwrap();
    assert_eq!(owners(&store), 1, "what comes after the emptying stays");
    store.finish_trie_rebuild().unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!((owners(&store), store.trie_is_whole().unwrap()), (1, true));
}
