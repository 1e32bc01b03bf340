//! Rows of `opcodes` on their way from the EVM's hooks to the sink.

use blockmill_schemas::Dataset;
use blockmill_schemas::rows::{OpcodeRow, OpcodeRows, RowBatch};

use crate::sink::{RowSink, SinkError};

/// A builder and where it is emptied to. Hooks cannot fail, so the first error waits here.
pub(crate) struct StepStream<'a> {
    rows: &'a mut OpcodeRows,
    sink: &'a mut dyn RowSink,
    limit_bytes: usize,
    written_rows: u64,
    failure: Option<SinkError>,
}

impl<'a> StepStream<'a> {
    /// Adds to `rows`, which go to `sink` whenever they are over `limit_bytes`.
    pub(crate) fn new(rows: &'a mut OpcodeRows, sink: &'a mut dyn RowSink, limit_bytes: usize) -> Self {
        Self { rows, sink, limit_bytes, written_rows: 0, failure: None }
    }

    /// Adds a row; drops it where the sink has failed before.
    #[inline]
    pub(super) fn push(&mut self, row: &OpcodeRow<'_>) {
        self.rows.push(row);
        if self.rows.bytes() > self.limit_bytes {
            self.hand_over();
        }
    }

    /// Rows that went to the sink, or why it did not take them.
    pub(super) fn finish(self) -> Result<u64, SinkError> {
        match self.failure {
            None => Ok(self.written_rows),
            Some(failure) => Err(failure),
        }
    }

    #[cold]
    #[inline(never)]
    fn hand_over(&mut self) {
        let rows = self.rows.rows() as u64;
        let batch = self.rows.finish();
        if self.failure.is_some() {
            return;
        }
        let written =
            batch.map_err(SinkError::from).and_then(|batch| self.sink.write(Dataset::Opcodes, batch));
        match written {
            Ok(()) => self.written_rows += rows,
            Err(failure) => self.failure = Some(failure),
        }
    }
}
