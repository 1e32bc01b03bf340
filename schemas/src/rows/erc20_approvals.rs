//! Rows of `erc20_approvals`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, UInt32, UInt64, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// An ERC-20 approval.
    Erc20Approvals: Erc20ApprovalRow => Erc20ApprovalRows;
    Facts { made_from: MadeFrom::Receipts, is_default: true, rows: "0.04", row_bytes: "45", mgas_kib: "0.05" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// The log's position in the block, from 0.
    log_index: u32 => UInt32,
    /// The contract that logged.
    token_address: Address => Fixed<Address>,
    /// The owner of the tokens.
    owner: Address => Fixed<Address>,
    /// The account that may spend them.
    spender: Address => Fixed<Address>,
    /// Smallest units of the token; fills `value` and `value_u256`.
    value: U256 => WeiWithTwin,
}
