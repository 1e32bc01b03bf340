//! Instructions as geth's structLog tells them: rows that leave while the EVM runs.
//!
//! Nothing is collected. What is kept is one instruction, until it has been run, and a few numbers for each open frame.

mod authorizations;
mod both;
mod open_frames;
mod operation;
mod recorder;
mod stream;

pub(crate) use both::Both;
pub(crate) use operation::Operation;
pub(crate) use recorder::{StepOptions, StepRecorder, TraceId};
pub(crate) use stream::StepStream;
