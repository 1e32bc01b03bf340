//! Rows do not depend on when they are handed out, and a block that does not verify gives none.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_trace::{FrameMemory, RowSink, SinkError, TableRows, TraceError, TraceOptions, trace_block};

use crate::mainnet_blocks::{MainnetBlock, blocks_from, mainnet};
use crate::replayed::{CODE_CACHE_BYTES, everything};

/// All tables of the blocks, whose builders hold `limit_bytes` at most.
fn tables(blocks: &[MainnetBlock], limit_bytes: usize) -> Vec<RecordBatch> {
    let mut rows = TableRows::new(&everything(false), limit_bytes, FrameMemory::unlimited());
    let mut written: Vec<(Dataset, RecordBatch)> = Vec::new();
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    for block in blocks {
        trace_block(&mainnet(), &block.witness, &codes, block, &mut rows, &mut written).unwrap();
        assert!(rows.bytes() <= limit_bytes);
    }
    rows.flush(&mut written).unwrap();
    assert_eq!(rows.rows(), written.iter().map(|(_, batch)| batch.num_rows() as u64).sum::<u64>());
    let of = |wanted: Dataset| written.iter().filter(move |(dataset, _)| *dataset == wanted);
    let whole = |dataset: Dataset| {
        concat_batches(&dataset.arrow_schema(), of(dataset).map(|(_, batch)| batch)).unwrap()
    };
    everything(false).datasets.into_iter().map(whole).collect()
}

#[test]
fn tables_do_not_depend_on_when_builders_are_full() {
    let blocks: Vec<_> = blocks_from(19_900_000).collect();
    let whole = tables(&blocks, usize::MAX);
    for limit_bytes in [0, 1 << 20] {
        assert_eq!(tables(&blocks, limit_bytes), whole, "builders of {limit_bytes} bytes");
    }
}

#[test]
fn a_block_that_does_not_verify_leaves_no_rows() {
    let Some(mut block) = blocks_from(19_932_703).next() else { return };
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let mut rows = TableRows::new(&everything(false), usize::MAX, FrameMemory::unlimited());
    let mut written = Vec::new();
    trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows, &mut written).unwrap();
    let before = (rows.rows(), rows.bytes());
    block.witness.block.block.header.gas_used += 1;
    let error = trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows, &mut written).unwrap_err();
    assert!(error.is_verification(), "{error}");
    assert_eq!((rows.rows(), rows.bytes()), before);
}

#[test]
fn only_chosen_datasets_have_rows_and_the_others_are_the_same_without_traces() {
    let Some(block) = blocks_from(19_932_703).next() else { return };
    let traced = |datasets: &[Dataset]| {
        let options = TraceOptions { datasets: datasets.to_vec(), precompiles: false, opcode_stack: false };
        let mut rows = TableRows::new(&options, usize::MAX, FrameMemory::unlimited());
        let codes = CodeCache::new(CODE_CACHE_BYTES);
        let mut written = Vec::new();
        trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows, &mut written).unwrap();
        rows.flush(&mut written).unwrap();
        written
    };
    let without = traced(&[Dataset::Logs, Dataset::Transactions]);
    assert_eq!(without.iter().map(|(d, _)| *d).collect::<Vec<_>>(), [Dataset::Transactions, Dataset::Logs]);
    let with = traced(&Dataset::defaults().collect::<Vec<_>>());
    assert!(without.iter().all(|batch| with.contains(batch)));
}

/// A sink that takes nothing.
struct FullDisk;

impl RowSink for FullDisk {
    fn write(&mut self, _: Dataset, _: RecordBatch) -> Result<(), SinkError> {
        Err("the disk is full".into())
    }
}

#[test]
fn a_sink_that_fails_ends_the_block() {
    let Some(block) = blocks_from(19_932_703).next() else { return };
    let mut rows = TableRows::new(&everything(false), 1 << 10, FrameMemory::unlimited());
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let error =
        trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows, &mut FullDisk).unwrap_err();
    assert!(matches!(error, TraceError::Sink { block: 19_932_703, .. }), "{error}");
    assert!(error.to_string().ends_with("the disk is full") && !error.is_verification());
}
