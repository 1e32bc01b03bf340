//! Rows that do not have the shape of their family.

use alloy::primitives::{B256, keccak256};
use blockmill_trie::{Nibbles, TrieId, TrieReader, Visit};

use super::*;

/// The store of format 1 with these rows laid over.
fn with(rows: &str) -> (tempfile::TempDir, Store) {
    let (folder, store) = empty();
    load(&store, FORMAT_1);
    load(&store, rows);
    (folder, store)
}

#[test]
fn a_block_that_is_there_in_part_is_an_error_that_names_the_row() {
    let (_folder, store) = empty();
    let rest: Vec<_> = FORMAT_1.lines().filter(|line| !line.starts_with("bodies ")).collect();
    load(&store, &rest.join("\n"));
    let error = store.block(258).unwrap_err().to_string();
    assert!(error.contains("of block 258 in bodies is missing"), "{error}");
}

#[test]
fn a_row_of_the_wrong_shape_is_an_error_that_names_it() {
    let (_folder, store) = with("senders 0000000000000102 2121212121212121212121212121212121212121");
    let error = store.block(258).unwrap_err().to_string();
    assert!(error.contains("of block 258 in senders is damaged: 1 senders for 2 transactions"), "{error}");
    load(&store, "accounts 1111111111111111111111111111111111111111 c0");
    let error = store.account(OWNER).unwrap_err().to_string();
    assert!(error.contains("0x1111111111111111111111111111111111111111 of accounts is damaged"), "{error}");
    load(&store, "change_sets 0000000000000102 c101");
    let error = store.change_set(258).unwrap_err().to_string();
    assert!(error.contains("of block 258 in change_sets is damaged"), "{error}");
    load(&store, "meta 74726965 02");
    let error = store.trie_is_whole().unwrap_err().to_string();
    assert!(error.contains("'trie' of meta is damaged"), "{error}");
}

#[test]
fn a_damaged_branch_is_an_error_that_names_it() {
    let path = Nibbles::from_nibbles([0xa]);
    let key = format!("a0{}01", "00".repeat(31));
    let owner = keccak256(OWNER);
    let hash = "61".repeat(32);
    let cases = [
        ("0003000000", "5 bytes where 6 belong"),
        ("000300000001", "6 bytes where 38 belong"),
        ("000300040000", "children 0x0003, but stored ones 0x0004 and hashed ones 0x0000"),
        (&format!("000300010004{hash}"), "children 0x0003, but stored ones 0x0001 and hashed ones 0x0004"),
    ];
    for (value, expected) in cases {
        let rows = format!("account_branches {key} {value}\nstorage_branches {owner:x}{key} {value}");
        let (_folder, store) = with(&rows);
        let named = |trie, prefix: &str| {
            for error in
                [store.branch(trie, &path).unwrap_err(), store.first_branch(trie, &path).unwrap_err()]
            {
                let error = error.to_string();
                assert!(error.contains(prefix) && error.contains(expected), "{error}");
            }
        };
        named(TrieId::Accounts, &format!("0x{key} of account_branches is damaged"));
        named(TrieId::Storage(owner), &format!("{owner:x}{key} of storage_branches is damaged"));
    }
}

#[test]
fn a_branch_under_a_damaged_path_is_an_error_that_names_it() {
    let zeros = "00".repeat(31);
    let cases = [
        (format!("a0{zeros}41"), "65 nibbles where 64 are the most"),
        (format!("aa{zeros}01"), "goes on after its 1 nibbles"),
        (format!("a0{zeros}"), "32 bytes where 33 belong"),
        (format!("a0{zeros}0101"), "34 bytes where 33 belong"),
    ];
    for (key, expected) in cases {
        let (_folder, store) = with(&format!("account_branches {key} 000300000000"));
        let error = store.first_branch(TrieId::Accounts, &Nibbles::default()).unwrap_err().to_string();
        let named = format!("0x{key} of account_branches is damaged");
        assert!(error.contains(&named) && error.contains(expected), "{error}");
    }
}

#[test]
fn a_damaged_leaf_is_an_error_that_names_it() {
    let (owner, zeros) = (B256::repeat_byte(0xa1), "00".repeat(32));
    let rows = format!("hashed_accounts {zeros} c0\nhashed_storage {owner:x}{zeros} 00");
    let (_folder, store) = with(&rows);
    let error = store.account_leaves(&Nibbles::default(), &mut |_, _| Visit::Next).unwrap_err().to_string();
    assert!(error.contains(&format!("0x{zeros} of hashed_accounts is damaged")), "{error}");
    let visited = store.storage_leaves(owner, &Nibbles::default(), &mut |_, _| Visit::Next);
    let error = visited.unwrap_err().to_string();
    assert!(error.contains(&format!("{owner:x}{zeros} of hashed_storage is damaged")), "{error}");
}
