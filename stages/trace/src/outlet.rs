//! What a table is filled beside: the other tables, and the sink that takes what is too much.

use blockmill_schemas::rows::RowBatch;

use crate::error::TraceError;
use crate::extractors::Table;
use crate::sink::{RowSink, SinkError};

/// Where rows go while those of one table are added.
pub(crate) struct Outlet<'a> {
    block: u64,
    /// All tables but the one that is being filled.
    others: [&'a mut [Box<dyn Table>]; 2],
    other_bytes: usize,
    limit_bytes: usize,
    sink: &'a mut dyn RowSink,
    written_rows: u64,
}

impl<'a> Outlet<'a> {
    /// For rows about `block`. All tables together may hold `limit_bytes` of values.
    pub(crate) fn new(
        block: u64,
        others: [&'a mut [Box<dyn Table>]; 2],
        limit_bytes: usize,
        sink: &'a mut dyn RowSink,
    ) -> Self {
        let other_bytes = bytes(&others);
        Self { block, others, other_bytes, limit_bytes, sink, written_rows: 0 }
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
            write(emptied, self.sink).map_err(|source| TraceError::Sink { block: self.block, source })?;
            self.other_bytes = bytes(&self.others);
        }
        Ok(())
    }

    /// Rows that the sink has taken.
    pub(crate) fn written_rows(&self) -> u64 {
        self.written_rows
    }
}

fn bytes(tables: &[&mut [Box<dyn Table>]; 2]) -> usize {
    tables.iter().flat_map(|tables| tables.iter()).map(|table| table.batch().bytes()).sum()
}

/// Hands the rows of a builder to the sink, if there are any.
pub(crate) fn write(batch: &mut dyn RowBatch, sink: &mut dyn RowSink) -> Result<(), SinkError> {
    if batch.rows() == 0 {
        return Ok(());
    }
    sink.write(batch.dataset(), batch.finish()?)
}
