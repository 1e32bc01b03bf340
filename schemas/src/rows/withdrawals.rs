//! Rows of `withdrawals`.

use alloy::primitives::Address;

use super::batch::row_batch;
use crate::columns::{Fixed, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A withdrawal from the beacon chain (EIP-4895).
    Withdrawals: WithdrawalRow => WithdrawalRows;
    Facts { made_from: MadeFrom::Block, is_default: true, rows: "up to 16 a block, from Shanghai on", row_bytes: "33", mgas_kib: "0.03" };
    /// The block that carries it out.
    block_number: u64 => UInt64,
    /// Counted over the whole chain.
    withdrawal_index: u64 => UInt64,
    /// The index of the validator.
    validator_index: u64 => UInt64,
    /// The recipient.
    address: Address => Fixed<Address>,
    /// The amount in gwei.
    amount: u64 => UInt64,
}
