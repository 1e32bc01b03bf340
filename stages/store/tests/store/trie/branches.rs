//! Branches by path and by prefix.

use super::{OWNERS, branch, path, put, storage};
use crate::samples::{empty, open};
use blockmill_store::Store;
use blockmill_trie::{Nibbles, TrieId, TrieReader, TrieUpdates};

const PATHS: [&[u8]; 7] = [&[], &[1], &[1, 2], &[1, 2, 3], &[1, 2, 0xf, 4], &[2, 0], &[0xf; 64]];
/// Beside, between and below them.
const ABSENT: [&[u8]; 5] = [&[0], &[1, 2, 0xf], &[2], &[2, 0, 0], &[0xf; 63]];

/// The same paths in the trie of accounts and under two owners that are neighbours, with branches of their own.
fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = empty();
    let at = |from: u8| PATHS.into_iter().zip(from..).collect::<Vec<_>>();
    let branches = at(0).into_iter().map(|(at, n)| (path(at), Some(branch(n)))).collect();
    let storage = vec![storage(OWNERS[1], false, &[], &at(0x10)), storage(OWNERS[2], false, &[], &at(0x20))];
    put(&store, &TrieUpdates { accounts: Vec::new(), branches, storage });
    store.finish().unwrap();
    let store = open(folder.path());
    (folder, store)
}

fn tries() -> [(TrieId, u8); 3] {
    [(TrieId::Accounts, 0), (TrieId::Storage(OWNERS[1]), 0x10), (TrieId::Storage(OWNERS[2]), 0x20)]
}

#[test]
fn a_branch_is_found_by_its_path() {
    let (_folder, store) = filled();
    for (trie, from) in tries() {
        for (at, n) in PATHS.into_iter().zip(from..) {
            assert_eq!(store.branch(trie, &path(at)).unwrap(), Some(branch(n)), "{at:?} of {trie:?}");
        }
        for absent in ABSENT {
            assert_eq!(store.branch(trie, &path(absent)).unwrap(), None, "{absent:?} of {trie:?}");
        }
    }
}

#[test]
fn the_first_branch_of_a_prefix_is_the_shortest_then_the_lowest() {
    let (_folder, store) = filled();
    let cases: [(&[u8], Option<usize>); 14] = [
        (&[], Some(0)),
        (&[0], None),
        (&[1], Some(1)),
        (&[1, 0], None),
        (&[1, 2], Some(2)),
        (&[1, 2, 3], Some(3)),
        (&[1, 2, 3, 0], None),
        (&[1, 2, 0xf], Some(4)),
        (&[1, 3], None),
        (&[2], Some(5)),
        (&[2, 0, 0], None),
        (&[0xf], Some(6)),
        (&[0xf; 63], Some(6)),
        (&[0xf; 64], Some(6)),
    ];
    for (trie, from) in tries() {
        for (prefix, expected) in cases {
            let expected = expected.map(|n| (path(PATHS[n]), branch(from + n as u8)));
            assert_eq!(store.first_branch(trie, &path(prefix)).unwrap(), expected, "{prefix:?} of {trie:?}");
        }
    }
}

#[test]
fn an_owner_without_branches_does_not_see_its_neighbours() {
    let (_folder, store) = filled();
    for owner in [OWNERS[0], OWNERS[3]] {
        for prefix in [PATHS[0], PATHS[1], PATHS[6]] {
            assert_eq!(
                store.first_branch(TrieId::Storage(owner), &path(prefix)).unwrap(),
                None,
                "{prefix:?}"
            );
        }
        assert_eq!(store.branch(TrieId::Storage(owner), &Nibbles::default()).unwrap(), None);
    }
}

#[test]
fn a_root_hash_is_not_kept() {
    let (_folder, store) = empty();
    let mut with_root = branch(1);
    with_root.root_hash = Some(OWNERS[1]);
    let branches = vec![(path(&[1]), Some(with_root))];
    put(&store, &TrieUpdates { branches, ..TrieUpdates::default() });
    assert_eq!(store.branch(TrieId::Accounts, &path(&[1])).unwrap(), Some(branch(1)));
}
