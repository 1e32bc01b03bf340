//! `balance_reads`: balances that were read.

use blockmill_schemas::rows::{BalanceReadRow, BalanceReadRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per account that a part of the block loaded.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut BalanceReadRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for (transaction_index, account) in traced.reads() {
        rows.push(&BalanceReadRow {
            block_number: traced.block().number(),
            transaction_index,
            address: account.address,
            value: account.before.map(|state| state.balance),
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
