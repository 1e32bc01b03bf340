//! Witnesses into sealed units of rows, on all cores.
//!
//! A worker takes a whole unit, so nothing is shared but the code cache and the queue of units.

mod sealer;
mod unit_error;
mod workers;

pub(crate) use sealer::{Sealer, TraceSettings, waiting_witness_bytes};
pub(crate) use workers::{TraceStage, sealed};
