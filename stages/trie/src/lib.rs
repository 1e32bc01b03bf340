//! The state trie: roots after every block from what changed, proofs, and the whole trie anew from the flat state.

mod reader;
mod updates;

pub use alloy_trie::{BranchNodeCompact, EMPTY_ROOT_HASH, Nibbles, TrieAccount, TrieMask};
pub use reader::{TrieId, TrieReader, Visit};
pub use updates::{BranchUpdate, StorageUpdates, TrieUpdates};
