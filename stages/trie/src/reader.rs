//! What the trie reads from where the state is kept: stored branches by path, leaves in the order of their keys.

use std::convert::Infallible;

use alloy::primitives::{B256, U256};
use alloy_trie::{BranchNodeCompact, Nibbles, TrieAccount};

/// Names a trie: that of all accounts, or the storage of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TrieId {
    /// Leaves are accounts under keccak256 of their address.
    Accounts,
    /// Leaves are the non-zero slots, under keccak256 of their key, of the account whose address has this keccak256.
    Storage(B256),
}

/// What a visitor of leaves wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// The next leaf in key order.
    Next,
    /// The first leaf whose key is this or greater. What lies before may be skipped, or visited all the same.
    SkipTo(B256),
    /// No more leaves: the visit ends.
    Stop,
}

/// A state with its tries: leaves, and the branches that are stored (see the README of this crate for which are).
///
/// A reader without any branch is a valid one: everything is then computed from the leaves.
pub trait TrieReader: Sync {
    /// Why a read failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The branch stored at `path`; none, unless the reader says otherwise.
    fn branch(&self, _trie: TrieId, _path: &Nibbles) -> Result<Option<BranchNodeCompact>, Self::Error> {
        Ok(None)
    }

    /// The first stored branch, in the order of paths, whose path starts with `prefix`; none, unless the reader says
    /// otherwise.
    fn first_branch(
        &self,
        _trie: TrieId,
        _prefix: &Nibbles,
    ) -> Result<Option<(Nibbles, BranchNodeCompact)>, Self::Error> {
        Ok(None)
    }

    /// Visits the accounts whose hashed address starts with `prefix`, ascending.
    fn account_leaves(
        &self,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, TrieAccount) -> Visit,
    ) -> Result<(), Self::Error>;

    /// Visits the non-zero slots of the account `owner` (a hashed address) whose hashed key starts with `prefix`,
    /// ascending.
    fn storage_leaves(
        &self,
        owner: B256,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, U256) -> Visit,
    ) -> Result<(), Self::Error>;
}

/// The state before genesis: nothing.
#[derive(Debug, Clone, Copy)]
pub struct EmptyState;

impl TrieReader for EmptyState {
    type Error = Infallible;

    fn account_leaves(
        &self,
        _: &Nibbles,
        _: &mut dyn FnMut(B256, TrieAccount) -> Visit,
    ) -> Result<(), Infallible> {
        Ok(())
    }

    fn storage_leaves(
        &self,
        _: B256,
        _: &Nibbles,
        _: &mut dyn FnMut(B256, U256) -> Visit,
    ) -> Result<(), Infallible> {
        Ok(())
    }
}
