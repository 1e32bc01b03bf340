//! What hangs at the end of a path.

use alloy::primitives::{B256, U256};
use alloy_rlp::Encodable;
use alloy_trie::{Nibbles, TrieAccount};

use crate::{TrieId, TrieReader, Visit};

/// A leaf's value: an account, or what a slot holds.
pub(crate) trait LeafValue: Copy + PartialEq + Send + Sync + Encodable {
    /// Visits the stored leaves of `trie` under `prefix`, ascending.
    fn visit<R: TrieReader>(
        reader: &R,
        trie: TrieId,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, Self) -> Visit,
    ) -> Result<(), R::Error>;
}

impl LeafValue for TrieAccount {
    fn visit<R: TrieReader>(
        reader: &R,
        _: TrieId,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, Self) -> Visit,
    ) -> Result<(), R::Error> {
        reader.account_leaves(prefix, visit)
    }
}

impl LeafValue for U256 {
    fn visit<R: TrieReader>(
        reader: &R,
        trie: TrieId,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, Self) -> Visit,
    ) -> Result<(), R::Error> {
        match trie {
            TrieId::Storage(owner) => reader.storage_leaves(owner, prefix, visit),
            TrieId::Accounts => unreachable!("the leaves of the account trie are accounts"),
        }
    }
}
