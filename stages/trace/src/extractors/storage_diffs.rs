//! `storage_diffs`: storage slots that do not hold what they held.

use blockmill_schemas::rows::{StorageDiffRow, StorageDiffRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per slot and part of the block that changed its value.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut StorageDiffRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for (transaction_index, account) in traced.accesses() {
        for slot in account.slots.iter().filter(|slot| slot.before != slot.after) {
            rows.push(&StorageDiffRow {
                block_number: traced.block().number(),
                transaction_index,
                change_index: traced.changes.slots.next(),
                address: account.address,
                slot: slot.slot,
                from_value: slot.before,
                to_value: slot.after,
            });
            outlet.keep_limit(rows)?;
        }
    }
    Ok(())
}
