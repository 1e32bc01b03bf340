//! `erc721_transfers`: logs that say that an ERC-721 token went from one account to another.

use blockmill_schemas::rows::{Erc721TransferRow, Erc721TransferRows};

use super::logs;
use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::token_events::TokenEvent;
use crate::trace::TracedBlock;

/// Adds a row per transfer.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut Erc721TransferRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for logged in logs::of(traced) {
        let Some(TokenEvent::Erc721Transfer(event)) = TokenEvent::of(logged.log) else { continue };
        rows.push(&Erc721TransferRow {
            block_number: traced.block().number(),
            transaction_index: logged.transaction_index,
            log_index: logged.log_index,
            token_address: logged.log.address,
            from_address: event.from,
            to_address: event.to,
            token_id: event.value,
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
