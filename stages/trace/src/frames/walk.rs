//! The frames of a block, each with its transaction and its place in it.

use super::end::FrameEnd;
use super::frame::Frame;
use super::place::{FramePlace, FramePlaces};
use super::spool::{FrameReader, FrameSpool};
use crate::error::TraceError;

/// Goes through the frames of a block in order.
pub(crate) struct FrameWalk<'a> {
    spool: &'a FrameSpool,
    frames: FrameReader<'a>,
    places: FramePlaces,
    block: u64,
    /// Transactions whose root was passed: each has one root, and all have one.
    begun: usize,
    succeeded: bool,
}

/// One frame with its place in the block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameVisit<'a> {
    /// The frame with its payloads.
    pub(crate) frame: Frame<'a>,
    /// Its place in the tree of its transaction.
    pub(crate) place: FramePlace<'a>,
    /// The transaction's position in the block.
    pub(crate) transaction_index: u32,
    /// Whether the transaction succeeded.
    pub(crate) transaction_success: bool,
}

impl FrameVisit<'_> {
    /// Whether the frame is the transaction's own.
    pub(crate) fn is_root(&self) -> bool {
        self.frame.header.depth == 0
    }
}

impl<'a> FrameWalk<'a> {
    /// From the first frame of block `block`.
    pub(crate) fn new(spool: &'a FrameSpool, block: u64) -> Self {
        Self {
            spool,
            frames: spool.read(),
            places: FramePlaces::default(),
            block,
            begun: 0,
            succeeded: false,
        }
    }

    /// The next frame; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<FrameVisit<'_>>, TraceError> {
        let (spool, block, transaction) = (self.spool, self.block, self.begun);
        let frame = self.frames.next().map_err(|error| spool.refused(block, transaction, error))?;
        let Some(frame) = frame else { return Ok(None) };
        if frame.header.depth == 0 {
            self.begun += 1;
            self.succeeded = frame.header.end == FrameEnd::Succeeded;
        }
        Ok(Some(FrameVisit {
            place: self.places.enter(&frame.header),
            frame,
            transaction_index: self.begun.saturating_sub(1) as u32,
            transaction_success: self.succeeded,
        }))
    }
}
