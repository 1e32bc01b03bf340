//! Call frames of any number and size within the memory that they are given.

use std::path::Path;

use alloy::primitives::{U256, keccak256};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt32Type;
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_schemas::rows::MOST_BYTES_IN_PLACE;
use blockmill_trace::{FrameMemory, RowSink, SinkError, TableRows, TraceError, trace_block};
use revm::bytecode::opcode;

use crate::assembler::{call_with_input, repeat};
use crate::replayed::{CODE_CACHE_BYTES, everything, no_frame_memory, seal};
use crate::scene::{OTHER, Scene, prague};

const MIB: usize = 1 << 20;

/// A loop of calls, all with the same input or each with the number of its round in the first word.
struct CallLoop {
    calls: u32,
    input_bytes: usize,
    numbered: bool,
}

impl CallLoop {
    fn scene(&self) -> Scene {
        let number = [opcode::DUP1, opcode::PUSH0, opcode::MSTORE];
        let call = call_with_input(OTHER, self.input_bytes);
        let body = if self.numbered { [&number[..], &call].concat() } else { call };
        Scene::new(prague(), &repeat(self.calls, &body))
    }

    /// The input of the row with this index; the root has none.
    fn input(&self, trace_index: u32) -> Vec<u8> {
        let Some(call) = trace_index.checked_sub(1) else { return Vec::new() };
        let mut input = vec![0; self.input_bytes];
        if self.numbered {
            input[..32].copy_from_slice(&U256::from(self.calls - call).to_be_bytes::<32>());
        }
        input
    }
}

/// Looks at the rows of a loop and drops them.
struct Checked<'a> {
    expected: &'a CallLoop,
    traces: u32,
    /// What one batch may take, buffers that have doubled and a row that is larger than the limit included.
    batch_bytes: usize,
}

impl RowSink for Checked<'_> {
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        assert!(batch.get_array_memory_size() <= self.batch_bytes, "{}", batch.get_array_memory_size());
        if dataset != Dataset::Traces {
            return Ok(());
        }
        let column = |name| batch.column_by_name(name).unwrap();
        let indices = column("trace_index").as_primitive::<UInt32Type>();
        let paths = column("trace_address").as_list::<i32>();
        let success = column("success").as_boolean();
        let hashes = column("input_hash").as_fixed_size_binary();
        for (row, input) in column("input").as_binary::<i32>().iter().enumerate() {
            let index = self.traces;
            assert_eq!(indices.value(row), index);
            let path = paths.value(row);
            assert_eq!(path.as_primitive::<UInt32Type>().values().first(), index.checked_sub(1).as_ref());
            assert!(success.value(row));
            let expected = self.expected.input(index);
            if expected.len() > MOST_BYTES_IN_PLACE {
                assert!(
                    input.is_none() && hashes.value(row) == keccak256(expected),
                    "the input of row {index}"
                );
            } else {
                assert!(input == Some(&expected), "the input of row {index}");
            }
            self.traces += 1;
        }
        Ok(())
    }
}

/// Traces a loop with so much memory for its frames.
fn check(expected: &CallLoop, limit_bytes: usize) {
    let scene = expected.scene();
    let mut witness = scene.witness();
    seal(&scene.spec, &mut witness, &scene);
    let folder = std::env::temp_dir();
    let mut rows = TableRows::new(&everything(false), 4 * MIB, FrameMemory { limit_bytes, folder });
    let batch_bytes = 2 * (4 * MIB + expected.input_bytes) + MIB;
    let mut sink = Checked { expected, traces: 0, batch_bytes };
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    for _ in 0..2 {
        sink.traces = 0;
        trace_block(&scene.spec, &witness, &codes, &scene, &mut rows, &mut sink).unwrap();
        rows.flush(&mut sink).unwrap();
        assert_eq!(sink.traces, expected.calls + 1);
        assert!(rows.most_frames_bytes() <= limit_bytes, "{} bytes", rows.most_frames_bytes());
    }
}

#[test]
fn a_loop_with_the_same_large_input_takes_one_of_it() {
    check(&CallLoop { calls: 1_500, input_bytes: MIB, numbered: false }, 4 * MIB);
}

#[test]
fn a_loop_with_ever_new_inputs_stays_within_its_memory() {
    check(&CallLoop { calls: 8_000, input_bytes: 10_000, numbered: true }, MIB);
    check(&CallLoop { calls: 300, input_bytes: MIB, numbered: true }, 4 * MIB);
}

#[test]
fn a_loop_with_many_calls_stays_within_its_memory() {
    check(&CallLoop { calls: 60_000, input_bytes: 36, numbered: true }, MIB);
}

#[test]
fn frames_that_can_wait_nowhere_are_an_error_that_says_where() {
    let scene = CallLoop { calls: 10, input_bytes: 100, numbered: true }.scene();
    let mut witness = scene.witness();
    seal(&scene.spec, &mut witness, &scene);
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let folder = Path::new("/nowhere/at/all");
    let memory = FrameMemory { folder: folder.to_path_buf(), ..no_frame_memory() };
    let mut rows = TableRows::new(&everything(false), usize::MAX, memory);
    let error = trace_block(&scene.spec, &witness, &codes, &scene, &mut rows, &mut Vec::new()).unwrap_err();
    assert!(matches!(&error, TraceError::Frames { block: 1, transaction: 0, folder: f, .. } if f == folder));
    assert!(error.to_string().contains("block 1, transaction 0") && !error.is_verification(), "{error}");
    assert_eq!(rows.rows(), 0);
}
