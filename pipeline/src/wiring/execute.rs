//! Stored blocks, in chain order, into state and witnesses.

use blockmill_chain::{BlockRange, ChainSpec, Context, Progress, SliceMeter, Stage, StageError, StageId};
use blockmill_execute::{CodeCache, ExecuteError, SliceExecutor, SliceInput};
use blockmill_store::{Batch, Store, StoreError, StoredBlock};

use crate::settings::RootInterval;
use crate::wiring::refused::{not_verified, wrong_root};

/// Executes and verifies; the changes, witnesses and checkpoints of a slice are one write.
pub(crate) struct ExecuteStage<'a> {
    pub(crate) store: &'a Store,
    pub(crate) spec: &'a ChainSpec,
    pub(crate) codes: &'a CodeCache,
    pub(crate) root_interval: RootInterval,
    /// Blocks whose rows are wanted: those before need no witness, and the root after the last is checked whatever the
    /// interval.
    pub(crate) rows: BlockRange,
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
        let mut last = None;
        for number in range.numbers() {
            if cx.cancel.is_cancelled() || meter.is_full() {
                break;
            }
            let before = slice.bytes();
            let progress = self.execute_block(number, &mut slice, &mut batch)?;
            meter.add(progress.gas, slice.bytes().saturating_sub(before) + progress.bytes as usize);
            cx.monitor.advanced(StageId::Execute, progress);
            last = Some(number);
        }
        let Some(last) = last else { return Ok(()) };
        batch.put_changes(&slice.into_changes()).map_err(failed)?;
        batch.set_execute_checkpoint(last);
        // Units and tables made from these witnesses are synced too: after a power loss they must not be ahead.
        batch.commit_synced().map_err(failed)
    }
}

impl ExecuteStage<'_> {
    /// Compares the root after the last executed block, if the run will not: one that was stopped leaves it unchecked,
    /// and the next may find nothing to execute.
    pub(crate) fn check_last_root(&self) -> Result<(), StageError> {
        let executed = self.store.execute_checkpoint().map_err(failed)?;
        let checked = self.store.root_checkpoint().map_err(failed)?;
        match executed {
            Some(last) if last + 1 >= self.rows.end && checked != Some(last) => self.check_stored_root(last),
            _ => Ok(()),
        }
    }

    fn check_stored_root(&self, number: u64) -> Result<(), StageError> {
        let stored = self.block(number)?;
        let mut slice = SliceExecutor::new(self.spec, self.codes, self.store);
        self.check_root(&mut slice, &stored)?;
        let mut batch = self.store.batch();
        batch.set_root_checkpoint(number);
        batch.commit().map_err(failed)
    }

    fn execute_block(
        &self,
        number: u64,
        slice: &mut SliceExecutor<'_, Store>,
        batch: &mut Batch<'_>,
    ) -> Result<Progress, StageError> {
        let stored = self.block(number)?;
        let input = SliceInput {
            block: &stored.block,
            total_difficulty: stored.total_difficulty,
            transaction_roots: &stored.transaction_roots,
        };
        let executed = slice.execute(input).map_err(refused)?;
        if self.root_interval.includes(number) || number + 1 == self.rows.end {
            self.check_root(slice, &stored)?;
            batch.set_root_checkpoint(number);
        }
        let is_wanted = number >= self.rows.start;
        let witness_bytes = if is_wanted { batch.put_witness(number, &executed.reads) } else { 0 };
        Ok(Progress {
            last_block: number,
            blocks: 1,
            transactions: stored.block.senders.len() as u64,
            gas: executed.gas_used,
            bytes: witness_bytes as u64,
            ..Progress::default()
        })
    }

    fn check_root(
        &self,
        slice: &mut SliceExecutor<'_, Store>,
        stored: &StoredBlock,
    ) -> Result<(), StageError> {
        let block = stored.block.number();
        slice.check_state_root(&stored.block).map_err(|error| {
            let since = match (self.root_interval, self.store.root_checkpoint()) {
                (RootInterval::Blocks(1), _) => block,
                (_, Ok(Some(checked))) => checked + 1,
                _ => 1,
            };
            match error.is_verification() && since < block {
                true => wrong_root(StageId::Execute, error, since, block),
                false => refused(error),
            }
        })
    }

    fn block(&self, number: u64) -> Result<StoredBlock, StageError> {
        let stored = self.store.block(number).map_err(failed)?;
        stored.ok_or_else(|| failed(StoreError::UnknownBlock { number }))
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
