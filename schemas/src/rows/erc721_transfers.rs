//! Rows of `erc721_transfers`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, UInt32, UInt64};

row_batch! {
    /// An ERC-721 transfer.
    Erc721Transfers: Erc721TransferRow => Erc721TransferRows {
        /// Its block.
        block_number: u64 => UInt64,
        /// Its transaction's position in the block, from 0.
        transaction_index: u32 => UInt32,
        /// The log's position in the block, from 0.
        log_index: u32 => UInt32,
        /// The contract that logged.
        token_address: Address => Fixed<Address>,
        /// Who had the token; zero where it was made.
        from_address: Address => Fixed<Address>,
        /// Who has it now; zero where it was destroyed.
        to_address: Address => Fixed<Address>,
        /// Which token of the contract.
        token_id: U256 => Fixed<U256>,
    }
}
