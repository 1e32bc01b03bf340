//! Blocks that were executed one after the other and share one check of the state root.

use alloy::primitives::B256;
use blockmill_chain::{BlockChanges, BlockRange, RecoveredBlock, SliceLimits, SliceMeter, StageError};
use blockmill_execute::{ExecuteError, ExecutedBlock};

/// Executed blocks on their way to the check of the root after the last.
pub(super) struct Step {
    pub(super) blocks: Vec<StepBlock>,
    limits: SliceLimits,
    meter: SliceMeter,
}

/// An executed block of a step.
pub(super) struct StepBlock {
    pub(super) number: u64,
    /// The state root in its header.
    pub(super) state_root: B256,
    pub(super) transactions: u64,
    pub(super) executed: ExecutedBlock,
}

impl Step {
    /// An empty step that is full at `limits`.
    pub(super) fn new(limits: SliceLimits) -> Self {
        Self { blocks: Vec::new(), limits, meter: SliceMeter::new(limits) }
    }

    /// Takes the step out and leaves an empty one.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.limits))
    }

    /// Adds the next block; about how many bytes it holds.
    pub(super) fn push(&mut self, block: &RecoveredBlock, executed: ExecutedBlock) -> usize {
        let bytes = executed.changes.bytes() + executed.reads.bytes();
        self.meter.add(executed.gas_used, bytes);
        let transactions = block.senders.len() as u64;
        let (number, state_root) = (block.number(), block.header().state_root);
        self.blocks.push(StepBlock { number, state_root, transactions, executed });
        bytes
    }

    /// About how many bytes its blocks hold.
    pub(super) fn bytes(&self) -> usize {
        self.meter.bytes()
    }

    pub(super) fn is_full(&self) -> bool {
        self.meter.is_full()
    }
}

/// Why a step was not written.
pub(super) enum StepError {
    /// The root after its last block is not the header's.
    WrongRoot(Box<WrongRoot>),
    /// Any other error.
    Failed(StageError),
}

impl From<StageError> for StepError {
    fn from(error: StageError) -> Self {
        Self::Failed(error)
    }
}

/// A state root that is not the header's.
pub(super) struct WrongRoot {
    /// Blocks of which at least one is wrong; the root before them is right.
    pub(super) blocks: BlockRange,
    /// The roots expected and computed.
    pub(super) error: ExecuteError,
    /// What these blocks changed.
    pub(super) changes: BlockChanges,
}
