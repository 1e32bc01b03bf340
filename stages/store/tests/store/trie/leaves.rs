//! Leaves by prefix, with jumps.

use super::{OWNERS, account, hash, path, put};
use crate::samples::{empty, open};
use alloy::primitives::{B256, U256};
use blockmill_store::Store;
use blockmill_trie::{Nibbles, StorageUpdates, TrieId, TrieReader, TrieUpdates, Visit};

/// As many leaves in each trie, the n-th beginning with the nibbles of n; the last is the highest key there is.
const LEAVES: u16 = 256;

fn key(n: u16) -> B256 {
    match n {
        255 => B256::repeat_byte(0xff),
        n => hash(&[(n >> 4) as u8, (n & 0xf) as u8]),
    }
}

fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = empty();
    let slots = |from: u64| (0..LEAVES).map(|n| (key(n), U256::from(from + u64::from(n)))).collect();
    let of = |owner, from| StorageUpdates { owner, slots: slots(from), ..StorageUpdates::default() };
    put(
        &store,
        &TrieUpdates {
            accounts: (0..LEAVES).map(|n| (key(n), Some(account(u64::from(n))))).collect(),
            branches: Vec::new(),
            storage: vec![of(OWNERS[1], 1000), of(OWNERS[2], 2000), of(OWNERS[3], 3000)],
        },
    );
    store.finish().unwrap();
    let store = open(folder.path());
    (folder, store)
}

/// The leaves visited under `prefix`, as what their values say: nonces of accounts, values of slots.
fn visited(store: &Store, trie: TrieId, prefix: &[u8], wish: impl Fn(u64) -> Visit) -> Vec<u64> {
    let mut seen = Vec::new();
    let mut note = |key_found: B256, value: u64, n: u64| {
        assert_eq!(key_found, key(n as u16), "key and value belong together");
        seen.push(value);
        wish(n)
    };
    match trie {
        TrieId::Accounts => {
            let visit =
                &mut |key, account: blockmill_trie::TrieAccount| note(key, account.nonce, account.nonce);
            store.account_leaves(&path(prefix), visit).unwrap();
        }
        TrieId::Storage(owner) => {
            let visit = &mut |key, value: U256| note(key, value.to(), value.to::<u64>() % 1000);
            store.storage_leaves(owner, &path(prefix), visit).unwrap();
        }
    }
    seen
}

fn tries() -> [(TrieId, u64); 4] {
    let storage = |n: usize| (TrieId::Storage(OWNERS[n]), 1000 * n as u64);
    [(TrieId::Accounts, 0), storage(1), storage(2), storage(3)]
}

#[test]
fn leaves_are_visited_by_prefix_of_any_length() {
    let (_folder, store) = filled();
    let cases: [(&[u8], std::ops::Range<u64>); 10] = [
        (&[], 0..256),
        (&[0], 0..16),
        (&[7], 112..128),
        (&[0xf], 240..256),
        (&[7, 0], 112..113),
        (&[7, 0xf], 127..128),
        (&[7, 0xf, 0], 127..128),
        (&[7, 0xf, 1], 0..0),
        (&[0xf, 0xf, 0xf], 255..256),
        (&[0xf; 64], 255..256),
    ];
    for (trie, from) in tries() {
        for (prefix, numbers) in cases.clone() {
            let expected: Vec<_> = numbers.map(|n| from + n).collect();
            assert_eq!(visited(&store, trie, prefix, |_| Visit::Next), expected, "{prefix:?} of {trie:?}");
        }
    }
}

#[test]
fn a_visitor_may_jump_and_stop() {
    let (_folder, store) = filled();
    for (trie, from) in tries() {
        for distance in [1, 2, 7, 8, 9, 10, 40, 100] {
            let jump = |n: u64| Visit::SkipTo(key((n + distance).min(255) as u16));
            let mut expected: Vec<_> = (0..255).step_by(distance as usize).map(|n| from + n).collect();
            expected.push(from + 255);
            assert_eq!(visited(&store, trie, &[], jump), expected, "steps of {distance}");
        }
        let stop_at_20 = |n| if n == 20 { Visit::Stop } else { Visit::Next };
        assert_eq!(visited(&store, trie, &[1], stop_at_20), (from + 16..=from + 20).collect::<Vec<_>>());
    }
}

#[test]
fn a_jump_out_of_the_prefix_ends_the_visit() {
    let (_folder, store) = filled();
    for (trie, from) in tries() {
        for target in [key(32), key(33), key(200), key(255)] {
            assert_eq!(visited(&store, trie, &[1], |_| Visit::SkipTo(target)), [from + 16], "{target}");
        }
    }
}

#[test]
fn a_jump_between_leaves_lands_on_the_next() {
    let (_folder, store) = filled();
    let between = |n: u64| if n == 3 { Visit::SkipTo(hash(&[9, 9, 1])) } else { Visit::Next };
    for (trie, from) in tries() {
        let seen = visited(&store, trie, &[], between);
        assert_eq!(seen[..6], [0, 1, 2, 3, 0x9a, 0x9b].map(|n| from + n));
    }
}

#[test]
fn a_jump_backwards_goes_on_with_the_next() {
    let (_folder, store) = filled();
    for (trie, from) in tries() {
        for target in [B256::ZERO, key(0x75)] {
            let seen = visited(&store, trie, &[7], |_| Visit::SkipTo(target));
            let end = if target.is_zero() { 0x71 } else { 0x75 };
            assert_eq!(seen[..2], [from + 0x70, from + end], "every step moves on");
            assert_eq!(seen.last(), Some(&(from + 0x7f)));
        }
    }
}

#[test]
fn an_owner_without_slots_has_no_leaves() {
    let (_folder, store) = filled();
    let mut visit = |_, _| panic!("there is none");
    store.storage_leaves(OWNERS[0], &Nibbles::default(), &mut visit).unwrap();
    store.storage_leaves(OWNERS[0], &path(&[0xf; 64]), &mut visit).unwrap();
}
