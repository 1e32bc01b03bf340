//! Rows that are not what they should be.

use std::fmt;

use alloy::primitives::{B256, U256};
use alloy_trie::{BranchNodeCompact, Nibbles, TrieAccount};

use crate::TrieId;

/// A stored row that is not what the flat state gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A leaf of the account trie.
    Account {
        /// The hashed address.
        key: B256,
        /// What it should be; `None` if there should be none.
        expected: Option<TrieAccount>,
        /// What it is.
        stored: Option<TrieAccount>,
    },
    /// A leaf of a storage trie.
    Slot {
        /// The account's hashed address.
        owner: B256,
        /// The slot's hashed key.
        key: B256,
        /// What it should be; `None` if there should be none.
        expected: Option<U256>,
        /// What it is.
        stored: Option<U256>,
    },
    /// A branch.
    Branch {
        /// Of which trie.
        trie: TrieId,
        /// Where in it.
        path: Nibbles,
        /// What it should be.
        expected: Option<BranchNodeCompact>,
        /// What it is.
        stored: Option<BranchNodeCompact>,
    },
    /// Branches that should not be there; where they are is not known.
    ExtraBranches {
        /// Of storage tries, not of the account trie.
        is_storage: bool,
        /// How many.
        count: u64,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { key, expected, stored } => {
                write!(f, "account {key}: ")?;
                both(f, expected.map(ShownAccount), stored.map(ShownAccount))
            }
            Self::Slot { owner, key, expected, stored } => {
                write!(f, "slot {key} of account {owner}: ")?;
                both(f, *expected, *stored)
            }
            Self::Branch { trie, path, expected, stored } => {
                let path = path.to_vec().iter().map(|nibble| format!("{nibble:x}")).collect::<String>();
                match trie {
                    TrieId::Accounts => write!(f, "branch '{path}' of the account trie: ")?,
                    TrieId::Storage(owner) => {
                        write!(f, "branch '{path}' in the storage of account {owner}: ")?
                    }
                }
                both(f, expected.as_ref().map(ShownBranch), stored.as_ref().map(ShownBranch))
            }
            Self::ExtraBranches { is_storage, count } => {
                let tries = if *is_storage { "storage tries" } else { "the account trie" };
                write!(f, "{count} more branches of {tries} are stored than there should be")
            }
        }
    }
}

fn both(
    f: &mut fmt::Formatter<'_>,
    expected: Option<impl fmt::Display>,
    stored: Option<impl fmt::Display>,
) -> fmt::Result {
    match expected {
        Some(expected) => write!(f, "should be {expected}, ")?,
        None => f.write_str("should not be stored, ")?,
    }
    match stored {
        Some(stored) => write!(f, "is {stored}"),
        None => f.write_str("is missing"),
    }
}

struct ShownAccount(TrieAccount);

impl fmt::Display for ShownAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TrieAccount { nonce, balance, storage_root, code_hash } = &self.0;
        write!(f, "(nonce {nonce}, balance {balance}, storage root {storage_root}, code {code_hash})")
    }
}

struct ShownBranch<'a>(&'a BranchNodeCompact);

impl fmt::Display for ShownBranch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BranchNodeCompact { state_mask, tree_mask, hash_mask, hashes, root_hash } = self.0;
        let [state, tree, hash] = [state_mask, tree_mask, hash_mask].map(|mask| mask.get());
        write!(f, "(children {state:04x}, stored {tree:04x}, hashed {hash:04x}")?;
        for hash in hashes.iter() {
            write!(f, " {hash}")?;
        }
        match root_hash {
            Some(root) => write!(f, ", with the root hash {root})"),
            None => f.write_str(")"),
        }
    }
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differences {
    /// The first of them, in the order in which they were found.
    pub kept: Vec<Difference>,
    /// How many rows differ.
    pub count: u64,
    keep: usize,
}

impl Differences {
    pub(super) fn new(keep: usize) -> Self {
        Self { kept: Vec::new(), count: 0, keep }
    }

    /// Counts a difference, and makes it if it is to be kept.
    pub(super) fn add(&mut self, difference: impl FnOnce() -> Difference) {
        self.count += 1;
        if self.kept.len() < self.keep {
            self.kept.push(difference());
        }
    }

    /// Counts branches that should not be there.
    pub(super) fn extra_branches(&mut self, is_storage: bool, count: u64) {
        if count > 0 {
            self.add(|| Difference::ExtraBranches { is_storage, count });
            self.count += count - 1;
        }
    }

    /// Whether all rows are what they should be.
    pub fn is_none(&self) -> bool {
        self.count == 0
    }
}
