//! Rows of `storage_reads`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64};

row_batch! {
    /// A storage slot that was read.
    StorageReads: StorageReadRow => StorageReadRows {
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
}
