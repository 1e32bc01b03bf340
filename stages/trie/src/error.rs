//! Why a root could not be computed.

use std::fmt;

use alloy::primitives::hex;
use alloy_trie::Nibbles;

use crate::TrieId;

/// A failure of the trie.
#[derive(Debug, thiserror::Error)]
pub enum TrieError {
    /// The state could not be read.
    #[error("reading {trie}: {source}")]
    Read {
        /// The trie that was read.
        trie: TrieId,
        /// The reader's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Stored branches and leaves do not belong together.
    #[error("{trie} is damaged at path 0x{}: {what}", nibbles(path))]
    Damaged {
        /// The damaged trie.
        trie: TrieId,
        /// The path from the trie's root to the damage.
        path: Nibbles,
        /// What does not fit, in words.
        what: &'static str,
    },
}

impl TrieError {
    pub(crate) fn read<E: std::error::Error + Send + Sync + 'static>(trie: TrieId) -> impl Fn(E) -> Self {
        move |source| Self::Read { trie, source: Box::new(source) }
    }
}

/// A digit per nibble.
fn nibbles(path: &Nibbles) -> String {
    path.iter().map(|nibble| char::from_digit(nibble.into(), 16).unwrap_or('?')).collect()
}

impl fmt::Display for TrieId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accounts => f.write_str("the account trie"),
            Self::Storage(owner) => {
                write!(f, "the storage trie of the account with hashed address 0x{}", hex::encode(owner))
            }
        }
    }
}
