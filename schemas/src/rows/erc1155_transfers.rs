//! Rows of `erc1155_transfers`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, UInt32, UInt64, WeiWithTwin};

row_batch! {
    /// What an ERC-1155 transfer moves of one token type.
    Erc1155Transfers: Erc1155TransferRow => Erc1155TransferRows {
        /// Its block.
        block_number: u64 => UInt64,
        /// Its transaction's position in the block, from 0.
        transaction_index: u32 => UInt32,
        /// The log's position in the block, from 0.
        log_index: u32 => UInt32,
        /// Position among the token types of the transfer, from 0.
        batch_index: u32 => UInt32,
        /// The contract that logged.
        token_address: Address => Fixed<Address>,
        /// Who asked for it.
        operator: Address => Fixed<Address>,
        /// Who had the tokens; zero where they were made.
        from_address: Address => Fixed<Address>,
        /// Who has them now; zero where they were destroyed.
        to_address: Address => Fixed<Address>,
        /// Which token type of the contract.
        token_id: U256 => Fixed<U256>,
        /// How many; fills `value` and `value_u256`.
        value: U256 => WeiWithTwin,
    }
}
