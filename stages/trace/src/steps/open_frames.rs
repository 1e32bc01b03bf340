//! The frames that are open, and the numbers that `traces` gives them.

/// What is kept of an open frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenStepFrame {
    /// Its row in `traces`; `None` where that has none. Such a frame runs no code.
    pub(super) trace_index: Option<u32>,
    /// Refund counter of the transaction when it was opened.
    pub(super) refund: i64,
    /// Whether the frame runs code.
    pub(super) has_code: bool,
    /// Whether a self-destruct is listed below the frame.
    lists_self_destruct: bool,
}

/// Numbers frames and self-destructs through a block as the rows of `traces` are numbered, and keeps the open ones.
#[derive(Debug, Default)]
pub(super) struct OpenFrames {
    next_trace: u32,
    frames: Vec<OpenStepFrame>,
    /// Whether the transaction that runs has had a root frame.
    has_root: bool,
}

impl OpenFrames {
    /// No frame is open; the first one will be this row.
    pub(super) fn starting_at(next_trace: u32) -> Self {
        Self { next_trace, ..Self::default() }
    }

    /// Frames that are open.
    pub(super) fn depth(&self) -> u32 {
        self.frames.len() as u32
    }

    /// The frame that runs.
    #[inline]
    pub(super) fn innermost(&self) -> Option<&OpenStepFrame> {
        self.frames.last()
    }

    pub(super) fn start_transaction(&mut self) {
        self.frames.clear();
        self.has_root = false;
    }

    /// A transaction that never had a frame has a row in `traces` all the same.
    pub(super) fn finish_transaction(&mut self) {
        if !self.has_root {
            self.next_trace += 1;
        }
    }

    pub(super) fn open(&mut self, is_listed: bool, has_code: bool, refund: i64) {
        let trace_index = is_listed.then_some(self.next_trace);
        self.next_trace += u32::from(is_listed);
        self.frames.push(OpenStepFrame { trace_index, refund, has_code, lists_self_destruct: false });
        self.has_root = true;
    }

    pub(super) fn close(&mut self) {
        self.frames.pop();
    }

    pub(super) fn self_destruct(&mut self) {
        self.next_trace += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.lists_self_destruct = true;
        }
    }

    /// The frame that runs ends by a self-destruct; revm does not report the one that changes nothing.
    pub(super) fn end_by_self_destruct(&mut self) {
        if self.frames.last().is_some_and(|frame| !frame.lists_self_destruct) {
            self.self_destruct();
        }
    }
}
