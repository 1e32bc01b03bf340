//! `transaction_gas`: what the gas of transactions is made of.

use blockmill_schemas::rows::{TransactionGasRow, TransactionGasRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per transaction.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut TransactionGasRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let block = traced.block();
    let has_floor = traced.spec.is_prague(block.header().timestamp);
    for (index, gas) in traced.executed.gas.iter().enumerate() {
        rows.push(&TransactionGasRow {
            block_number: block.number(),
            transaction_index: index as u32,
            gas_spent: gas.spent,
            gas_refunded: gas.refunded,
            floor_gas: has_floor.then_some(gas.floor),
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
