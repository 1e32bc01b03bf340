//! What lies between the stages, and which of them may go on: the queues of a run, each bounded in bytes.
//!
//! Blocks wait on disk for their execution (decoded in memory too, as far as there is room: [`kept_blocks`]), witnesses for
//! their tracing, sealed units for their loading. [`State`] holds the rules as a value without threads or clocks, so that a
//! test can walk through every order of events; [`Flow`] puts it under a lock and lets threads wait for their turn.
//!
//! Why no thread waits for ever:
//! - A queue that is full stops its writer only while its reader has something to do: the source waits for execute only
//!   while there are blocks to execute, execute for trace only while there are whole units to trace.
//! - What is sealed ahead of the load has a budget on disk. When it is used up, the units that follow what is loaded are
//!   loaded, however few they are; where there is none, only the first unit that is not sealed may be begun.
//! - Sealing waits for nothing but room in memory for the next block, which other workers give back at the end of theirs.
//! - An error stops the stages before the one that failed, whose work has no reader any more; those after it
//!   finish what they have been given. So the error that remains is that of the earliest block.

pub(crate) mod byte_queue;
mod gate;
pub(crate) mod kept_blocks;
mod limits;
#[cfg(test)]
mod model;
mod order;
mod state;
mod units;
mod waits;

pub(crate) use gate::{Flow, Mode};
pub use limits::QueueLimits;
pub use order::hand_out_order;
pub(crate) use state::{Resumed, State, Task};
pub(crate) use units::SealedUnit;
