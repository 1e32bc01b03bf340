//! Instructions of real blocks: they fit the traces, and leave while the block runs.

use alloy::primitives::Address;
use arrow::array::RecordBatch;
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_trace::{FrameMemory, RowSink, SinkError, TableRows, TraceError, TraceOptions, trace_block};

use crate::mainnet_blocks::{MainnetBlock, blocks_from, mainnet};
use crate::replayed::{CODE_CACHE_BYTES, Replayed, steps_and_traces};
use crate::step_row::{Step, steps_of};
use crate::trace_row::Trace;

/// Bytes of rows that wait: less than a block has.
const LIMIT_BYTES: usize = 64 << 10;
/// Blocks with more instructions than this are left to others.
const MOST_GAS: u64 = 9_000_000;

/// Compares steps with the traces they name as they come, and keeps none.
struct Following {
    traces: Vec<Trace>,
    steps: u64,
    largest_batch: usize,
    last: Option<Step>,
}

impl RowSink for Following {
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        if dataset == Dataset::Opcodes {
            self.largest_batch = self.largest_batch.max(batch.get_array_memory_size());
            steps_of(&batch).into_iter().for_each(|step| self.follow(step));
        }
        Ok(())
    }
}

impl Following {
    fn follow(&mut self, step: Step) {
        let trace = &self.traces[step.trace_index as usize];
        assert_eq!(trace.trace_index, step.trace_index);
        assert_eq!(trace.transaction_index, Some(step.transaction_index));
        assert_eq!(step.depth as usize, trace.trace_address.len() + 1, "{step:?}");
        assert!(context(trace).is_none_or(|address| address == step.address), "{step:?} {trace:?}");
        let is_too_dear = step.gas_cost.is_some_and(|cost| cost > step.gas);
        assert!(!is_too_dear || step.error.as_deref() == Some("out of gas"), "{step:?}");
        assert!(self.last.as_ref().is_none_or(|last| goes_on(last, &step)), "{:?} {step:?}", self.last);
        let is_next =
            |last: &Step| (last.transaction_index, last.step + 1) == (step.transaction_index, step.step);
        assert!(step.step == 0 || self.last.as_ref().is_some_and(is_next), "{step:?}");
        self.steps += 1;
        self.last = Some(step);
    }
}

/// Whether the gas of a step is what the one before it in the same frame left.
fn goes_on(last: &Step, step: &Step) -> bool {
    let is_same = (last.transaction_index, last.trace_index) == (step.transaction_index, step.trace_index);
    let opens_frames = ["CALL", "CALLCODE", "DELEGATECALL", "STATICCALL", "CREATE", "CREATE2"];
    let is_next = is_same && last.step + 1 == step.step && !opens_frames.contains(&last.op.as_str());
    !is_next || Some(step.gas) == last.gas_cost.map(|cost| last.gas - cost)
}

/// The address in whose context a frame runs; `None` for a creation that failed, of which the trace does not say it.
fn context(trace: &Trace) -> Option<Address> {
    match trace.call_type.as_deref() {
        Some("delegatecall" | "callcode") => trace.from,
        Some(_) => trace.to,
        None => panic!("no code runs in {trace:?}"),
    }
}

fn small_blocks() -> impl Iterator<Item = MainnetBlock> {
    blocks_from(0).filter(|block| block.witness.block.header().gas_used < MOST_GAS)
}

#[test]
fn every_step_runs_in_the_frame_that_the_trace_of_its_number_describes() {
    let mut steps = 0;
    let mut blocks = 0;
    for block in small_blocks() {
        blocks += 1;
        for precompiles in [false, true] {
            let alone = TraceOptions { datasets: vec![Dataset::Traces], ..steps_and_traces(precompiles) };
            let traces = Replayed::with(&alone, &mainnet(), &block.witness, &block).unwrap().traces();
            let mut sink = Following { traces, steps: 0, largest_batch: 0, last: None };
            for datasets in [vec![Dataset::Opcodes], vec![Dataset::Traces, Dataset::Opcodes]] {
                let options = TraceOptions { datasets, precompiles, opcode_stack: false };
                let mut rows = TableRows::new(&options, LIMIT_BYTES, FrameMemory::unlimited());
                let codes = CodeCache::new(CODE_CACHE_BYTES);
                trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows, &mut sink).unwrap();
                rows.flush(&mut sink).unwrap();
            }
            assert!(sink.largest_batch < 4 * LIMIT_BYTES, "a batch of {} bytes", sink.largest_batch);
            steps += sink.steps;
        }
    }
    assert!(blocks == 0 || (blocks > 20 && steps > 1_000_000), "{blocks} blocks, {steps} steps");
}

/// All steps of a block, through builders of `limit_bytes`.
fn whole(block: &MainnetBlock, limit_bytes: usize) -> Vec<Step> {
    let mut rows = TableRows::new(&steps_and_traces(false), limit_bytes, FrameMemory::unlimited());
    let mut written: Vec<(Dataset, RecordBatch)> = Vec::new();
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let stats = trace_block(&mainnet(), &block.witness, &codes, block, &mut rows, &mut written).unwrap();
    assert!(rows.bytes() <= limit_bytes);
    rows.flush(&mut written).unwrap();
    assert_eq!(stats.rows, written.iter().map(|(_, batch)| batch.num_rows() as u64).sum::<u64>());
    let batches = written.iter().filter(|(dataset, _)| *dataset == Dataset::Opcodes);
    batches.flat_map(|(_, batch)| steps_of(batch)).collect()
}

#[test]
fn steps_do_not_depend_on_when_their_builder_is_full() {
    let has_code = |block: &MainnetBlock| block.witness.block.header().gas_used > 100_000;
    let Some(block) = small_blocks().find(has_code) else { return };
    let all = whole(&block, usize::MAX);
    assert!(all.len() > 100, "{} rows", all.len());
    for limit_bytes in [0, LIMIT_BYTES] {
        assert_eq!(whole(&block, limit_bytes), all, "builders of {limit_bytes} bytes");
    }
}

/// Takes a few batches, then no more.
struct Full(usize);

impl RowSink for Full {
    fn write(&mut self, _: Dataset, _: RecordBatch) -> Result<(), SinkError> {
        self.0 = self.0.checked_sub(1).ok_or("the disk is full")?;
        assert!(self.0 < usize::MAX);
        Ok(())
    }
}

#[test]
fn a_sink_that_fails_while_the_block_runs_is_not_asked_again_and_ends_it() {
    let Some(block) = blocks_from(19_932_703).next() else { return };
    let mut rows = TableRows::new(&steps_and_traces(false), LIMIT_BYTES, FrameMemory::unlimited());
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let error = trace_block(&mainnet(), &block.witness, &codes, &block, &mut rows, &mut Full(3)).unwrap_err();
    assert!(matches!(error, TraceError::Sink { block: 19_932_703, .. }), "{error}");
    assert!(error.to_string().ends_with("the disk is full") && !error.is_verification());
    assert!(rows.bytes() <= LIMIT_BYTES, "nothing is kept once the sink has failed");
}
