//! Rows of `storage_reads`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A storage slot that was read.
    StorageReads: StorageReadRow => StorageReadRows;
    Facts { made_from: MadeFrom::State, is_default: false, rows: "2.4", row_bytes: "33", mgas_kib: "2.0" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// The account.
    address: Address => Fixed<Address>,
    /// The key of the storage slot.
    slot: U256 => Fixed<U256>,
    /// The value before the transaction.
    value: U256 => Fixed<U256>,
}
