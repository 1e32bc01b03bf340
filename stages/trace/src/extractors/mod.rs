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

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// The rows of one dataset with the function that adds a block's to them.
pub(crate) trait Table: Send {
    /// Adds the rows of a block, and empties what is full on the way.
    fn extract(&mut self, block: &TracedBlock<'_>, outlet: &mut Outlet<'_>) -> Result<(), TraceError>;
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
        Dataset::Transactions => streamed(TransactionRows::new(), transactions::extract),
        Dataset::Logs => streamed(LogRows::new(), logs::extract),
        Dataset::Traces => streamed(TraceRows::new(), traces::extract),
        Dataset::Opcodes => return None,
    };
    Some(table)
}

/// Whether a dataset is made from call frames, which takes an inspector to record.
pub(crate) fn needs_frames(dataset: Dataset) -> bool {
    dataset == Dataset::Traces
}

/// A table of which one block has little: its builder may be full only behind the block.
fn extraction<R: RowBatch + 'static>(rows: R, extract: fn(&TracedBlock<'_>, &mut R)) -> Box<dyn Table> {
    streamed(rows, move |block, rows, _| {
        extract(block, rows);
        Ok(())
    })
}

/// A table of which one block may have more than fits: `extract` asks for room after each row.
fn streamed<R, E>(rows: R, extract: E) -> Box<dyn Table>
where
    R: RowBatch + 'static,
    E: Fn(&TracedBlock<'_>, &mut R, &mut Outlet<'_>) -> Result<(), TraceError> + Send + 'static,
{
    Box::new(Extraction { rows, extract })
}

struct Extraction<R, E> {
    rows: R,
    extract: E,
}

impl<R, E> Table for Extraction<R, E>
where
    R: RowBatch,
    E: Fn(&TracedBlock<'_>, &mut R, &mut Outlet<'_>) -> Result<(), TraceError> + Send,
{
    fn extract(&mut self, block: &TracedBlock<'_>, outlet: &mut Outlet<'_>) -> Result<(), TraceError> {
        (self.extract)(block, &mut self.rows, outlet)
    }

    fn batch(&self) -> &dyn RowBatch {
        &self.rows
    }

    fn batch_mut(&mut self) -> &mut dyn RowBatch {
        &mut self.rows
    }
}
