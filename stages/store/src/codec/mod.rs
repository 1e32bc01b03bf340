//! Values as bytes: one file per noun. `schemas/store.md` shows them; `fixtures/v2.txt` freezes them.

mod block;
mod branch;
mod identity;
mod state;
mod trie_state;

use alloy_rlp::Decodable;

use crate::RowError;
use crate::keys::fixed;

pub(crate) use block::{BlockMeta, decode_senders, encode_senders};
pub(crate) use branch::{decode_branch, encode_branch};
pub(crate) use identity::{decode_identity, encode_identity};
pub(crate) use state::{decode_slot_value, encode_slot_value};
pub(crate) use trie_state::{TRIE_IS_WHOLE, decode_trie_is_whole};

/// A whole value of RLP, with nothing after it.
pub(crate) fn decode_rlp<T: Decodable>(mut bytes: &[u8]) -> Result<T, RowError> {
    let value = T::decode(&mut bytes)?;
    if bytes.is_empty() { Ok(value) } else { Err(alloy_rlp::Error::UnexpectedLength.into()) }
}

/// Block numbers and counters: 8 bytes, big-endian.
pub(crate) fn decode_u64(bytes: &[u8]) -> Result<u64, RowError> {
    fixed(bytes).map(u64::from_be_bytes)
}
