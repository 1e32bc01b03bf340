//! Rows of `payloads`: long byte strings in pieces, so that no row is large.

use alloy::primitives::B256;

use super::batch::row_batch;
use crate::columns::{Bytes, Fixed, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

/// Bytes of a byte string that stands in its own column. DuckDB holds 2,048 values of a column at once, whatever their
/// size: where each may be a megabyte, that is more than any `--memory`.
pub const MOST_BYTES_IN_PLACE: usize = 8_192;

/// A byte string of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// At most [`MOST_BYTES_IN_PLACE`] bytes.
    Short(&'a [u8]),
    /// keccak256 of more: `payloads` has them.
    Long(B256),
}

row_batch! {
    /// A piece of a long byte string.
    Payloads: PayloadRow<'a> => PayloadRows;
    Facts { made_from: MadeFrom::Others, is_default: true, rows: "rare: pieces of what is longer than 8,192 bytes", row_bytes: "", mgas_kib: "" };
    /// The block whose rows name it.
    block_number: u64 => UInt64,
    /// keccak256 of the whole.
    payload_hash: B256 => Fixed<B256>,
    /// Position of the piece, from 0.
    piece_index: u32 => UInt32,
    /// [`MOST_BYTES_IN_PLACE`] bytes, or what is left.
    piece: &'a [u8] => Bytes,
}
