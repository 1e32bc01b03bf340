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

/// The error of a stage that found a block not to be what its header says.
pub(crate) fn not_verified(stage: StageId, source: impl Into<Box<dyn Error + Send + Sync>>) -> StageError {
    StageError::not_verified(stage, RefusedBlock { source: source.into() })
}
