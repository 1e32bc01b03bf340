//! Rows of `withdrawals`.

use alloy::primitives::Address;

use super::batch::row_batch;
use crate::columns::{Fixed, UInt64};

row_batch! {
    /// A withdrawal from the beacon chain (EIP-4895).
    Withdrawals: WithdrawalRow => WithdrawalRows {
        /// The block that carries it out.
        block_number: u64 => UInt64,
        /// Counted over the whole chain.
        withdrawal_index: u64 => UInt64,
        /// The validator.
        validator_index: u64 => UInt64,
        /// Who is paid.
        address: Address => Fixed<Address>,
        /// Gwei.
        amount: u64 => UInt64,
    }
}
