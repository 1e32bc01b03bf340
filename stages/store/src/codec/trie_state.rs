//! The note that the trie is whole: one byte. Without it the trie is not to be trusted.

use crate::RowError;

pub(crate) const TRIE_IS_WHOLE: [u8; 1] = [1];

pub(crate) fn decode_trie_is_whole(bytes: &[u8]) -> Result<(), RowError> {
    if bytes == TRIE_IS_WHOLE { Ok(()) } else { Err(RowError::TrieState) }
}
