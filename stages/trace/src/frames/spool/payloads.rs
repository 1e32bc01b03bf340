//! Inputs and outputs, one after the other.

use std::io;
use std::path::Path;

use super::slot::Span;
use super::spooled::Spooled;

/// Bytes of the file that are compared with a payload at once.
const COMPARED_BYTES: usize = 8 << 10;

/// A log of payloads.
///
/// A payload that is equal to the last one of its sort is not stored again: a loop calls with the same input, and a
/// proxy hands on what it was called with and what it got back. A comparison ends at the first difference, and costs
/// less than a copy in any case.
#[derive(Debug)]
pub(super) struct Payloads {
    log: Spooled,
    last_input: Span,
    last_output: Span,
    /// Length of the longest in this block.
    longest: usize,
    most_read_bytes: usize,
}

/// A payload that was read from the file.
#[derive(Debug)]
pub(super) struct PayloadBuffer {
    span: Span,
    bytes: Vec<u8>,
}

impl Payloads {
    pub(super) fn new(limit_bytes: usize, folder: &Path) -> Self {
        let (last_input, last_output) = (Span::EMPTY, Span::EMPTY);
        let log = Spooled::new(limit_bytes, folder);
        Self { log, last_input, last_output, longest: 0, most_read_bytes: 0 }
    }

    pub(super) fn clear(&mut self) -> io::Result<()> {
        (self.last_input, self.last_output, self.longest) = (Span::EMPTY, Span::EMPTY, 0);
        self.log.clear()
    }

    pub(super) fn push_input(&mut self, input: &[u8]) -> io::Result<Span> {
        let span = self.push(input, self.last_input)?;
        if !input.is_empty() {
            self.last_input = span;
        }
        Ok(span)
    }

    pub(super) fn push_output(&mut self, output: &[u8]) -> io::Result<Span> {
        let span = self.push(output, self.last_output)?;
        if !output.is_empty() {
            self.last_output = span;
        }
        Ok(span)
    }

    /// Bytes in the log.
    #[cfg(test)]
    pub(super) fn len(&self) -> u64 {
        self.log.len()
    }

    /// Bytes of memory that were taken at most, for the log or for an input and an output that were read from its file.
    pub(super) fn most_bytes(&self) -> usize {
        self.log.most_bytes().max(self.most_read_bytes)
    }

    /// A payload, lent by the log or read into the buffer.
    pub(super) fn get<'a>(&'a self, span: Span, buffer: &'a mut PayloadBuffer) -> io::Result<&'a [u8]> {
        let length = span.length as usize;
        if let Some(payload) = self.log.in_memory(span.at, length) {
            return Ok(payload);
        }
        if buffer.span != span {
            buffer.span = Span::EMPTY;
            if buffer.bytes.capacity() < length {
                // Not both at once.
                buffer.bytes = Vec::new();
                buffer.bytes.reserve_exact(length);
            }
            buffer.bytes.resize(length, 0);
            self.log.read_at(&mut buffer.bytes, span.at)?;
            buffer.span = span;
        }
        Ok(&buffer.bytes)
    }

    fn push(&mut self, payload: &[u8], last: Span) -> io::Result<Span> {
        if payload.is_empty() {
            return Ok(Span::EMPTY);
        }
        // The EVM's memory does not come near this: its price grows with the square.
        let length = u32::try_from(payload.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        if length == last.length && self.is_stored(last, payload)? {
            return Ok(last);
        }
        let at = self.log.push(payload)?;
        self.longest = self.longest.max(payload.len());
        if self.log.is_in_file() {
            self.most_read_bytes = self.most_read_bytes.max(2 * self.longest);
        }
        Ok(Span { at, length })
    }

    fn is_stored(&self, span: Span, payload: &[u8]) -> io::Result<bool> {
        if let Some(stored) = self.log.in_memory(span.at, payload.len()) {
            return Ok(stored == payload);
        }
        let (mut at, mut buffer) = (span.at, [0; COMPARED_BYTES]);
        for part in payload.chunks(COMPARED_BYTES) {
            let stored = &mut buffer[..part.len()];
            self.log.read_at(stored, at)?;
            if stored != part {
                return Ok(false);
            }
            at += part.len() as u64;
        }
        Ok(true)
    }
}

impl Default for PayloadBuffer {
    fn default() -> Self {
        Self { span: Span::EMPTY, bytes: Vec::new() }
    }
}
