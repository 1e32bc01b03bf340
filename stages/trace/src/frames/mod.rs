//! Call frames: what a transaction called and created, recorded while it runs.

mod end;
mod frame;
mod place;
mod recorder;
mod revert_reason;
mod spool;
mod walk;

pub(crate) use end::FrameEnd;
pub(crate) use frame::{Frame, FrameKind, PayloadId};
pub(crate) use place::FramePlace;
pub(crate) use recorder::FrameRecorder;
pub(crate) use revert_reason::revert_reason;
pub use spool::FrameMemory;
pub(crate) use spool::FrameSpool;
pub(crate) use walk::{FrameVisit, FrameWalk};
