//! Finds the block that made a state root wrong.

use blockmill_chain::{BlockRange, Context, SliceLimits, StageError, StageId};

use super::ExecuteStage;
use super::step::{StepError, WrongRoot};
use crate::settings::RootInterval;
use crate::stages::refused::wrong_root;

impl ExecuteStage<'_> {
    /// Executes the blocks of a step whose root is wrong once more, with a root after each. Those before the first wrong
    /// one are right, and written.
    pub(super) fn find_first_wrong(&mut self, wrong: WrongRoot, cx: &Context<'_>) -> StageError {
        let mut producer = self.producer(RootInterval::Blocks(1));
        producer.locates_transaction = true;
        let unlimited = SliceLimits { blocks: u64::MAX, gas: u64::MAX, ..cx.limits };
        loop {
            let start = match self.store.execute_checkpoint() {
                Ok(last) => last.map_or(0, |last| last + 1),
                Err(error) => return super::failed(error),
            };
            let range = BlockRange::new(start, wrong.blocks.end);
            if range.is_empty() || cx.cancel.is_cancelled() {
                // Cancelled, or right this time: then the blocks can be named only together.
                return as_error(wrong);
            }
            match self.run_in_turn(&producer, range, &Context { limits: unlimited, ..*cx }) {
                Ok(()) => {}
                Err(StepError::WrongRoot(first)) => return as_error(*first),
                Err(StepError::Failed(error)) => return error,
            }
        }
    }
}

/// The error that people get to see.
fn as_error(wrong: WrongRoot) -> StageError {
    let WrongRoot { blocks, error, changes } = wrong;
    wrong_root(StageId::Execute, error, blocks, &changes)
}
