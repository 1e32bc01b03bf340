//! Why a unit was not sealed.

use blockmill_chain::{Absence, BlockRange, StageError, StageId};
use blockmill_spill::SpillError;
use blockmill_store::StoreError;
use blockmill_trace::{SinkError, TraceError};

use crate::stages::refused::{damaged, not_verified};

/// Why a unit was not sealed.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnitError {
    #[error("{0}")]
    Trace(TraceError),
    #[error("{0}")]
    Damaged(TraceError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Spill(#[from] SpillError),
    #[error(
        "block {block} has been executed but its witness is gone: the rows of blocks {range} were made and removed before. \
         Rebuild into a new --data-dir, or bring the DuckDB file back"
    )]
    WitnessGone { block: u64, range: BlockRange },
    #[error("{0}")]
    Rows(SinkError),
    /// A stop was asked for, or an earlier unit has failed.
    #[error("the unit of blocks {0} is not wanted any more")]
    Unwanted(BlockRange),
}

impl UnitError {
    /// A block with an exact witness was verified before; one with a foreign witness is verified by its replay.
    pub(super) fn of_trace(error: TraceError, absence: Absence) -> Self {
        match absence {
            Absence::Exact if error.is_verification() => Self::Damaged(error),
            _ => Self::Trace(error),
        }
    }

    /// The error of the stage, with the remedy.
    pub(super) fn into_stage_error(self) -> StageError {
        match &self {
            Self::Damaged(_) => damaged(StageId::Trace, self),
            Self::Trace(trace) if trace.is_verification() => not_verified(StageId::Trace, self),
            _ => StageError::failed(StageId::Trace, self),
        }
    }
}
