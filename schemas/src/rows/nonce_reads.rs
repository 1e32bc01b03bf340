//! Rows of `nonce_reads`.

use alloy::primitives::Address;

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// The nonce of an account that was read.
    NonceReads: NonceReadRow => NonceReadRows;
    Facts { made_from: MadeFrom::State, is_default: false, rows: "3.4", row_bytes: "8", mgas_kib: "0.69" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// The account.
    address: Address => Fixed<Address>,
    /// Before the transaction; `None` where the account did not exist.
    value: Option<u64> => Optional<UInt64>,
}
