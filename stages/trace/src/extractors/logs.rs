//! `logs`: what contracts logged, as the receipts hold it.

use alloy::primitives::Log;
use blockmill_schemas::rows::{LogRow, LogRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// A log with its position in the block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Logged<'a> {
    /// The log itself.
    pub(super) log: &'a Log,
    /// Its transaction's position in the block.
    pub(super) transaction_index: u32,
    /// Its own position in the block.
    pub(super) log_index: u32,
}

/// The logs of a block.
pub(super) fn of<'a>(traced: &TracedBlock<'a>) -> impl Iterator<Item = Logged<'a>> + use<'a> {
    let receipts = traced.executed.receipts.iter().enumerate();
    let logs =
        receipts.flat_map(|(transaction, receipt)| receipt.logs().iter().map(move |l| (transaction, l)));
    logs.enumerate().map(|(index, (transaction, log))| Logged {
        log,
        transaction_index: transaction as u32,
        log_index: index as u32,
    })
}

/// Adds a row per log.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut LogRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    for Logged { log, transaction_index, log_index } in of(traced) {
        let topic = |at: usize| log.data.topics().get(at).copied();
        rows.push(&LogRow {
            block_number: traced.block().number(),
            transaction_index,
            log_index,
            address: log.address,
            topic0: topic(0),
            topic1: topic(1),
            topic2: topic(2),
            topic3: topic(3),
            data: outlet.payload(&log.data.data)?,
        });
        outlet.keep_limit(rows)?;
    }
    Ok(())
}
