//! Blocks that do not verify: the reason, with what to do about it.

use std::error::Error;

use blockmill_chain::{StageError, StageId};

/// A verification failure as people get to see it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source}; nothing of this block was published: its file is damaged, altered or of another chain, put the right one \
     in its place and run again"
)]
struct RefusedBlock {
    source: Box<dyn Error + Send + Sync>,
}

/// A state root that an earlier block may have made wrong.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source}; the fault lies in one of the blocks from {since} to {block}, whose rows may have been loaded already: do not \
     use them. Put the right files in their place and rebuild into a new --data-dir and --out; --root-interval 1 names \
     the block"
)]
struct RefusedRoot {
    source: Box<dyn Error + Send + Sync>,
    since: u64,
    block: u64,
}

/// The error of a state root that is not the header's, where the last one that was lies before block `since`.
pub(crate) fn wrong_root(
    stage: StageId,
    source: impl Into<Box<dyn Error + Send + Sync>>,
    since: u64,
    block: u64,
) -> StageError {
    StageError::not_verified(stage, RefusedRoot { source: source.into(), since, block })
}

/// A block that was verified once and does not replay to the same.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source}; the block was verified when it was executed, so what the store holds of it has been damaged since: rebuild \
     into a new --data-dir"
)]
struct DamagedWitness {
    source: Box<dyn Error + Send + Sync>,
}

/// The error of a replay that contradicts the execution.
pub(crate) fn damaged(stage: StageId, source: impl Into<Box<dyn Error + Send + Sync>>) -> StageError {
    StageError::failed(stage, DamagedWitness { source: source.into() })
}

/// The error of a stage that found a block not to be what its header says.
pub(crate) fn not_verified(stage: StageId, source: impl Into<Box<dyn Error + Send + Sync>>) -> StageError {
    StageError::not_verified(stage, RefusedBlock { source: source.into() })
}
