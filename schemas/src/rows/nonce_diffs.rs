//! Rows of `nonce_diffs`.

use alloy::primitives::Address;

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A change of a nonce.
    NonceDiffs: NonceDiffRow => NonceDiffRows;
    Facts { made_from: MadeFrom::State, is_default: true, rows: "1.2", row_bytes: "15", mgas_kib: "0.34" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// Position among the block's rows of this table, from 0.
    change_index: u32 => UInt32,
    /// The account.
    address: Address => Fixed<Address>,
    /// Before; `None` where the account did not exist.
    from_value: Option<u64> => Optional<UInt64>,
    /// After; `None` where it no longer exists.
    to_value: Option<u64> => Optional<UInt64>,
}
