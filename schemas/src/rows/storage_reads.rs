//! Rows of `storage_reads`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64};

row_batch! {
    /// A storage slot that was read.
    StorageReads: StorageReadRow => StorageReadRows {
        /// Its block.
        block_number: u64 => UInt64,
        /// Its transaction; `None` outside transactions.
        transaction_index: Option<u32> => Optional<UInt32>,
        /// Whose.
        address: Address => Fixed<Address>,
        /// Which word of its storage.
        slot: U256 => Fixed<U256>,
        /// Before the transaction.
        value: U256 => Fixed<U256>,
    }
}
