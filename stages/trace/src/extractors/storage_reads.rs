//! `storage_reads`: storage slots that were read.

use blockmill_schemas::rows::{StorageReadRow, StorageReadRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per slot that a part of the block loaded.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut StorageReadRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for (transaction_index, account) in traced.reads() {
        for slot in account.slots.iter().filter(|slot| slot.is_loaded) {
            rows.push(&StorageReadRow {
                block_number: traced.block().number(),
                transaction_index,
                address: account.address,
                slot: slot.slot,
                value: slot.before,
            });
            outlet.keep_limit(rows)?;
        }
    }
    Ok(())
}
