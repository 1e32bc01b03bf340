//! The frames of one block, in bounded memory: what does not fit waits in files without a name.
//!
//! A frame is a header of fixed size and two payloads, input and output. Payloads go to a log as they come. Headers go
//! to numbered slots, in the order in which their frames were entered; a slot is written when its frame closes, and
//! until then the frame is among the open ones, of which there are no more than the call depth allows. Of the log and
//! of the slots the newest part is in memory and the older one, if there is any, in a file of its own.

mod budget;
mod claim;
mod overflow;
mod payload_reader;
mod payloads;
mod reader;
mod slot;
mod slots;
mod tail;
mod window;

use std::io;

pub use budget::FrameMemory;
use budget::Shares;
use claim::{Claim, Meter};
use payloads::SpooledPayloads;
pub(crate) use reader::FrameReader;
use slot::{Slot, SlotContent, Span};
use slots::Slots;

use super::end::FrameEnd;
use super::frame::FrameHeader;
use crate::error::TraceError;

/// Frames that can be open at once: 1,025, and one that is refused because it would be too deep.
const MOST_OPEN: usize = 1_026;
/// What the open frames take.
const OPEN_BYTES: usize = MOST_OPEN * size_of::<Option<OpenFrame>>();

/// Keeps the frames of one block until their rows are made; used for one block after the other.
#[derive(Debug)]
pub(crate) struct FrameSpool {
    /// Frames that have not ended, the innermost last; `None` for one that is not listed.
    open: Vec<Option<OpenFrame>>,
    open_claim: Claim,
    slots: Slots,
    payloads: SpooledPayloads,
    meter: Meter,
    memory: FrameMemory,
}

/// A frame that has not ended.
#[derive(Debug)]
struct OpenFrame {
    slot: u64,
    header: FrameHeader,
    input: Span,
}

impl FrameSpool {
    pub(crate) fn new(memory: FrameMemory) -> Self {
        let shares = Shares::of(memory.limit_bytes, OPEN_BYTES);
        Self::with_shares(memory, shares)
    }

    fn with_shares(memory: FrameMemory, shares: Shares) -> Self {
        let meter = Meter::default();
        Self {
            open: Vec::new(),
            open_claim: meter.claim(),
            slots: Slots::new(shares.slots_bytes, &memory.folder, &meter),
            payloads: SpooledPayloads::new(shares.payloads_bytes, &memory.folder, &meter),
            meter,
            memory,
        }
    }

    /// What is allocated and has been allocated at most.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Why the frames of a block could not be kept.
    pub(crate) fn refused(&self, block: u64, transaction: usize, source: io::Error) -> TraceError {
        TraceError::Frames { block, transaction, folder: self.memory.folder.clone(), source }
    }

    /// Forgets all frames and gives the disk back what it held.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.open.clear();
        self.slots.clear()?;
        self.payloads.clear()
    }

    /// How many frames were entered.
    pub(super) fn entered(&self) -> u64 {
        self.slots.len()
    }

    /// How many frames are open, those not listed included.
    pub(super) fn depth(&self) -> u32 {
        self.open.len() as u32
    }

    /// Opens a frame below the innermost open one.
    pub(super) fn enter(&mut self, started: FrameHeader, input: &[u8]) -> io::Result<()> {
        let entered = self.entered_frame(started, input)?;
        self.push_open(Some(entered));
        Ok(())
    }

    /// Opens a frame that is not listed.
    pub(super) fn enter_unlisted(&mut self) {
        self.push_open(None);
    }

    /// A frame below the innermost open one that ends as it begins.
    pub(super) fn pass(&mut self, frame: FrameHeader, input: &[u8]) -> io::Result<()> {
        let entered = self.entered_frame(frame, input)?;
        self.slots.fill(entered.slot, &entered.ended(Span::EMPTY))
    }

    /// The innermost open frame, where it is listed.
    pub(super) fn innermost_mut(&mut self) -> Option<&mut FrameHeader> {
        self.open.last_mut()?.as_mut().map(|frame| &mut frame.header)
    }

    /// Closes the innermost open frame.
    pub(super) fn leave(&mut self, end: FrameEnd, gas_used: u64, output: &[u8]) -> io::Result<()> {
        let Some(mut frame) = self.open.pop().flatten() else { return Ok(()) };
        (frame.header.end, frame.header.gas_used) = (end, gas_used);
        let output = self.payloads.push_output(output)?;
        self.slots.fill(frame.slot, &frame.ended(output))
    }

    /// Makes ready to be read: buffers that did not suffice are written and given back, as reading takes some itself.
    pub(super) fn seal(&mut self) -> io::Result<()> {
        self.slots.seal()?;
        self.payloads.seal()
    }

    /// The frames in the order in which they were entered.
    pub(crate) fn read(&self) -> FrameReader<'_> {
        FrameReader::new(&self.slots, &self.payloads)
    }

    fn entered_frame(&mut self, mut header: FrameHeader, input: &[u8]) -> io::Result<OpenFrame> {
        header.depth = self.depth();
        let input = self.payloads.push_input(input)?;
        let slot = self.slots.reserve()?;
        if let Some(parent) = self.innermost_mut() {
            parent.subtraces += 1;
        }
        Ok(OpenFrame { slot, header, input })
    }

    fn push_open(&mut self, frame: Option<OpenFrame>) {
        if self.open.capacity() == 0 {
            self.open.reserve_exact(MOST_OPEN);
            self.open_claim.set(OPEN_BYTES);
        }
        self.open.push(frame);
    }
}

impl OpenFrame {
    fn ended(&self, output: Span) -> Slot {
        SlotContent { header: self.header, input: self.input, output }.encode()
    }
}

#[cfg(test)]
mod tests;
