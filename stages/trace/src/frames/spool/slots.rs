//! Headers in numbered slots.

use std::io;
use std::path::Path;

use super::claim::{Claim, Meter};
use super::overflow::Overflow;
use super::slot::{SLOT_BYTES, Slot, SlotContent, VACANT};
use super::tail::Tail;

/// Slots that are read from the file at once.
const READ_SLOTS: usize = 512;

/// Slots; the last of them are in memory.
#[derive(Debug)]
pub(super) struct Slots {
    /// The slots from `first_in_memory` on.
    tail: Tail<Slot>,
    first_in_memory: u64,
    file: Overflow,
    read_slots: usize,
    meter: Meter,
}

impl Slots {
    pub(super) fn new(limit_bytes: usize, folder: &Path, meter: &Meter) -> Self {
        Self {
            tail: Tail::new(limit_bytes, meter),
            first_in_memory: 0,
            file: Overflow::new(folder),
            read_slots: (limit_bytes / SLOT_BYTES).clamp(1, READ_SLOTS),
            meter: meter.clone(),
        }
    }

    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.tail.clear();
        self.first_in_memory = 0;
        self.file.clear()
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.first_in_memory + self.tail.items().len() as u64
    }

    /// A new slot, to be filled later.
    pub(super) fn reserve(&mut self) -> io::Result<u64> {
        let slot = self.len();
        if !self.tail.extend(&[VACANT]) {
            self.write_tail()?;
            if !self.tail.extend(&[VACANT]) {
                // Not even one fits: it goes to the file when it is filled.
                self.first_in_memory += 1;
            }
        }
        Ok(slot)
    }

    pub(super) fn fill(&mut self, slot: u64, content: &Slot) -> io::Result<()> {
        match slot.checked_sub(self.first_in_memory) {
            Some(index) => self.tail.items_mut()[index as usize] = *content,
            None => self.file.write_at(content, slot * SLOT_BYTES as u64)?,
        }
        Ok(())
    }

    /// Writes what is in memory, if something has been written before.
    pub(super) fn seal(&mut self) -> io::Result<()> {
        if self.first_in_memory > 0 {
            self.write_tail()?;
            self.tail.release();
        }
        Ok(())
    }

    pub(super) fn read(&self) -> SlotReader<'_> {
        SlotReader { slots: self, next: 0, chunk: Vec::new(), in_chunk: 0, claim: self.meter.claim() }
    }

    fn write_tail(&mut self) -> io::Result<()> {
        let slots = self.tail.items();
        self.file.write_at(slots.as_flattened(), self.first_in_memory * SLOT_BYTES as u64)?;
        self.first_in_memory += slots.len() as u64;
        self.tail.clear();
        Ok(())
    }
}

/// Reads slots from the first on.
#[derive(Debug)]
pub(super) struct SlotReader<'a> {
    slots: &'a Slots,
    next: u64,
    /// Slots out of the file; those up to `in_chunk` have been read.
    chunk: Vec<Slot>,
    in_chunk: usize,
    claim: Claim,
}

impl SlotReader<'_> {
    pub(super) fn next(&mut self) -> io::Result<Option<SlotContent>> {
        if self.next == self.slots.len() {
            return Ok(None);
        }
        let slot = match self.next.checked_sub(self.slots.first_in_memory) {
            Some(index) => &self.slots.tail.items()[index as usize],
            None => self.next_in_file()?,
        };
        let content = SlotContent::decode(slot).ok_or(io::ErrorKind::InvalidData)?;
        self.next += 1;
        Ok(Some(content))
    }

    fn next_in_file(&mut self) -> io::Result<&Slot> {
        if self.in_chunk == self.chunk.len() {
            let left = self.slots.first_in_memory - self.next;
            let read = left.min(self.slots.read_slots as u64) as usize;
            self.chunk.clear();
            self.chunk.reserve_exact(read);
            self.chunk.resize(read, VACANT);
            self.claim.set(self.chunk.capacity() * SLOT_BYTES);
            self.slots.file.read_at(self.chunk.as_flattened_mut(), self.next * SLOT_BYTES as u64)?;
            self.in_chunk = 0;
        }
        self.in_chunk += 1;
        Ok(&self.chunk[self.in_chunk - 1])
    }
}
