//! Byte strings that are too long for their rows, in pieces.

use std::collections::HashSet;

use alloy::primitives::{B256, keccak256};
use blockmill_schemas::rows::{MOST_BYTES_IN_PLACE, Payload, PayloadRow, PayloadRows, RowBatch};

use crate::frames::PayloadId;
use crate::outlet;
use crate::sink::{RowSink, SinkError};

/// Takes the long byte strings of a block, each once.
#[derive(Debug, Default)]
pub(crate) struct Payloads {
    rows: PayloadRows,
    block: u64,
    /// The payloads of the block, by keccak256. An entry takes some 70 bytes, for a payload of more than
    /// 8,192 on disk.
    known: HashSet<B256>,
    /// What was asked for last by the call frames, inputs and outputs apart: loops call with the same megabyte.
    last: [Option<(PayloadId, B256)>; 2],
    limit_bytes: usize,
    written_rows: u64,
}

impl Payloads {
    /// Payloads of which pieces of `limit_bytes`, and one more, may wait for the sink.
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, ..Self::default() }
    }

    /// Begins a block, and forgets the one before.
    pub(crate) fn begin(&mut self, block: u64) {
        self.block = block;
        self.known = HashSet::new();
        self.last = [None; 2];
    }

    /// What a row says of a byte string; its pieces go to the sink.
    pub(crate) fn put<'v>(
        &mut self,
        bytes: &'v [u8],
        sink: &mut dyn RowSink,
    ) -> Result<Payload<'v>, SinkError> {
        if bytes.len() <= MOST_BYTES_IN_PLACE {
            return Ok(Payload::Short(bytes));
        }
        let hash = keccak256(bytes);
        self.put_long(bytes, hash, sink)?;
        Ok(Payload::Long(hash))
    }

    /// What a row says of a byte string of a call frame, which may be that of the frame before.
    pub(crate) fn put_of_frame<'v>(
        &mut self,
        bytes: &'v [u8],
        id: PayloadId,
        sink: &mut dyn RowSink,
    ) -> Result<Payload<'v>, SinkError> {
        if let Some((_, hash)) = self.last.iter().flatten().find(|(last, _)| *last == id) {
            return Ok(Payload::Long(*hash));
        }
        let payload = self.put(bytes, sink)?;
        if let Payload::Long(hash) = payload {
            self.last = [Some((id, hash)), self.last[0]];
        }
        Ok(payload)
    }

    /// The bytes, where they are short, of a row that has their keccak256 anyway.
    pub(crate) fn put_hashed<'v>(
        &mut self,
        bytes: &'v [u8],
        hash: B256,
        sink: &mut dyn RowSink,
    ) -> Result<Option<&'v [u8]>, SinkError> {
        if bytes.len() <= MOST_BYTES_IN_PLACE {
            return Ok(Some(bytes));
        }
        self.put_long(bytes, hash, sink)?;
        Ok(None)
    }

    fn put_long(&mut self, bytes: &[u8], hash: B256, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        if !self.known.insert(hash) {
            return Ok(());
        }
        for (index, piece) in bytes.chunks(MOST_BYTES_IN_PLACE).enumerate() {
            let (block_number, piece_index) = (self.block, index as u32);
            self.rows.push(&PayloadRow { block_number, payload_hash: hash, piece_index, piece });
            if self.rows.bytes() >= self.limit_bytes {
                self.flush(sink)?;
            }
        }
        Ok(())
    }

    /// The pieces that wait.
    pub(crate) fn batch(&self) -> &PayloadRows {
        &self.rows
    }

    /// Hands the pieces that wait to the sink.
    pub(crate) fn flush(&mut self, sink: &mut dyn RowSink) -> Result<(), SinkError> {
        self.written_rows += self.rows.rows() as u64;
        outlet::write(&mut self.rows, sink)
    }

    /// Pieces that the sink has taken.
    pub(crate) fn written_rows(&self) -> u64 {
        self.written_rows
    }
}
