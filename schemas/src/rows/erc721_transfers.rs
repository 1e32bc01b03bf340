//! Rows of `erc721_transfers`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// An ERC-721 transfer.
    Erc721Transfers: Erc721TransferRow => Erc721TransferRows;
    Facts { made_from: MadeFrom::Receipts, is_default: true, rows: "0.9", row_bytes: "43", mgas_kib: "0.03" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// The log's position in the block, from 0.
    log_index: u32 => UInt32,
    /// The contract that logged.
    token_address: Address => Fixed<Address>,
    /// The sender of the token; zero where it was minted.
    from_address: Address => Fixed<Address>,
    /// The recipient of the token; zero where it was burned.
    to_address: Address => Fixed<Address>,
    /// The id of the token in the contract.
    token_id: U256 => Fixed<U256>,
}
