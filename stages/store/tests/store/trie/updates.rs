//! Rows of the trie go in with a batch, and go.

use super::{OWNERS, account, branch, hash, path, put, storage};
use crate::samples::{empty, open};
use alloy::primitives::{B256, U256};
use blockmill_store::Store;
use blockmill_trie::{Nibbles, TrieId, TrieReader, TrieUpdates};

/// Three neighbours with the same slots and branches.
fn neighbours() -> TrieUpdates {
    let of =
        |owner| storage(owner, false, &[(&[1], 10), (&[2], 20), (&[0xf; 64], 30)], &[(&[], 1), (&[2], 2)]);
    TrieUpdates { storage: OWNERS[1..].iter().map(|&owner| of(owner)).collect(), ..TrieUpdates::default() }
}

fn slots(store: &Store, owner: B256) -> Vec<(B256, U256)> {
    store.hashed_storage(owner).map(Result::unwrap).collect()
}

fn branches(store: &Store, owner: B256, paths: &[&[u8]]) -> Vec<Option<u8>> {
    let trie = TrieId::Storage(owner);
    paths.iter().map(|at| store.branch(trie, &path(at)).unwrap().map(|branch| branch.hashes[0][0])).collect()
}

#[test]
fn a_wipe_takes_slots_and_branches_and_leaves_what_came_after() {
    let (folder, store) = empty();
    put(&store, &neighbours());
    // Half of it in a table, half in the log.
    store.finish().unwrap();
    let store = open(folder.path());
    let more = storage(OWNERS[2], false, &[(&[3], 40)], &[(&[3], 3)]);
    put(&store, &TrieUpdates { storage: vec![more], ..TrieUpdates::default() });

    let wipe = storage(OWNERS[2], true, &[(&[2], 21), (&[4], 50)], &[(&[2], 4), (&[4], 5)]);
    put(&store, &TrieUpdates { storage: vec![wipe], ..TrieUpdates::default() });
    assert_eq!(slots(&store, OWNERS[2]), [(hash(&[2]), U256::from(21)), (hash(&[4]), U256::from(50))]);
    let paths: [&[u8]; 4] = [&[], &[2], &[3], &[4]];
    assert_eq!(branches(&store, OWNERS[2], &paths), [None, Some(4), None, Some(5)]);
    for neighbour in [OWNERS[1], OWNERS[3]] {
        assert_eq!(slots(&store, neighbour).len(), 3);
        assert_eq!(branches(&store, neighbour, &paths), [Some(1), Some(2), None, None]);
    }
}

#[test]
fn a_wipe_that_nothing_follows_leaves_nothing() {
    let (_folder, store) = empty();
    put(&store, &neighbours());
    for owner in OWNERS {
        let wipe = storage(owner, true, &[], &[]);
        put(&store, &TrieUpdates { storage: vec![wipe], ..TrieUpdates::default() });
        assert_eq!(store.hashed_storage(owner).count(), 0);
        assert_eq!(store.first_branch(TrieId::Storage(owner), &Nibbles::default()).unwrap(), None);
    }
    assert_eq!(store.hashed_slots().count(), 0);
}

#[test]
fn what_is_none_or_zero_is_deleted() {
    let (_folder, store) = empty();
    let mut updates = neighbours();
    updates.accounts = vec![(OWNERS[0], Some(account(1))), (OWNERS[1], Some(account(2)))];
    updates.branches = vec![(path(&[]), Some(branch(1))), (path(&[0]), Some(branch(2)))];
    put(&store, &updates);
    let mut gone = storage(OWNERS[1], false, &[(&[1], 0), (&[9], 0)], &[]);
    gone.branches = vec![(path(&[2]), None), (path(&[9]), None)];
    put(
        &store,
        &TrieUpdates {
            accounts: vec![(OWNERS[0], None), (OWNERS[3], None)],
            branches: vec![(path(&[]), None), (path(&[9]), None)],
            storage: vec![gone],
        },
    );
    assert_eq!(store.hashed_accounts().map(Result::unwrap).collect::<Vec<_>>(), [(OWNERS[1], account(2))]);
    let first = store.first_branch(TrieId::Accounts, &Nibbles::default()).unwrap();
    assert_eq!(first, Some((path(&[0]), branch(2))));
    assert_eq!(slots(&store, OWNERS[1]).len(), 2);
    assert_eq!(branches(&store, OWNERS[1], &[&[], &[2]]), [Some(1), None]);
}

#[test]
fn rows_come_with_their_checkpoint_or_not_at_all() {
    let (folder, store) = empty();
    let mut batch = store.batch();
    batch.put_trie(&neighbours()).unwrap();
    batch.set_trie_whole();
    batch.set_execute_checkpoint(1);
    drop(batch);
    assert_eq!((store.hashed_slots().count(), store.execute_checkpoint().unwrap()), (0, None));
    assert!(!store.trie_is_whole().unwrap());
    let mut batch = store.batch();
    batch.put_trie(&neighbours()).unwrap();
    batch.set_trie_whole();
    batch.set_execute_checkpoint(1);
    batch.commit().unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!((store.hashed_slots().count(), store.execute_checkpoint().unwrap()), (9, Some(1)));
    assert!(store.trie_is_whole().unwrap());
}

#[test]
#[should_panic(expected = "once")]
fn rows_of_a_batch_are_put_once() {
    let (_folder, store) = empty();
    let mut batch = store.batch();
    batch.put_trie(&TrieUpdates::default()).unwrap();
    batch.put_trie(&TrieUpdates::default()).unwrap();
}
