//! A piece of the file with payloads, in memory.

use std::io;

use super::claim::{Claim, Meter};
use super::payloads::SpooledPayloads;
use super::slot::Span;

/// The piece that was read last.
#[derive(Debug)]
pub(super) struct Window {
    bytes: Vec<u8>,
    start: u64,
    /// How much is read at once, if there is as much and no payload is larger.
    read_bytes: usize,
    /// How much of that lies before the payload that is asked for.
    before_bytes: usize,
    claim: Claim,
}

impl Window {
    pub(super) fn new(read_bytes: usize, before_bytes: usize, meter: &Meter) -> Self {
        Self { bytes: Vec::new(), start: 0, read_bytes, before_bytes, claim: meter.claim() }
    }

    /// A payload, read if it is not here.
    pub(super) fn payload(&mut self, span: Span, payloads: &SpooledPayloads) -> io::Result<&[u8]> {
        if self.get(span).is_none() {
            self.move_to(span, payloads)?;
        }
        self.get(span).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Bytes that are allocated once the payload is here.
    pub(super) fn bytes_with(&self, span: Span) -> usize {
        match self.get(span) {
            Some(_) => self.bytes.capacity(),
            None => self.read_bytes.max(span.length as usize),
        }
    }

    pub(super) fn release(&mut self) {
        self.bytes = Vec::new();
        self.claim.set(0);
    }

    /// The payload, if it is here.
    fn get(&self, span: Span) -> Option<&[u8]> {
        if span.length == 0 {
            return Some(&[]);
        }
        let start = span.at.checked_sub(self.start)? as usize;
        self.bytes.get(start..start + span.length as usize)
    }

    /// Reads a payload and what lies around it.
    fn move_to(&mut self, span: Span, payloads: &SpooledPayloads) -> io::Result<()> {
        self.start = span.at.saturating_sub(self.before_bytes as u64);
        let mut end = (self.start + self.read_bytes as u64).min(payloads.len());
        if end < span.end() {
            // Too large to have anything around it.
            (self.start, end) = (span.at, span.end());
        }
        let length = (end - self.start) as usize;
        let is_of_use = (length..=length.max(self.read_bytes)).contains(&self.bytes.capacity());
        if !is_of_use {
            self.release();
        }
        self.bytes.resize(length, 0);
        self.claim.set(self.bytes.capacity());
        payloads.read_at(&mut self.bytes, self.start)
    }
}
