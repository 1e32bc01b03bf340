//! `code_diffs`: code that is not what it was.

use blockmill_schemas::rows::{CodeDiffRow, CodeDiffRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per account and part of the block that changed its code.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut CodeDiffRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for (transaction_index, account) in traced.accesses() {
        let hashes = [account.before, account.after].map(|state| state.map(|state| state.code_hash));
        if hashes[0] == hashes[1] {
            continue;
        }
        let code = |hash| traced.code_of(hash);
        let [before, after] = [hashes[0].map(code).transpose()?, hashes[1].map(code).transpose()?];
        rows.push(&CodeDiffRow {
            block_number: traced.block().number(),
            transaction_index,
            change_index: traced.changes.codes.next(),
            address: account.address,
            from_value: before.as_deref().map(|code| outlet.payload(code)).transpose()?,
            to_value: after.as_deref().map(|code| outlet.payload(code)).transpose()?,
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
