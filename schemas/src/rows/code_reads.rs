//! Rows of `code_reads`.

use alloy::primitives::Address;

use super::Payload;
use super::batch::row_batch;
use crate::columns::{BytesWithHash, Fixed, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// The code of a contract that was read.
    CodeReads: CodeReadRow<'a> => CodeReadRows;
    Facts { made_from: MadeFrom::State, is_default: false, rows: "0.6, with code: large", row_bytes: "1,851", mgas_kib: "73" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// The account.
    address: Address => Fixed<Address>,
    /// The value before the transaction.
    value: Payload<'a> => BytesWithHash,
}
