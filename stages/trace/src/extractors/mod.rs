//! One file per dataset: a pure function from a traced block to rows. A new dataset is a file here and a line in
//! [`table`].

mod address_appearances;
mod balance_diffs;
mod balance_reads;
mod blocks;
mod code_diffs;
mod code_reads;
mod contracts;
mod erc1155_transfers;
mod erc20_approvals;
mod erc20_transfers;
mod erc721_transfers;
mod four_byte_counts;
mod logs;
mod native_transfers;
mod nonce_diffs;
mod nonce_reads;
mod ommers;
mod storage_diffs;
mod storage_reads;
mod traces;
mod transaction_gas;
mod transactions;
mod withdrawals;

use blockmill_schemas::Dataset;
use blockmill_schemas::rows::*;

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// The rows of one dataset with the function that adds a block's to them.
pub(crate) trait Extractor: Send {
    /// Adds the rows of a block, and empties what is full on the way.
    fn extract(&mut self, block: &TracedBlock<'_>, outlet: &mut Outlet<'_>) -> Result<(), TraceError>;
    /// The rows that are in the builders, to measure them.
    fn batch(&self) -> &dyn RowBatch;
    /// The rows that are in the builders, to take them out.
    fn batch_mut(&mut self) -> &mut dyn RowBatch;
}

/// An empty table of a dataset; `None` for those whose rows come besides: while the block runs, or with the rows
/// of other tables.
pub(crate) fn table(dataset: Dataset) -> Option<Box<dyn Extractor>> {
    let table = match dataset {
        Dataset::Blocks => extraction(BlockRows::new(), blocks::extract),
        Dataset::Ommers => extraction(OmmerRows::new(), ommers::extract),
        Dataset::Withdrawals => extraction(WithdrawalRows::new(), withdrawals::extract),
        Dataset::Transactions => streamed(TransactionRows::new(), transactions::extract),
        Dataset::Logs => streamed(LogRows::new(), logs::extract),
        Dataset::Traces => streamed(TraceRows::new(), traces::extract),
        Dataset::Erc20Transfers => streamed(Erc20TransferRows::new(), erc20_transfers::extract),
        Dataset::Erc20Approvals => streamed(Erc20ApprovalRows::new(), erc20_approvals::extract),
        Dataset::Erc721Transfers => streamed(Erc721TransferRows::new(), erc721_transfers::extract),
        Dataset::Erc1155Transfers => streamed(Erc1155TransferRows::new(), erc1155_transfers::extract),
        Dataset::Contracts => streamed(ContractRows::new(), contracts::extract),
        Dataset::NativeTransfers => streamed(NativeTransferRows::new(), native_transfers::extract),
        Dataset::BalanceDiffs => streamed(BalanceDiffRows::new(), balance_diffs::extract),
        Dataset::NonceDiffs => streamed(NonceDiffRows::new(), nonce_diffs::extract),
        Dataset::CodeDiffs => streamed(CodeDiffRows::new(), code_diffs::extract),
        Dataset::StorageDiffs => streamed(StorageDiffRows::new(), storage_diffs::extract),
        Dataset::BalanceReads => streamed(BalanceReadRows::new(), balance_reads::extract),
        Dataset::NonceReads => streamed(NonceReadRows::new(), nonce_reads::extract),
        Dataset::CodeReads => streamed(CodeReadRows::new(), code_reads::extract),
        Dataset::StorageReads => streamed(StorageReadRows::new(), storage_reads::extract),
        Dataset::FourByteCounts => streamed(FourByteCountRows::new(), four_byte_counts::extract),
        Dataset::AddressAppearances => streamed(AddressAppearanceRows::new(), address_appearances::extract),
        Dataset::TransactionGas => streamed(TransactionGasRows::new(), transaction_gas::extract),
        Dataset::Payloads | Dataset::Opcodes => return None,
    };
    Some(table)
}

/// A table of which one block has little: its builder is emptied only after the block.
fn extraction<R: RowBatch + 'static>(rows: R, extract: fn(&TracedBlock<'_>, &mut R)) -> Box<dyn Extractor> {
    streamed(rows, move |block, rows, _| {
        extract(block, rows);
        Ok(())
    })
}

/// A table of which one block may have more than fits: `extract` asks for room after each row.
fn streamed<R, E>(rows: R, extract: E) -> Box<dyn Extractor>
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

impl<R, E> Extractor for Extraction<R, E>
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
