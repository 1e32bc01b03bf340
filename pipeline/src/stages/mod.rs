//! One `impl Stage` each: ties a stage crate to the stores it reads and writes.

mod execute;
mod load;
mod refused;
mod source;
mod trace;

pub(crate) use execute::{DiskReads, ExecuteStage};
pub(crate) use load::{LoadStage, Tables};
pub(crate) use source::{SourceStage, batch_bytes, kept_blocks, put_sourced};
pub(crate) use trace::{Sealer, TraceSettings, TraceStage, sealed, waiting_witness_bytes};
