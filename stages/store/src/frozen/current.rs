//! Format 3.

use alloy::primitives::{B256, U256, keccak256};
use blockmill_chain::{AccountWitness, ChangeSet};
use blockmill_trie::{
    BranchNodeCompact, Nibbles, RebuildTarget, StorageUpdates, TrieAccount, TrieId, TrieReader, TrieUpdates,
};

use super::*;
use crate::FORMAT;

fn leaf() -> TrieAccount {
    let Account { nonce, balance, code_hash } = account();
    TrieAccount { nonce, balance, storage_root: B256::repeat_byte(0x51), code_hash }
}

/// Two hashed children, one of which has a row below it; a third that has neither.
fn branch() -> BranchNodeCompact {
    let hashes = vec![B256::repeat_byte(0x61), B256::repeat_byte(0x62)];
    BranchNodeCompact::new(0b1000_0000_0001_0010u16, 0b10u16, 0b1000_0000_0000_0010u16, hashes, None)
}

fn hashed_slots() -> Vec<(B256, U256)> {
    vec![(B256::repeat_byte(0x52), U256::from(0x0100)), (B256::repeat_byte(0x53), U256::MAX)]
}

fn trie() -> TrieUpdates {
    let storage = StorageUpdates {
        owner: keccak256(OWNER),
        wiped: true,
        slots: [hashed_slots(), vec![(B256::repeat_byte(0x54), U256::ZERO)]].concat(),
        branches: vec![(Nibbles::default(), Some(branch())), (Nibbles::from_nibbles([5]), None)],
    };
    TrieUpdates {
        accounts: vec![(B256::ZERO, None), (keccak256(OWNER), Some(leaf()))],
        branches: vec![(Nibbles::from_nibbles([0xe, 2, 0xc]), Some(branch()))],
        storage: vec![storage],
    }
}

fn change_set() -> ChangeSet {
    let storage = vec![(U256::from(1), U256::ZERO), (U256::MAX, U256::from(9))];
    let created = AccountWitness { address: Address::repeat_byte(0x12), account: None, storage: Vec::new() };
    ChangeSet {
        accounts: vec![AccountWitness { address: OWNER, account: Some(account()), storage }, created],
    }
}

#[test]
fn every_row_is_written_as_in_format_1() {
    let (_folder, store) = empty();
    let mut batch = store.batch();
    batch.put_identity(&identity());
    batch.put_block(&block()).unwrap();
    batch.put_access_list(258, &access_list());
    batch.put_changes(&changes()).unwrap();
    batch.put_trie(&trie()).unwrap();
    batch.put_change_set(258, &change_set());
    batch.put_witness(258, &witness());
    batch.set_source_checkpoint(258);
    batch.set_execute_checkpoint(257);
    batch.set_trie_whole();
    batch.commit().unwrap();
    assert_eq!(FORMAT, 1, "a new format needs a fixture of its own");
    assert_eq!(dump(&store), FORMAT_1);
}

#[test]
fn every_row_of_format_1_is_still_read() {
    let (_folder, store) = empty();
    load(&store, FORMAT_1);
    assert_flat_rows(&store);
    assert_eq!(store.access_list(258).unwrap(), Some(access_list()));
    let owner = keccak256(OWNER);
    assert_eq!(store.hashed_accounts().map(Result::unwrap).collect::<Vec<_>>(), [(owner, leaf())]);
    assert_eq!(store.hashed_storage(owner).map(Result::unwrap).collect::<Vec<_>>(), hashed_slots());
    let of_accounts = store.branch(TrieId::Accounts, &Nibbles::from_nibbles([0xe, 2, 0xc]));
    assert_eq!(of_accounts.unwrap(), Some(branch()));
    assert_eq!(store.branch(TrieId::Storage(owner), &Nibbles::default()).unwrap(), Some(branch()));
    assert_eq!(store.change_set(258).unwrap(), Some(change_set()));
    assert!(store.trie_is_whole().unwrap());
}

#[test]
fn a_rebuild_of_the_trie_takes_the_note_away_until_its_end() {
    let (_folder, store) = empty();
    store.begin_trie_rebuild().unwrap();
    assert_eq!(dump(&store), "");
    store.trie_rebuild().write(&TrieUpdates::default()).unwrap();
    assert!(!store.trie_is_whole().unwrap());
    store.finish_trie_rebuild().unwrap();
    assert_eq!(dump(&store), "meta 74726965 01\n");
}
