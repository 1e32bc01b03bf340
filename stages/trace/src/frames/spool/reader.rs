//! Frames on their way back.

use std::io;

use super::payload_reader::PayloadReader;
use super::payloads::SpooledPayloads;
use super::slot::SlotContent;
use super::slots::{SlotReader, Slots};
use crate::frames::frame::Frame;

/// Hands out the frames of a block one by one.
#[derive(Debug)]
pub(crate) struct FrameReader<'a> {
    slots: SlotReader<'a>,
    payloads: PayloadReader<'a>,
}

impl<'a> FrameReader<'a> {
    pub(super) fn new(slots: &'a Slots, payloads: &'a SpooledPayloads) -> Self {
        Self { slots: slots.read(), payloads: payloads.read() }
    }

    /// The next frame; `None` after the last.
    pub(crate) fn next(&mut self) -> io::Result<Option<Frame<'_>>> {
        let Some(SlotContent { header, input, output }) = self.slots.next()? else { return Ok(None) };
        let (input_id, output_id) = (input, output);
        let [input, output] = self.payloads.get(input, output)?;
        Ok(Some(Frame { header, input, input_id, output, output_id }))
    }
}
