//! Rows of `erc20_transfers`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, UInt32, UInt64, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// An ERC-20 transfer.
    Erc20Transfers: Erc20TransferRow => Erc20TransferRows;
    Facts { made_from: MadeFrom::Receipts, is_default: true, rows: "0.3", row_bytes: "34", mgas_kib: "0.26" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// The log's position in the block, from 0.
    log_index: u32 => UInt32,
    /// The contract that logged.
    token_address: Address => Fixed<Address>,
    /// The sender of the tokens; zero where they were minted.
    from_address: Address => Fixed<Address>,
    /// The recipient of the tokens; zero where they were burned.
    to_address: Address => Fixed<Address>,
    /// Smallest units of the token; fills `value` and `value_u256`.
    value: U256 => WeiWithTwin,
}
