//! Rows do not depend on when they are drained, and a block that does not verify gives none.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::error::ArrowError;
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_trace::{TableRows, TraceOptions, trace_block};

use crate::mainnet_blocks::{MainnetBlock, blocks_from, mainnet};
use crate::replayed::{CODE_CACHE_BYTES, batches, everything};

/// All tables of the blocks, drained whenever they hold `threshold_bytes`.
fn tables(blocks: &[MainnetBlock], threshold_bytes: usize) -> Vec<RecordBatch> {
    let mut rows = TableRows::new(&everything(false));
    let mut drained: Vec<(Dataset, RecordBatch)> = Vec::new();
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    for block in blocks {
        trace_block(&mainnet(), &block.witness, &codes, block, &mut rows).unwrap();
        if rows.bytes() >= threshold_bytes {
            drained.extend(batches(&mut rows));
            assert_eq!((rows.bytes(), rows.rows()), (0, 0));
        }
    }
    drained.extend(batches(&mut rows));
    let of = |wanted: Dataset| drained.iter().filter(move |(dataset, _)| *dataset == wanted);
    let whole = |dataset: Dataset| {
        concat_batches(&dataset.arrow_schema(), of(dataset).map(|(_, batch)| batch)).unwrap()
    };
    Dataset::ALL.into_iter().map(whole).collect()
}

#[test]
fn tables_do_not_depend_on_when_rows_are_drained() {
    let blocks: Vec<_> = blocks_from(19_900_000).collect();
    let whole = tables(&blocks, usize::MAX);
    for threshold_bytes in [0, 1 << 20] {
        assert_eq!(tables(&blocks, threshold_bytes), whole, "drained at {threshold_bytes} bytes");
    }
}

#[test]
fn a_block_that_does_not_verify_leaves_no_rows() {
    let Some(mut block) = blocks_from(19_932_703).next() else { return };
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let mut rows = TableRows::new(&everything(false));
    trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows).unwrap();
    let before = (rows.rows(), rows.bytes());
    block.witness.block.block.header.gas_used += 1;
    let error = trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows).unwrap_err();
    assert!(error.is_verification(), "{error}");
    assert_eq!((rows.rows(), rows.bytes()), before);
}

#[test]
fn only_chosen_datasets_have_rows_and_the_others_are_the_same_without_traces() {
    let Some(block) = blocks_from(19_932_703).next() else { return };
    let traced = |datasets: &[Dataset]| {
        let mut rows = TableRows::new(&TraceOptions { datasets: datasets.to_vec(), precompiles: false });
        let codes = CodeCache::new(CODE_CACHE_BYTES);
        trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows).unwrap();
        batches(&mut rows)
    };
    let without = traced(&[Dataset::Logs, Dataset::Transactions]);
    assert_eq!(without.iter().map(|(d, _)| *d).collect::<Vec<_>>(), [Dataset::Transactions, Dataset::Logs]);
    let with = traced(&Dataset::ALL);
    assert!(without.iter().all(|batch| with.contains(batch)));
}

#[test]
fn a_sink_that_fails_ends_the_draining() {
    let Some(block) = blocks_from(19_932_703).next() else { return };
    let mut rows = TableRows::new(&everything(false));
    trace_block(&mainnet(), &block.witness, &CodeCache::new(CODE_CACHE_BYTES), &block, &mut rows).unwrap();
    let refused = rows.drain(|_, _| Err(ArrowError::ComputeError("full".into())));
    assert!(refused.is_err());
}
