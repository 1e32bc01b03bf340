//! Stored blocks, in chain order, into state and witnesses.

use blockmill_chain::{BlockRange, ChainSpec, Context, Progress, SliceMeter, Stage, StageError, StageId};
use blockmill_execute::{CodeCache, ExecuteError, SliceExecutor, SliceInput};
use blockmill_store::{Store, StoreError};

use crate::settings::RootInterval;
use crate::wiring::refused::not_verified;

/// Executes and verifies; the changes, witnesses and checkpoint of a slice are one write.
pub(crate) struct ExecuteStage<'a> {
    pub(crate) store: &'a Store,
    pub(crate) spec: &'a ChainSpec,
    pub(crate) codes: &'a CodeCache,
    pub(crate) root_interval: RootInterval,
    /// The last block of the run, whose state root is checked whatever the interval.
    pub(crate) last_block: u64,
}

impl Stage for ExecuteStage<'_> {
    fn id(&self) -> StageId {
        StageId::Execute
    }

    fn checkpoint(&self) -> Result<Option<u64>, StageError> {
        self.store.execute_checkpoint().map_err(failed)
    }

    fn execute(&mut self, range: BlockRange, cx: &Context<'_>) -> Result<(), StageError> {
        let mut slice = SliceExecutor::new(self.spec, self.codes, self.store);
        let mut batch = self.store.batch();
        let mut meter = SliceMeter::new(cx.limits);
        let mut done = None;
        for number in range.numbers() {
            if cx.cancel.is_cancelled() || meter.is_full() {
                break;
            }
            let stored = self.store.block(number).map_err(failed)?;
            let stored = stored.ok_or_else(|| failed(StoreError::UnknownBlock { number }))?;
            let input = SliceInput {
                block: &stored.block,
                total_difficulty: stored.total_difficulty,
                transaction_roots: &stored.transaction_roots,
            };
            let before = slice.bytes();
            let executed = slice.execute(input).map_err(refused)?;
            if self.root_interval.includes(number) || number == self.last_block {
                slice.check_state_root(&stored.block).map_err(refused)?;
            }
            let witness_bytes = batch.put_witness(number, &executed.reads);
            meter.add(executed.gas_used, slice.bytes().saturating_sub(before) + witness_bytes);
            cx.monitor.advanced(
                StageId::Execute,
                Progress {
                    last_block: number,
                    blocks: 1,
                    transactions: stored.block.senders.len() as u64,
                    gas: executed.gas_used,
                    bytes: witness_bytes as u64,
                    ..Progress::default()
                },
            );
            done = Some(number);
        }
        let Some(last) = done else { return Ok(()) };
        batch.put_changes(&slice.into_changes()).map_err(failed)?;
        batch.set_execute_checkpoint(last);
        batch.commit().map_err(failed)
    }
}

fn failed(error: StoreError) -> StageError {
    StageError::failed(StageId::Execute, error)
}

fn refused(error: ExecuteError) -> StageError {
    match error.is_verification() {
        true => not_verified(StageId::Execute, error),
        false => StageError::failed(StageId::Execute, error),
    }
}
