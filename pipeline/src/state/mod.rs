//! A chain that starts from a state: loaded from another client's dump after one block, and written as one.
//!
//! The loaded state takes the place that genesis has in other chains: nothing before it is known or executed, and it is the
//! first thing in the tables of diffs.

mod accounts;
mod error;
mod export;
mod load;
mod rows;

pub use error::StateError;
pub use export::{StateExport, export_state};
pub(crate) use load::StateLoad;
pub(crate) use rows::seal_state_rows;

/// `BLOCKHASH` reaches back so far (yellow paper, 9.4.2), and no rule further.
pub(crate) const ANCESTORS: u64 = 256;

/// The blocks that execution after block `number` needs, that one included.
pub(crate) fn needed_blocks(number: u64) -> blockmill_chain::BlockRange {
    blockmill_chain::BlockRange::new((number + 1).saturating_sub(ANCESTORS), number + 1)
}
