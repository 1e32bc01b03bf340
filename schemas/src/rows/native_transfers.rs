//! Rows of `native_transfers`.

use alloy::primitives::{Address, U256};

use super::TransferType;
use super::batch::row_batch;
use crate::columns::{Fixed, Labels, Optional, UInt32, UInt64, WeiWithTwin};

row_batch! {
    /// A movement of ether.
    NativeTransfers: NativeTransferRow => NativeTransferRows {
        /// Its block.
        block_number: u64 => UInt64,
        /// Its transaction; `None` outside transactions.
        transaction_index: Option<u32> => Optional<UInt32>,
        /// Position in the block, from 0.
        transfer_index: u32 => UInt32,
        /// Who had it; `None` where it was made.
        from_address: Option<Address> => Optional<Fixed<Address>>,
        /// Who has it now; `None` where it was destroyed.
        to_address: Option<Address> => Optional<Fixed<Address>>,
        /// Wei; fills `value` and `value_u256`.
        value: U256 => WeiWithTwin,
        /// What moved it.
        transfer_type: TransferType => Labels<TransferType>,
    }
}
