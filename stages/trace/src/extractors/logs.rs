//! `logs`: what contracts logged, as the receipts hold it.

use blockmill_schemas::rows::{LogRow, LogRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per log.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut LogRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let receipts = traced.executed.receipts.iter().enumerate();
    let logs =
        receipts.flat_map(|(transaction, receipt)| receipt.logs().iter().map(move |l| (transaction, l)));
    for (index, (transaction, log)) in logs.enumerate() {
        let topic = |at: usize| log.data.topics().get(at).copied();
        rows.push(&LogRow {
            block_number: traced.block().number(),
            transaction_index: transaction as u32,
            log_index: index as u32,
            address: log.address,
            topic0: topic(0),
            topic1: topic(1),
            topic2: topic(2),
            topic3: topic(3),
            data: &log.data.data,
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
