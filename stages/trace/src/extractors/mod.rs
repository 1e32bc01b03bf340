//! One file per dataset: a pure function from a traced block to rows. A new dataset is a file here and a line in
//! [`table`].

mod blocks;
mod logs;
mod ommers;
mod traces;
mod transactions;
mod withdrawals;

use blockmill_schemas::Dataset;
use blockmill_schemas::rows::{
    BlockRows, LogRows, OmmerRows, RowBatch, TraceRows, TransactionRows, WithdrawalRows,
};

use crate::trace::TracedBlock;

/// The rows of one dataset with the function that adds a block's to them.
pub(crate) trait Table: Send {
    /// Adds the rows of a block.
    fn extract(&mut self, block: &TracedBlock<'_>);
    /// The rows.
    fn batch(&self) -> &dyn RowBatch;
    /// The rows.
    fn batch_mut(&mut self) -> &mut dyn RowBatch;
}

/// An empty table of a dataset; `None` for the one whose rows stream while the block runs.
pub(crate) fn table(dataset: Dataset) -> Option<Box<dyn Table>> {
    let table = match dataset {
        Dataset::Blocks => extraction(BlockRows::new(), blocks::extract),
        Dataset::Ommers => extraction(OmmerRows::new(), ommers::extract),
        Dataset::Withdrawals => extraction(WithdrawalRows::new(), withdrawals::extract),
        Dataset::Transactions => extraction(TransactionRows::new(), transactions::extract),
        Dataset::Logs => extraction(LogRows::new(), logs::extract),
        Dataset::Traces => extraction(TraceRows::new(), traces::extract),
        Dataset::Opcodes => return None,
    };
    Some(table)
}

/// Whether a dataset is made from call frames, which takes an inspector to record.
pub(crate) fn needs_frames(dataset: Dataset) -> bool {
    dataset == Dataset::Traces
}

struct Extraction<R> {
    rows: R,
    extract: fn(&TracedBlock<'_>, &mut R),
}

fn extraction<R: RowBatch + 'static>(rows: R, extract: fn(&TracedBlock<'_>, &mut R)) -> Box<dyn Table> {
    Box::new(Extraction { rows, extract })
}

impl<R: RowBatch> Table for Extraction<R> {
    fn extract(&mut self, block: &TracedBlock<'_>) {
        (self.extract)(block, &mut self.rows);
    }

    fn batch(&self) -> &dyn RowBatch {
        &self.rows
    }

    fn batch_mut(&mut self) -> &mut dyn RowBatch {
        &mut self.rows
    }
}
