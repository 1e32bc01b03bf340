//! Inputs and outputs, one after the other.

use std::io;
use std::path::Path;

use super::claim::Meter;
use super::overflow::Overflow;
use super::payload_reader::PayloadReader;
use super::slot::Span;
use super::tail::Tail;

/// Bytes of the file that are compared with a payload at once.
const COMPARED_BYTES: usize = 8 << 10;

/// A log of payloads; the last of them are in memory, each either whole or not at all.
///
/// A payload that is equal to the last one of its sort is not stored again: a loop calls with the same input, and a
/// proxy hands on what it was called with and what it got back. A comparison ends at the first difference, and costs
/// less than a copy in any case.
#[derive(Debug)]
pub(super) struct SpooledPayloads {
    /// The payloads from `start_in_memory` on.
    tail: Tail<u8>,
    start_in_memory: u64,
    file: Overflow,
    last_input: Span,
    last_output: Span,
    limit_bytes: usize,
    meter: Meter,
}

impl SpooledPayloads {
    pub(super) fn new(limit_bytes: usize, folder: &Path, meter: &Meter) -> Self {
        Self {
            tail: Tail::new(limit_bytes, meter),
            start_in_memory: 0,
            file: Overflow::new(folder),
            last_input: Span::EMPTY,
            last_output: Span::EMPTY,
            limit_bytes,
            meter: meter.clone(),
        }
    }

    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.tail.clear();
        self.start_in_memory = 0;
        (self.last_input, self.last_output) = (Span::EMPTY, Span::EMPTY);
        self.file.clear()
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

    /// Writes what is in memory, if something has been written before.
    pub(super) fn seal(&mut self) -> io::Result<()> {
        if self.start_in_memory > 0 {
            self.write_tail()?;
            self.tail.release();
        }
        Ok(())
    }

    /// Bytes in the log.
    pub(super) fn len(&self) -> u64 {
        self.start_in_memory + self.tail.items().len() as u64
    }

    pub(super) fn read(&self) -> PayloadReader<'_> {
        PayloadReader::new(self, self.limit_bytes, &self.meter)
    }

    /// Whether all payloads are in memory.
    pub(super) fn are_in_memory(&self) -> bool {
        self.start_in_memory == 0
    }

    /// A payload that is in memory.
    pub(super) fn in_memory(&self, span: Span) -> Option<&[u8]> {
        let start = span.at.checked_sub(self.start_in_memory)? as usize;
        self.tail.items().get(start..start + span.length as usize)
    }

    /// Bytes that are in the file.
    pub(super) fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        self.file.read_at(bytes, at)
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
        let at = self.append(payload)?;
        Ok(Span { at, length })
    }

    fn is_stored(&self, span: Span, payload: &[u8]) -> io::Result<bool> {
        if let Some(stored) = self.in_memory(span) {
            return Ok(stored == payload);
        }
        let (mut at, mut buffer) = (span.at, [0; COMPARED_BYTES]);
        for part in payload.chunks(COMPARED_BYTES) {
            let stored = &mut buffer[..part.len()];
            self.file.read_at(stored, at)?;
            if stored != part {
                return Ok(false);
            }
            at += part.len() as u64;
        }
        Ok(true)
    }

    fn append(&mut self, payload: &[u8]) -> io::Result<u64> {
        if self.tail.extend(payload) {
            return Ok(self.len() - payload.len() as u64);
        }
        self.write_tail()?;
        let at = self.len();
        if !self.tail.extend(payload) {
            self.file.write_at(payload, at)?;
            self.start_in_memory += payload.len() as u64;
        }
        Ok(at)
    }

    fn write_tail(&mut self) -> io::Result<()> {
        let bytes = self.tail.items();
        self.file.write_at(bytes, self.start_in_memory)?;
        self.start_in_memory += bytes.len() as u64;
        self.tail.clear();
        Ok(())
    }
}
