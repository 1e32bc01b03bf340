//! Rows of `erc1155_transfers`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, UInt32, UInt64, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// What an ERC-1155 transfer moves of one token type.
    Erc1155Transfers: Erc1155TransferRow => Erc1155TransferRows;
    Facts { made_from: MadeFrom::Receipts, is_default: true, rows: "0.001", row_bytes: "60", mgas_kib: "0.03" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// The log's position in the block, from 0.
    log_index: u32 => UInt32,
    /// Position among the token types of the transfer, from 0.
    batch_index: u32 => UInt32,
    /// The contract that logged.
    token_address: Address => Fixed<Address>,
    /// The account that made the call.
    operator: Address => Fixed<Address>,
    /// The sender of the tokens; zero where they were minted.
    from_address: Address => Fixed<Address>,
    /// The recipient of the tokens; zero where they were burned.
    to_address: Address => Fixed<Address>,
    /// The id of the token type in the contract.
    token_id: U256 => Fixed<U256>,
    /// How many; fills `value` and `value_u256`.
    value: U256 => WeiWithTwin,
}
