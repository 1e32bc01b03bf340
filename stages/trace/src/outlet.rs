//! What a table is filled beside: the other tables, and the sink that takes what is too much.

use alloy::primitives::B256;
use blockmill_schemas::rows::{Payload, RowBatch};

use crate::error::TraceError;
use crate::extractors::Extractor;
use crate::frames::PayloadId;
use crate::payloads::Payloads;
use crate::sink::{RowSink, SinkError};

/// Where rows go while those of one table are added.
pub(crate) struct Outlet<'a> {
    block: u64,
    /// All tables but the one that is being filled.
    others: [&'a mut [Box<dyn Extractor>]; 2],
    other_bytes: usize,
    payloads: &'a mut Payloads,
    limit_bytes: usize,
    sink: &'a mut dyn RowSink,
    written_rows: u64,
}

impl<'a> Outlet<'a> {
    /// For rows about `block`. All tables together may hold `limit_bytes` of values.
    pub(crate) fn new(
        block: u64,
        others: [&'a mut [Box<dyn Extractor>]; 2],
        payloads: &'a mut Payloads,
        limit_bytes: usize,
        sink: &'a mut dyn RowSink,
    ) -> Self {
        let other_bytes = bytes(&others);
        Self { block, others, other_bytes, payloads, limit_bytes, sink, written_rows: 0 }
    }

    /// What a row says of a byte string.
    pub(crate) fn payload<'v>(&mut self, bytes: &'v [u8]) -> Result<Payload<'v>, TraceError> {
        self.payloads.put(bytes, self.sink).map_err(sink_error(self.block))
    }

    /// What a row says of a byte string of a call frame.
    pub(crate) fn frame_payload<'v>(
        &mut self,
        bytes: &'v [u8],
        id: PayloadId,
    ) -> Result<Payload<'v>, TraceError> {
        self.payloads.put_of_frame(bytes, id, self.sink).map_err(sink_error(self.block))
    }

    /// A byte string where it is short, for a row that has its keccak256 anyway.
    pub(crate) fn hashed_payload<'v>(
        &mut self,
        bytes: &'v [u8],
        hash: B256,
    ) -> Result<Option<&'v [u8]>, TraceError> {
        self.payloads.put_hashed(bytes, hash, self.sink).map_err(sink_error(self.block))
    }

    /// To be called after a row was added to `batch`: empties the fullest builders until the others are within the
    /// limit.
    pub(crate) fn keep_limit(&mut self, batch: &mut impl RowBatch) -> Result<(), TraceError> {
        while batch.bytes() + self.other_bytes > self.limit_bytes {
            let others = self.others.iter_mut().flat_map(|tables| tables.iter_mut());
            let fullest = others.max_by_key(|table| table.batch().bytes());
            let fuller = fullest.filter(|table| table.batch().bytes() > batch.bytes());
            let emptied: &mut dyn RowBatch = match fuller {
                Some(table) => table.batch_mut(),
                None => batch,
            };
            self.written_rows += emptied.rows() as u64;
            write(emptied, self.sink).map_err(sink_error(self.block))?;
            self.other_bytes = bytes(&self.others);
        }
        Ok(())
    }

    /// Rows that the sink has taken.
    pub(crate) fn written_rows(&self) -> u64 {
        self.written_rows
    }
}

fn sink_error(block: u64) -> impl FnOnce(SinkError) -> TraceError {
    move |source| TraceError::Sink { block, source }
}

fn bytes(tables: &[&mut [Box<dyn Extractor>]; 2]) -> usize {
    tables.iter().flat_map(|tables| tables.iter()).map(|table| table.batch().bytes()).sum()
}

/// Hands the rows of a builder to the sink, if there are any.
pub(crate) fn write(batch: &mut dyn RowBatch, sink: &mut dyn RowSink) -> Result<(), SinkError> {
    if batch.rows() == 0 {
        return Ok(());
    }
    sink.write(batch.dataset(), batch.finish()?)
}
