//! The state trie: its rows as a reader of tries asks for them, how they are written, and how they are rebuilt.

mod reader;
mod rebuild;
mod rows;
mod scan;

pub use rebuild::TrieRebuild;

use blockmill_trie::TrieId;

use crate::Family;

fn branches_of(trie: TrieId) -> Family {
    match trie {
        TrieId::Accounts => Family::AccountBranches,
        TrieId::Storage(_) => Family::StorageBranches,
    }
}

fn leaves_of(trie: TrieId) -> Family {
    match trie {
        TrieId::Accounts => Family::HashedAccounts,
        TrieId::Storage(_) => Family::HashedStorage,
    }
}
