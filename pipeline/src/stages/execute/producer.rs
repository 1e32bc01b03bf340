//! The executing side: runs blocks, and cuts them into steps.

use alloy::eips::eip7928::BlockAccessList;
use blockmill_chain::{BlockRange, ChainSpec, Context, SliceMeter};
use blockmill_execute::{CodeCache, Readers, SliceExecutor, SliceInput, StateCache, TransactionRoots};
use blockmill_store::{Store, StoredBlock};

use super::committer::Committer;
use super::step::{Step, StepError};
use super::{block, failed, refused};
use crate::flow::byte_queue::Giver;
use crate::flow::kept_blocks::KeptBlocks;
use crate::settings::RootInterval;

/// A slice is split into so many steps at least: the root of one is computed while the next is executed.
const STEPS_PER_SLICE: u32 = 2;

/// Executes the blocks of one slice.
pub(super) struct Producer<'a> {
    pub(super) store: &'a Store,
    pub(super) spec: &'a ChainSpec,
    pub(super) codes: &'a CodeCache,
    pub(super) kept: &'a KeptBlocks<'a>,
    pub(super) cache: &'a StateCache,
    /// Those who read what later blocks will; none where reads do not wait for a disk.
    pub(super) readers: Option<&'a Readers<'a, Store, StoredBlock>>,
    pub(super) root_interval: RootInterval,
    /// Compute the roots in a file's receipts too, to say after which transaction the state is wrong.
    pub(super) locates_transaction: bool,
}

/// The check that executed steps are handed to.
pub(super) enum Checker<'c, 'a> {
    /// Steps are checked at once, and the trie is available.
    InTurn(&'c mut Committer<'a>),
    /// Steps are checked by another thread.
    Overlapped(Giver<'a, Step>),
}

impl Checker<'_, '_> {
    /// Hands over a step, if there is something in it; `false` where the check has ended.
    fn give(&mut self, step: &mut Step) -> Result<bool, StepError> {
        if step.blocks.is_empty() {
            return Ok(true);
        }
        match self {
            Self::InTurn(committer) => committer.take(step.take()).map(|()| true),
            Self::Overlapped(steps) => {
                let step = step.take();
                let bytes = step.bytes();
                Ok(steps.give(step, bytes))
            }
        }
    }
}

/// Whether a root is to be computed after every transaction of the block.
pub(super) fn needs_trie(spec: &ChainSpec, stored: &StoredBlock) -> bool {
    TransactionRoots::are_missing(spec, &stored.block, &stored.transaction_roots)
}

impl Producer<'_> {
    /// Executes until a limit is reached, the run is cancelled or the range is done. What was executed before an error is
    /// handed over first: a wrong root in it is the earlier error.
    pub(super) fn produce(
        &self,
        range: BlockRange,
        cx: &Context<'_>,
        checker: &mut Checker<'_, '_>,
    ) -> Result<(), StepError> {
        let mut slice = SliceExecutor::new(self.spec, self.codes, self.store).with_cache(self.cache);
        let mut meter = SliceMeter::new(cx.limits);
        let mut step = Step::new(cx.limits.part(STEPS_PER_SLICE));
        for number in range.numbers() {
            if cx.cancel.is_cancelled() || meter.is_full() {
                break;
            }
            let stored = block(self.store, self.kept.to_execute(number), number)?;
            let Some(roots) = self.roots(&stored, &mut step, checker)? else { break };
            if let Some(readers) = self.readers {
                readers.executing(number);
            }
            let total_difficulty = stored.total_difficulty;
            let access_list = self.access_list(&stored)?;
            let input = SliceInput {
                block: &stored.block,
                total_difficulty,
                roots,
                access_list: access_list.as_ref(),
            };
            let executed = match slice.execute(input) {
                Ok(executed) => executed,
                Err(error) => {
                    checker.give(&mut step)?;
                    return Err(refused(error).into());
                }
            };
            let (gas, before) = (executed.gas_used, slice.bytes());
            let bytes = step.push(&stored.block, executed);
            meter.add(gas, bytes + slice.bytes() - before);
            let is_done = self.root_interval.includes(number) || step.is_full();
            if is_done && !checker.give(&mut step)? {
                return Ok(());
            }
        }
        checker.give(&mut step).map(|_| ())
    }

    /// The block access list that came with the block, where its header has one.
    fn access_list(&self, stored: &StoredBlock) -> Result<Option<BlockAccessList>, StepError> {
        match stored.block.header().block_access_list_hash {
            Some(_) => Ok(self.store.access_list(stored.block.number()).map_err(failed)?),
            None => Ok(None),
        }
    }

    /// Where the roots in the block's receipts come from; `None` where they need the trie, and it is elsewhere.
    fn roots<'r>(
        &self,
        stored: &'r StoredBlock,
        step: &mut Step,
        checker: &'r mut Checker<'_, '_>,
    ) -> Result<Option<TransactionRoots<'r>>, StepError> {
        let given = &stored.transaction_roots;
        if !needs_trie(self.spec, stored) && !self.locates_transaction {
            return Ok(Some(TransactionRoots::Given(given)));
        }
        // The trie must be at the state before the block.
        checker.give(step)?;
        Ok(match checker {
            Checker::InTurn(committer) => {
                Some(TransactionRoots::Computed { trie: committer.trie(), expected: given })
            }
            Checker::Overlapped(_) => None,
        })
    }
}
