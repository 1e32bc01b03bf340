//! The e2store container: a row of typed entries.

use std::path::Path;

use crate::error::{FilePlace, SourceError};

/// Entry types, as little-endian numbers: the specification writes them in byte order.
pub(crate) mod kind {
    pub(crate) const VERSION: u16 = 0x3265;
    pub(crate) const COMPRESSED_HEADER: u16 = 0x03;
    pub(crate) const COMPRESSED_BODY: u16 = 0x04;
    pub(crate) const COMPRESSED_RECEIPTS: u16 = 0x05;
    pub(crate) const TOTAL_DIFFICULTY: u16 = 0x06;
    pub(crate) const ACCUMULATOR: u16 = 0x07;
    pub(crate) const COMPRESSED_SLIM_RECEIPTS: u16 = 0x0a;
    pub(crate) const PROOF: u16 = 0x0b;
    /// The index of an era1 file: an offset for each block.
    pub(crate) const BLOCK_INDEX: u16 = 0x3266;
    /// The index of an ere file: an offset for each component of each block.
    pub(crate) const DYNAMIC_BLOCK_INDEX: u16 = 0x3267;
}

/// Bytes before every entry's data: type, length, reserved.
pub(crate) const ENTRY_HEADER_BYTES: usize = 8;

/// An entry of an e2store file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// The entry's type; see `kind`.
    pub(crate) kind: u16,
    /// Byte offset of the entry in the file.
    pub(crate) offset: u64,
    /// The payload, without the header.
    pub(crate) data: &'a [u8],
}

impl Entry<'_> {
    /// Byte offset of the next entry.
    pub(crate) fn end(&self) -> usize {
        self.offset as usize + ENTRY_HEADER_BYTES + self.data.len()
    }
}

/// The entries of a file from an offset on.
pub(crate) struct Entries<'a> {
    file: &'a Path,
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(file: &'a Path, bytes: &'a [u8], offset: usize) -> Self {
        Self { file, bytes, offset }
    }

    /// The next entry; its data lies wholly in the file.
    pub(crate) fn next(&mut self) -> Result<Entry<'a>, SourceError> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let Some((&[k0, k1, l0, l1, l2, l3, r0, r1], data)) = rest.split_first_chunk() else {
            return Err(
                self.malformed(format!("the file ends where an entry should be ({} bytes left)", rest.len()))
            );
        };
        if (r0, r1) != (0, 0) {
            return Err(self.malformed("the reserved bytes of an entry are not zero".into()));
        }
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let Some(data) = data.get(..length) else {
            let problem =
                format!("the file ends inside an entry: {} of its {length} bytes are there", data.len());
            return Err(self.malformed(problem));
        };
        let entry = Entry { kind: u16::from_le_bytes([k0, k1]), offset: self.offset as u64, data };
        self.offset = entry.end();
        Ok(entry)
    }

    /// The next entry, which must be of this type.
    pub(crate) fn expect(&mut self, kind: u16, name: &str) -> Result<Entry<'a>, SourceError> {
        let at = self.offset;
        let entry = self.next()?;
        if entry.kind == kind {
            return Ok(entry);
        }
        self.offset = at;
        Err(self
            .malformed(format!("an entry of type {:#06x} where {name} ({kind:#06x}) should be", entry.kind)))
    }

    /// Where the next entry starts.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// Whether nothing is left.
    pub(crate) fn at_end(&self) -> bool {
        self.offset == self.bytes.len()
    }

    fn malformed(&self, problem: String) -> SourceError {
        SourceError::Format { place: FilePlace::byte(self.file, self.offset as u64), problem }
    }
}
