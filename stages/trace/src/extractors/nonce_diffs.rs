//! `nonce_diffs`: nonces that are not what they were.

use blockmill_schemas::rows::{NonceDiffRow, NonceDiffRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per account and part of the block that changed its nonce.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut NonceDiffRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for (transaction_index, account) in traced.accesses() {
        let [from_value, to_value] =
            [account.before, account.after].map(|state| state.map(|state| state.nonce));
        if from_value == to_value {
            continue;
        }
        rows.push(&NonceDiffRow {
            block_number: traced.block().number(),
            transaction_index,
            change_index: traced.changes.nonces.next(),
            address: account.address,
            from_value,
            to_value,
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
