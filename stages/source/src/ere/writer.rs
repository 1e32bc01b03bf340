//! Writes ere files, section after section: nothing of a file is held but where its entries start.

use std::io::{self, Read, Write};

use alloy::consensus::Header;
use alloy::primitives::{B256, U256};
use blockmill_chain::{Receipt, Transaction};

use super::index::Component;
use super::receipts::SlimReceipt;
use crate::e2store::accumulator_root;
use crate::e2store::entry::kind;

/// A file that is being written. Its sections come in the order of the methods that write them, each with an entry for every
/// block; those after the bodies may be left out. The same blocks give the same bytes.
pub struct EreWriter<W> {
    out: W,
    start: u64,
    written: u64,
    /// The sections so far, each with where its entries start.
    sections: Vec<(Component, Vec<u64>)>,
}

/// An entry's data as it goes into a file.
pub struct PackedEntry(Vec<u8>);

impl PackedEntry {
    /// A header.
    pub fn header(header: &Header) -> io::Result<Self> {
        Self::snappy(&alloy_rlp::encode(header))
    }

    /// A body: transactions, ommers, withdrawals.
    pub fn body(body: &alloy::consensus::BlockBody<Transaction>) -> io::Result<Self> {
        Self::snappy(&alloy_rlp::encode(body))
    }

    /// The receipts of a block, without their blooms.
    pub fn receipts(receipts: &[Receipt]) -> io::Result<Self> {
        let slim: Vec<_> = receipts.iter().map(SlimReceipt::from).collect();
        Self::snappy(&alloy_rlp::encode(&slim))
    }

    fn snappy(data: &[u8]) -> io::Result<Self> {
        let mut packed = Vec::new();
        snap::read::FrameEncoder::new(data).read_to_end(&mut packed)?;
        Ok(Self(packed))
    }
}

impl<W: Write> EreWriter<W> {
    /// A file whose first block is `start`.
    pub fn new(out: W, start: u64) -> io::Result<Self> {
        let mut writer = Self { out, start, written: 0, sections: Vec::new() };
        writer.append(kind::VERSION, &[])?;
        Ok(writer)
    }

    /// The header of the next block.
    pub fn header(&mut self, packed: &PackedEntry) -> io::Result<()> {
        self.component(Component::Header, &packed.0)
    }

    /// The body of the next block.
    pub fn body(&mut self, packed: &PackedEntry) -> io::Result<()> {
        self.component(Component::Body, &packed.0)
    }

    /// The receipts of the next block.
    pub fn receipts(&mut self, packed: &PackedEntry) -> io::Result<()> {
        self.component(Component::Receipts, &packed.0)
    }

    /// The total difficulty up to and with the next block.
    pub fn total_difficulty(&mut self, total: U256) -> io::Result<()> {
        self.component(Component::TotalDifficulty, &total.to_le_bytes::<32>())
    }

    /// Writes the accumulator over the blocks from before the merge, where there are any, and the index. `before_merge` has
    /// the hash and the total difficulty of each.
    pub fn finish(mut self, before_merge: &[(B256, U256)]) -> io::Result<W> {
        if !before_merge.is_empty() {
            self.append(kind::ACCUMULATOR, accumulator_root(before_merge).as_slice())?;
        }
        let blocks = self.sections.first().map_or(0, |(_, offsets)| offsets.len());
        if self.sections.iter().any(|(_, offsets)| offsets.len() != blocks) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a section lacks an entry of a block"));
        }
        let mut index = self.start.to_le_bytes().to_vec();
        for block in 0..blocks {
            for (_, offsets) in &self.sections {
                // Relative to the index, before which everything lies.
                index.extend(offsets[block].wrapping_sub(self.written).to_le_bytes());
            }
        }
        index.extend((self.sections.len() as u64).to_le_bytes());
        index.extend((blocks as u64).to_le_bytes());
        self.append(kind::DYNAMIC_BLOCK_INDEX, &index)?;
        Ok(self.out)
    }

    fn component(&mut self, component: Component, data: &[u8]) -> io::Result<()> {
        match self.sections.last_mut() {
            Some((last, offsets)) if *last == component => offsets.push(self.written),
            _ => self.sections.push((component, vec![self.written])),
        }
        self.append(component.kind(), data)
    }

    fn append(&mut self, kind: u16, data: &[u8]) -> io::Result<()> {
        let length = u32::try_from(data.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&[0, 0])?;
        self.out.write_all(data)?;
        self.written += (size_of_val(&kind) + size_of_val(&length) + 2 + data.len()) as u64;
        Ok(())
    }
}
