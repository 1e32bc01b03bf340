//! Witnesses on their way through `trace_block`, and the batches that come out.

use alloy::consensus::TxReceipt;
use alloy::consensus::proofs::calculate_receipt_root;
use alloy::primitives::Bloom;
use arrow::array::AsArray;
use arrow::datatypes::UInt64Type;
use arrow::record_batch::RecordBatch;
use blockmill_chain::{ChainSpec, CodeSource, Witness};
use blockmill_execute::{BlockState, CodeCache, Executed, NoObserver, execute_block};
use blockmill_schemas::Dataset;
use blockmill_trace::{FrameMemory, TableRows, TraceError, TraceOptions, WitnessState, trace_block};

use crate::step_row::{Step, steps_of};
use crate::trace_row::{Payloads, Trace, payloads_of, traces_of};

/// Room for the code of any one test.
pub(crate) const CODE_CACHE_BYTES: usize = 64 << 20;

/// All datasets but the instructions, which are too many to hold those of a large block.
pub(crate) fn everything(precompiles: bool) -> TraceOptions {
    let datasets = Dataset::ALL.into_iter().filter(|dataset| *dataset != Dataset::Opcodes).collect();
    TraceOptions { datasets, precompiles, opcode_stack: false }
}

/// Instructions with the stack, and the traces that they refer to.
pub(crate) fn steps_and_traces(precompiles: bool) -> TraceOptions {
    let datasets = vec![Dataset::Traces, Dataset::Opcodes];
    TraceOptions { datasets, precompiles, opcode_stack: true }
}

/// All call frames in temporary files.
pub(crate) fn no_frame_memory() -> FrameMemory {
    FrameMemory { limit_bytes: 0, folder: std::env::temp_dir() }
}

/// The rows of one block, which are the same whether call frames wait in memory or in files.
pub(crate) struct Replayed(Vec<(Dataset, RecordBatch)>);

impl Replayed {
    pub(crate) fn of<C: CodeSource>(
        spec: &ChainSpec,
        witness: &Witness,
        codes: &C,
        precompiles: bool,
    ) -> Result<Self, TraceError> {
        Self::with(&everything(precompiles), spec, witness, codes)
    }

    /// The rows that `options` ask for.
    pub(crate) fn with<C: CodeSource>(
        options: &TraceOptions,
        spec: &ChainSpec,
        witness: &Witness,
        codes: &C,
    ) -> Result<Self, TraceError> {
        let [in_memory, in_files] = [FrameMemory::unlimited(), no_frame_memory()].map(|frames| {
            let mut rows = TableRows::new(options, usize::MAX, frames);
            let mut written = Vec::new();
            let cache = CodeCache::new(CODE_CACHE_BYTES);
            let stats = trace_block(spec, witness, &cache, codes, &mut rows, &mut written)?;
            assert_eq!(stats.rows, rows.rows());
            rows.flush(&mut written).unwrap();
            Ok::<_, TraceError>(written)
        });
        let (in_memory, in_files) = (in_memory?, in_files?);
        assert!(in_memory == in_files, "rows depend on where frames wait");
        Ok(Self(in_memory))
    }

    pub(crate) fn batch(&self, dataset: Dataset) -> Option<&RecordBatch> {
        self.0.iter().find(|(of, _)| *of == dataset).map(|(_, batch)| batch)
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        let batches = self.0.iter().filter(|(of, _)| *of == Dataset::Opcodes);
        batches.flat_map(|(_, batch)| steps_of(batch)).collect()
    }

    pub(crate) fn traces(&self) -> Vec<Trace> {
        let payloads = self.payloads();
        self.batch(Dataset::Traces).map(|batch| traces_of(batch, &payloads)).unwrap_or_default()
    }

    /// Byte strings that are too long for their rows.
    pub(crate) fn payloads(&self) -> Payloads {
        payloads_of(self.0.iter().filter(|(of, _)| *of == Dataset::Payloads).map(|(_, batch)| batch))
    }

    /// A UBIGINT of the first transaction.
    pub(crate) fn transaction_number(&self, column: &str) -> u64 {
        let transactions = self.batch(Dataset::Transactions).unwrap();
        transactions.column_by_name(column).unwrap().as_primitive::<UInt64Type>().value(0)
    }
}

/// Fills in what the header of a made-up block says about its execution, so that it verifies.
pub(crate) fn seal<C: CodeSource>(spec: &ChainSpec, witness: &mut Witness, codes: &C) {
    let executed = execute(spec, witness, codes);
    let number = witness.block.number();
    let header = &mut witness.block.block.header;
    header.gas_used = executed.gas_used;
    header.logs_bloom = executed.receipts.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.bloom());
    if spec.is_byzantium(number) {
        header.receipts_root = calculate_receipt_root(&executed.receipts);
    }
    header.requests_hash =
        executed.requests.map(|requests| requests.requests_hash()).or(header.requests_hash);
    header.blob_gas_used = header.blob_gas_used.map(|_| executed.blob_gas_used);
}

fn execute<C: CodeSource>(spec: &ChainSpec, witness: &Witness, codes: &C) -> Executed {
    let cache = CodeCache::new(CODE_CACHE_BYTES);
    let reader = WitnessState::new(&witness.reads, codes);
    let delegations = spec.is_prague(witness.block.header().timestamp);
    let mut state = BlockState::new(reader, &cache, delegations);
    execute_block(spec, &witness.block, &mut state, &mut NoObserver {}, |_| Ok(())).unwrap()
}
