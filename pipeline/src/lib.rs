//! Drives the stages over a data directory and a DuckDB file: settings in, summary out.
//!
//! The library reports through [`Monitor`](blockmill_chain::Monitor) and never prints; the binary (`src/bin/blockmill`) is the
//! edge that reads arguments, prints and chooses exit codes. `ARCHITECTURE.md` at the root follows a block through it.

mod archive;
mod error;
mod flow;
mod genesis;
mod head_state;
mod memory;
mod proof;
mod rewind;
mod run;
mod settings;
mod stages;
mod state;
mod status;
mod tokens;
mod tries;
pub mod verify;

pub use blockmill_execute::RowsAhead;

pub use archive::{ArchiveError, ArchiveRequest, ArchivedFile, ERA_BLOCKS, write_archive};
pub use error::{ExitCode, RunError};
pub use flow::{QueueLimits, hand_out_order};
pub use head_state::NoHeadState;
pub use memory::peak::peak_rss_bytes;
pub use memory::{Budget, BudgetError, CommandBudget, MemoryUse, Owner};
pub use proof::proof;
pub use rewind::{Unwound, unwind, unwind_state};
pub use run::progress::{RunProgress, StageProgress};
pub use run::rebuild::{rebuild, store_dir};
pub use run::retrace::retrace;
pub use run::summary::{RunSummary, StageSummary};
pub use run::units::UnitLimits;
pub use settings::{
    ByteSize, ChainChoice, ParseByteSizeError, RootInterval, Settings, SliceSize, StateChoice,
};
pub use state::{StateError, StateExport, export_state};
pub use status::{StageStatus, Status, TablesStatus, dry_run, status};
pub use tokens::{TokensOutcome, derive_tokens};
pub use tries::{TrieComparison, compare_tries};
pub use verify::{StateDifferences, StatePart, StoreDamage, check_store};
