//! `code_reads`: code that was read.

use alloy::consensus::constants::KECCAK_EMPTY;
use blockmill_schemas::rows::{CodeReadRow, CodeReadRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per contract that a part of the block loaded.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut CodeReadRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for (transaction_index, account) in traced.reads() {
        let hash = account.before.map(|state| state.code_hash).filter(|hash| *hash != KECCAK_EMPTY);
        let Some(code) = hash.map(|hash| traced.code_of(hash)).transpose()? else { continue };
        rows.push(&CodeReadRow {
            block_number: traced.block().number(),
            transaction_index,
            address: account.address,
            value: outlet.payload(&code)?,
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
