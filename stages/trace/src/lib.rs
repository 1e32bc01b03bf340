//! Replays witnesses and takes the rows of the chosen datasets out of them.
//!
//! [`trace_block`] is a pure function of a chain specification, a witness and code found by hash: no database, no
//! clock, no shared state, so that blocks can be traced in any order on any number of threads. Rows are taken only out
//! of a replay that agrees with the block's header, but for instructions, which are too many to wait for its end.

mod dao_fork;
mod empty_accounts;
mod error;
mod extractors;
mod frames;
mod outlet;
mod payloads;
mod rewards;
mod sink;
mod state_rows;
mod steps;
mod table_rows;
mod token_events;
mod trace;
mod witness_state;

pub use empty_accounts::{EmptyAccounts, settle_empty_accounts};
pub use error::{TraceError, WitnessError};
pub use frames::FrameMemory;
pub use sink::{RowSink, SinkError};
pub use state_rows::StateRows;
pub use table_rows::{TableRows, TraceOptions};
pub use trace::{TraceStats, trace_block};
pub use witness_state::WitnessState;
