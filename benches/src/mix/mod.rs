//! What blocks are made of, counted: to see whether generated blocks are like real ones.

mod bodies;
mod counter;
mod opcodes;

use blockmill_chain::{BlockChanges, ChainSpec, CodeSource, RecoveredBlock, StateReader};
use blockmill_execute::{BlockState, CodeCache, ExecuteError, check_block, execute_block};

pub use bodies::BodyCounts;
use counter::Counter;
pub use counter::{ExecutionCounts, InternalCounts};
pub use opcodes::{Family, OpcodeCounts};

/// Counts over blocks: what stands in them, and what they do.
#[derive(Debug, Default)]
pub struct BlockMix {
    bodies: BodyCounts,
    counter: Counter,
}

impl BlockMix {
    /// Executes a block on the state before it, compares the result with its header, and counts it. What it changed.
    ///
    /// # Errors
    /// A block that is refused, or that its header does not agree with.
    pub fn add<R: StateReader + CodeSource>(
        &mut self,
        spec: &ChainSpec,
        block: &RecoveredBlock,
        before: R,
        codes: &CodeCache,
    ) -> Result<BlockChanges, ExecuteError> {
        let mut state = BlockState::new(before, codes, spec.is_prague(block.header().timestamp));
        let executed = execute_block(spec, block, &mut state, &mut self.counter, |_| Ok(()))?;
        check_block(spec, block, &executed, &[])?;
        self.counter.end_block();
        self.bodies.add(block);
        Ok(state.changes())
    }

    /// What stands in the blocks.
    pub fn bodies(&self) -> &BodyCounts {
        &self.bodies
    }

    /// What their transactions do.
    pub fn execution(&self) -> &ExecutionCounts {
        self.counter.counts()
    }
}
