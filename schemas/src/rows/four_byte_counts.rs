//! Rows of `four_byte_counts`.

use alloy::primitives::{Address, FixedBytes};

use super::batch::row_batch;
use crate::columns::{Fixed, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// How often a transaction made calls of one kind.
    FourByteCounts: FourByteCountRow => FourByteCountRows;
    Facts { made_from: MadeFrom::Frames, is_default: false, rows: "0.8", row_bytes: "7", mgas_kib: "0.20" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// The account whose code ran.
    address: Address => Fixed<Address>,
    /// The first four bytes of the call data.
    selector: FixedBytes<4> => Fixed<FixedBytes<4>>,
    /// Bytes of call data after the selector.
    calldata_size: u32 => UInt32,
    /// Number of calls.
    count: u32 => UInt32,
}
