//! Frames on their way back.

use std::io;

use super::payloads::{PayloadBuffer, Payloads};
use super::slot::{SLOT_BYTES, Slot, SlotContent, VACANT};
use super::spooled::Spooled;
use crate::frames::frame::Frame;

/// Bytes of slots that are read from the file at once: less than the buffer that did not suffice for them.
const READ_BYTES: usize = 32 * SLOT_BYTES;

/// Hands out the frames of a block one by one.
#[derive(Debug)]
pub(crate) struct FrameReader<'a> {
    slots: &'a Spooled,
    payloads: &'a Payloads,
    next: u64,
    chunk: Vec<u8>,
    chunk_start: u64,
    input: PayloadBuffer,
    output: PayloadBuffer,
}

impl<'a> FrameReader<'a> {
    pub(super) fn new(slots: &'a Spooled, payloads: &'a Payloads) -> Self {
        let (input, output) = (PayloadBuffer::default(), PayloadBuffer::default());
        Self { slots, payloads, next: 0, chunk: Vec::new(), chunk_start: 0, input, output }
    }

    /// The next frame; `None` after the last.
    pub(crate) fn next(&mut self) -> io::Result<Option<Frame<'_>>> {
        if self.next == self.slots.len() {
            return Ok(None);
        }
        let slot = self.slot()?;
        self.next += SLOT_BYTES as u64;
        let content = SlotContent::decode(&slot).ok_or(io::ErrorKind::InvalidData)?;
        let SlotContent { header, input: input_id, output: output_id } = content;
        let input = self.payloads.get(input_id, &mut self.input)?;
        let output = self.payloads.get(output_id, &mut self.output)?;
        Ok(Some(Frame { header, input, input_id, output, output_id }))
    }

    fn slot(&mut self) -> io::Result<Slot> {
        let mut slot = VACANT;
        if let Some(bytes) = self.slots.in_memory(self.next, SLOT_BYTES) {
            slot.copy_from_slice(bytes);
            return Ok(slot);
        }
        if self.next == self.chunk_start + self.chunk.len() as u64 {
            self.chunk_start = self.next;
            let left = self.slots.len() - self.next;
            self.chunk.resize(left.min(READ_BYTES as u64) as usize, 0);
            self.slots.read_at(&mut self.chunk, self.next)?;
        }
        let at = (self.next - self.chunk_start) as usize;
        slot.copy_from_slice(&self.chunk[at..at + SLOT_BYTES]);
        Ok(slot)
    }
}
