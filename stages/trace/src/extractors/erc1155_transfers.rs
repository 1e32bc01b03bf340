//! `erc1155_transfers`: logs that say that ERC-1155 tokens went from one account to another.

use blockmill_schemas::rows::{Erc1155TransferRow, Erc1155TransferRows};

use super::logs;
use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::token_events::Erc1155Transfer;
use crate::trace::TracedBlock;

/// Adds a row per token type of a transfer.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut Erc1155TransferRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for logged in logs::of(traced) {
        let Some(transfer) = Erc1155Transfer::of(logged.log) else { continue };
        for (index, (token_id, value)) in transfer.items().enumerate() {
            rows.push(&Erc1155TransferRow {
                block_number: traced.block().number(),
                transaction_index: logged.transaction_index,
                log_index: logged.log_index,
                batch_index: index as u32,
                token_address: logged.log.address,
                operator: transfer.operator,
                from_address: transfer.from,
                to_address: transfer.to,
                token_id,
                value,
            });
            outlet.keep_limit(rows)?;
        }
    }
    Ok(())
}
