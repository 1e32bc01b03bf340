//! Payloads on their way back.

use std::io;

use super::claim::Meter;
use super::payloads::SpooledPayloads;
use super::slot::Span;
use super::window::Window;

/// Bytes of the file that are read at once.
const READ_BYTES: usize = 128 << 10;

/// Hands out the payloads of one frame after the other. Inputs lie in the order in which frames were entered, so that
/// their window only goes forward. Outputs lie in the order in which frames ended: where frames are nested, backward,
/// which is why half of their window lies before what is asked for.
#[derive(Debug)]
pub(super) struct PayloadReader<'a> {
    payloads: &'a SpooledPayloads,
    limit_bytes: usize,
    inputs: Window,
    outputs: Window,
}

impl<'a> PayloadReader<'a> {
    pub(super) fn new(payloads: &'a SpooledPayloads, limit_bytes: usize, meter: &Meter) -> Self {
        let read_bytes = READ_BYTES.min(limit_bytes / 2);
        let inputs = Window::new(read_bytes, 0, meter);
        let outputs = Window::new(read_bytes, read_bytes / 2, meter);
        Self { payloads, limit_bytes, inputs, outputs }
    }

    /// A frame's input and output.
    pub(super) fn get(&mut self, input: Span, output: Span) -> io::Result<[&[u8]; 2]> {
        if self.payloads.are_in_memory() {
            return Ok([input, output].map(|span| self.payloads.in_memory(span).unwrap_or_default()));
        }
        if self.inputs.bytes_with(input) + self.outputs.bytes_with(output) > self.limit_bytes {
            self.inputs.release();
            self.outputs.release();
        }
        Ok([self.inputs.payload(input, self.payloads)?, self.outputs.payload(output, self.payloads)?])
    }
}
