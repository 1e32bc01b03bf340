//! One number of bytes for the whole process: who gets how much of it, and who has taken how much.

mod budget;
mod command_budget;
mod ledger;
mod owner;
pub(crate) mod peak;
mod room;

pub use budget::{Budget, BudgetError};
pub use command_budget::CommandBudget;
pub(crate) use ledger::{Gauge, Ledger, Share};
pub use owner::{MemoryUse, Owner};
pub(crate) use room::{DECODED_PER_ENCODED_BYTE, Held, Room};
