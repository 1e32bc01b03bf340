//! The state trie as the store keeps it.

mod branches;
mod leaves;
mod model;
mod rebuild;
mod updates;

use alloy::primitives::{B256, U256};
use blockmill_store::Store;
use blockmill_trie::{BranchNodeCompact, Nibbles, StorageUpdates, TrieAccount, TrieUpdates};

/// The first and the last of all owners among them: the latter's prefix has no successor.
const OWNERS: [B256; 4] =
    [B256::ZERO, B256::repeat_byte(0x11), B256::repeat_byte(0x12), B256::repeat_byte(0xff)];

fn path(nibbles: &[u8]) -> Nibbles {
    Nibbles::from_nibbles(nibbles)
}

/// A branch that can be told from others.
fn branch(n: u8) -> BranchNodeCompact {
    BranchNodeCompact::new(0x8003u16, 0x0001u16, 0x8001u16, vec![B256::repeat_byte(n); 2], None)
}

/// A hash that begins with `nibbles`, filled up with zeros.
fn hash(nibbles: &[u8]) -> B256 {
    B256::right_padding_from(&path(nibbles).pack())
}

fn account(nonce: u64) -> TrieAccount {
    TrieAccount { nonce, ..TrieAccount::default() }
}

fn put(store: &Store, updates: &TrieUpdates) {
    let mut batch = store.batch();
    batch.put_trie(updates).unwrap();
    batch.commit().unwrap();
}

/// Slots with these keys and values, and branches at these paths.
fn storage(owner: B256, wiped: bool, slots: &[(&[u8], u64)], branches: &[(&[u8], u8)]) -> StorageUpdates {
    StorageUpdates {
        owner,
        wiped,
        slots: slots.iter().map(|&(key, value)| (hash(key), U256::from(value))).collect(),
        branches: branches.iter().map(|&(at, n)| (path(at), Some(branch(n)))).collect(),
    }
}
