//! The frames of one block, in bounded memory: what does not fit waits in files without a name.
//!
//! A frame is a header of fixed size and two payloads, input and output. Payloads go to a log as they come. Headers go
//! to numbered slots, in the order in which their frames were entered; a slot is written when its frame closes, and
//! until then the frame is among the open ones, of which there are no more than the call depth allows. Log and slots are
//! each in memory, or in a file from the moment on when they do not fit.

mod payloads;
mod reader;
mod slot;
mod spooled;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

use payloads::Payloads;
pub(crate) use reader::FrameReader;
use slot::{SLOT_BYTES, SlotContent, Span};
use spooled::Spooled;

use super::end::FrameEnd;
use super::frame::FrameHeader;
use crate::error::TraceError;

/// What the call frames of a block may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameMemory {
    /// Bytes of memory for headers, payloads and the buffers that read both back; 1 MiB is the least that makes sense.
    /// A frame whose own payloads are larger is admitted alone.
    pub limit_bytes: usize,
    /// Where temporary files are made for what does not fit. They have no name, so that nothing is left of them however
    /// the process ends.
    pub folder: PathBuf,
}

impl FrameMemory {
    /// Memory without a limit, and never a file: for blocks that are known.
    pub fn unlimited() -> Self {
        Self { limit_bytes: usize::MAX, folder: PathBuf::new() }
    }
}

/// Frames that can be open at once: 1,025, and one that is refused because it would be too deep.
const MOST_OPEN: usize = 1_026;
/// What the open frames take.
const OPEN_BYTES: usize = MOST_OPEN * size_of::<Option<OpenFrame>>();

/// Keeps the frames of one block until their rows are made; used for one block after the other.
#[derive(Debug)]
pub(crate) struct FrameSpool {
    /// Frames that have not ended, the innermost last; `None` for one that is not listed.
    open: Vec<Option<OpenFrame>>,
    slots: Spooled,
    payloads: Payloads,
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
    /// A quarter of the memory is for headers: a call with the arguments of an ordinary function has three times as much
    /// payload.
    pub(crate) fn new(memory: FrameMemory) -> Self {
        let shared = memory.limit_bytes.saturating_sub(OPEN_BYTES);
        Self::with_shares(memory, shared / 4, shared - shared / 4)
    }

    fn with_shares(memory: FrameMemory, slots_bytes: usize, payloads_bytes: usize) -> Self {
        let slots = Spooled::new(slots_bytes, &memory.folder);
        let payloads = Payloads::new(payloads_bytes, &memory.folder);
        Self { open: Vec::new(), slots, payloads, memory }
    }

    /// Bytes of memory that were taken at once at most, what reads frames back included.
    pub(crate) fn most_bytes(&self) -> usize {
        let open_bytes = self.open.capacity() * size_of::<Option<OpenFrame>>();
        open_bytes + self.slots.most_bytes() + self.payloads.most_bytes()
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
        self.slots.len() / SLOT_BYTES as u64
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
        self.close(entered, Span::EMPTY)
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
        self.close(frame, output)
    }

    /// The frames in the order in which they were entered.
    pub(crate) fn read(&self) -> FrameReader<'_> {
        FrameReader::new(&self.slots, &self.payloads)
    }

    fn entered_frame(&mut self, mut header: FrameHeader, input: &[u8]) -> io::Result<OpenFrame> {
        header.depth = self.depth();
        let input = self.payloads.push_input(input)?;
        let slot = self.entered();
        self.slots.reserve(SLOT_BYTES)?;
        if let Some(parent) = self.innermost_mut() {
            parent.subtraces += 1;
        }
        Ok(OpenFrame { slot, header, input })
    }

    fn close(&mut self, frame: OpenFrame, output: Span) -> io::Result<()> {
        let content = SlotContent { header: frame.header, input: frame.input, output };
        self.slots.write_at(&content.encode(), frame.slot * SLOT_BYTES as u64)
    }

    fn push_open(&mut self, frame: Option<OpenFrame>) {
        if self.open.capacity() == 0 {
            self.open.reserve_exact(MOST_OPEN);
        }
        self.open.push(frame);
    }
}
