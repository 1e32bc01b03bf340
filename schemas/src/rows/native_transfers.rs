//! Rows of `native_transfers`.

use alloy::primitives::{Address, U256};

use super::TransferType;
use super::batch::row_batch;
use crate::columns::{Fixed, Labels, Optional, UInt32, UInt64, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A movement of ether.
    NativeTransfers: NativeTransferRow => NativeTransferRows;
    Facts { made_from: MadeFrom::FramesAndState, is_default: true, rows: "0.9", row_bytes: "23", mgas_kib: "0.34" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// Position in the block, from 0.
    transfer_index: u32 => UInt32,
    /// The account that paid; `None` where the ether was created.
    from_address: Option<Address> => Optional<Fixed<Address>>,
    /// The account that received; `None` where the ether was destroyed.
    to_address: Option<Address> => Optional<Fixed<Address>>,
    /// Wei; fills `value` and `value_u256`.
    value: U256 => WeiWithTwin,
    /// The cause of the movement.
    transfer_type: TransferType => Labels<TransferType>,
}
