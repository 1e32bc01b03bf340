//! Rows out of real blocks, as the trace stage takes them.

use std::error::Error;

use arrow::record_batch::RecordBatch;
use blockmill_chain::BlockRange;
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, Unit, UnitWriter};
use blockmill_trace::{FrameMemory, RowSink, SinkError, TableRows, TraceOptions, trace_block};

use crate::RealBlocks;

/// What a worker of the trace stage has with a budget of some gigabytes.
const ROWS_BYTES: usize = 32 << 20;
const SEGMENT_BYTES: usize = 64 << 20;

/// Takes the rows of some datasets out of the real blocks.
pub struct Extraction<'a> {
    blocks: &'a RealBlocks,
    codes: &'a CodeCache,
    options: TraceOptions,
}

/// Takes batches and drops them.
struct Dropped;

impl RowSink for Dropped {
    fn write(&mut self, _: Dataset, _: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Writes batches into a unit.
struct Segments(UnitWriter);

impl RowSink for Segments {
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        Ok(self.0.write(dataset, &batch)?)
    }
}

impl<'a> Extraction<'a> {
    /// An extraction of these datasets, with a cache of code that may be shared.
    pub fn new(blocks: &'a RealBlocks, codes: &'a CodeCache, datasets: Vec<Dataset>) -> Self {
        let options = TraceOptions { datasets, precompiles: false, opcode_stack: false };
        Self { blocks, codes, options }
    }

    /// Rows as record batches, each dropped when it is full; returns how many there were.
    ///
    /// # Errors
    /// A block that does not verify.
    pub fn into_memory(&self) -> Result<u64, Box<dyn Error>> {
        self.run(&mut Dropped)
    }

    /// Rows as record batches, all kept.
    ///
    /// # Errors
    /// A block that does not verify.
    pub fn batches(&self) -> Result<Vec<(Dataset, RecordBatch)>, Box<dyn Error>> {
        let mut batches = Vec::new();
        self.run(&mut batches)?;
        Ok(batches)
    }

    /// Rows as a sealed unit of this range.
    ///
    /// # Errors
    /// A block that does not verify, a disk that cannot be written.
    pub fn into_spill(&self, spill: &SpillDir, range: BlockRange) -> Result<Unit, Box<dyn Error>> {
        let mut sink = Segments(self.writer(spill, range)?);
        self.run(&mut sink)?;
        Ok(sink.0.seal()?)
    }

    /// Rows that were taken before as a sealed unit of this range.
    ///
    /// # Errors
    /// A disk that cannot be written.
    pub fn encode(
        &self,
        batches: &[(Dataset, RecordBatch)],
        spill: &SpillDir,
        range: BlockRange,
    ) -> Result<Unit, Box<dyn Error>> {
        let mut writer = self.writer(spill, range)?;
        batches.iter().try_for_each(|(dataset, batch)| writer.write(*dataset, batch))?;
        Ok(writer.seal()?)
    }

    fn writer(&self, spill: &SpillDir, range: BlockRange) -> Result<UnitWriter, Box<dyn Error>> {
        Ok(UnitWriter::create(spill, range, &self.options.datasets, SEGMENT_BYTES)?)
    }

    fn run(&self, sink: &mut dyn RowSink) -> Result<u64, Box<dyn Error>> {
        let mut rows = TableRows::new(&self.options, ROWS_BYTES, FrameMemory::unlimited());
        for witness in &self.blocks.witnesses {
            trace_block(&self.blocks.spec, witness, self.codes, self.blocks, &mut rows, sink)?;
        }
        rows.flush(sink).map_err(|error| error.to_string())?;
        Ok(rows.rows())
    }
}
