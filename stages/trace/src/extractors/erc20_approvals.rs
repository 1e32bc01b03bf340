//! `erc20_approvals`: logs that allow a spender to spend the ERC-20 tokens of an owner.

use blockmill_schemas::rows::{Erc20ApprovalRow, Erc20ApprovalRows};

use super::logs;
use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::token_events::TokenEvent;
use crate::trace::TracedBlock;

/// Adds a row per approval.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut Erc20ApprovalRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for logged in logs::of(traced) {
        let Some(TokenEvent::Erc20Approval(event)) = TokenEvent::of(logged.log) else { continue };
        rows.push(&Erc20ApprovalRow {
            block_number: traced.block().number(),
            transaction_index: logged.transaction_index,
            log_index: logged.log_index,
            token_address: logged.log.address,
            owner: event.from,
            spender: event.to,
            value: event.value,
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
