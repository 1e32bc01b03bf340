//! Where each frame stands in the tree of its transaction.

use super::end::FrameEnd;
use super::frame::Frame;

/// Walks the frames of one transaction in order. What it keeps is the path to the frame it is at.
#[derive(Debug, Default)]
pub(crate) struct Places {
    path: Vec<u32>,
    /// For the frame at each depth of the path, the index of its next child.
    next_child: Vec<u32>,
    /// For the frame at each depth of the path, whether it and all above it succeeded.
    success: Vec<bool>,
}

/// The place of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// Which child at each level, from the root.
    pub(crate) trace_address: &'a [u32],
    /// Whether the frame and all above it succeeded.
    pub(crate) success: bool,
}

impl Places {
    /// Goes on to the next frame.
    pub(crate) fn enter(&mut self, frame: &Frame) -> Place<'_> {
        let depth = frame.depth as usize;
        self.next_child.truncate(depth);
        self.success.truncate(depth);
        self.path.truncate(depth.saturating_sub(1));
        if let Some(index) = self.next_child.last_mut() {
            self.path.push(*index);
            *index += 1;
        }
        let success = self.success.last().is_none_or(|above| *above) && frame.end == FrameEnd::Succeeded;
        self.next_child.push(0);
        self.success.push(success);
        Place { trace_address: &self.path, success }
    }
}
