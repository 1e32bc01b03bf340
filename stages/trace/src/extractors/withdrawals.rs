//! `withdrawals`: what validators got back (EIP-4895).

use blockmill_schemas::rows::{WithdrawalRow, WithdrawalRows};

use crate::trace::TracedBlock;

/// Adds a row per withdrawal.
pub(super) fn extract(traced: &TracedBlock<'_>, rows: &mut WithdrawalRows) {
    let block = traced.block();
    for withdrawal in block.block.body.withdrawals.iter().flatten() {
        rows.push(&WithdrawalRow {
            block_number: block.number(),
            withdrawal_index: withdrawal.index,
            validator_index: withdrawal.validator_index,
            address: withdrawal.address,
            amount: withdrawal.amount,
        });
    }
}
