//! Rows of `storage_diffs`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A change of a storage slot.
    StorageDiffs: StorageDiffRow => StorageDiffRows;
    Facts { made_from: MadeFrom::State, is_default: true, rows: "1.0", row_bytes: "50", mgas_kib: "1.8" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// Position among the block's rows of this table, from 0.
    change_index: u32 => UInt32,
    /// The account.
    address: Address => Fixed<Address>,
    /// The key of the storage slot.
    slot: U256 => Fixed<U256>,
    /// The value before the change.
    from_value: U256 => Fixed<U256>,
    /// The value after the change.
    to_value: U256 => Fixed<U256>,
}
