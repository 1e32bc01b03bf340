//! Drives the stages over a data directory and a DuckDB file: settings in, summary out.
//!
//! The library reports through [`Monitor`](blockmill_chain::Monitor) and never prints; the binary beside it is the
//! edge that reads arguments, prints and chooses exit codes.

mod byte_queue;
mod driver;
mod error;
mod flow;
mod genesis;
mod head_state;
mod leftovers;
mod memory;
mod monitor_tap;
mod open_tables;
mod peak_memory;
mod progress_file;
mod proof;
mod rebuild;
mod retrace;
mod run;
mod run_summary;
mod settings;
mod state_comparison;
mod status;
mod store_check;
mod tables_identity;
mod target;
mod tokens;
mod tries;
mod units;
mod unused;
mod unwind;
mod wiring;

pub use error::{ExitCode, RunError};
pub use flow::{QueueLimits, hand_out_order};
pub use head_state::NoHeadState;
pub use memory::{Budget, BudgetError, CommandBudget, MemoryUse, Owner};
pub use peak_memory::peak_rss_bytes;
pub use progress_file::{RunProgress, StageProgress};
pub use proof::proof;
pub use rebuild::{rebuild, store_dir};
pub use retrace::retrace;
pub use run_summary::{RunSummary, StageSummary};
pub use settings::{ByteSize, ChainChoice, ParseByteSizeError, RootInterval, Settings, SliceSize};
pub use state_comparison::{StateDifferences, StatePart};
pub use status::{StageStatus, Status, Tables, dry_run, status};
pub use store_check::{StoreDamage, check_store};
pub use tokens::{TokensOutcome, derive_tokens};
pub use tries::{TrieComparison, compare_tries};
pub use units::UnitLimits;
pub use unwind::{Unwound, unwind, unwind_state};
