//! One number of bytes for the whole process: who gets how much of it, and who has taken how much.

mod budget;
mod ledger;
mod owner;

pub use budget::{Budget, BudgetError};
pub(crate) use ledger::{Gauge, Ledger, Share};
pub use owner::{MemoryUse, Owner};
