//! The counts of real blocks agree with the rows that the trace stage takes out of them.

use blockmill_benches::{BlockMix, RealBlocks};
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_trace::{FrameMemory, TableRows, TraceOptions, WitnessState, trace_block};
use revm::bytecode::opcode::SELFDESTRUCT;

const CODE_CACHE_BYTES: usize = 1 << 30;

fn mix(blocks: &RealBlocks) -> BlockMix {
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let mut mix = BlockMix::default();
    for witness in &blocks.witnesses {
        let before = WitnessState::new(&witness.reads, blocks);
        mix.add(&blocks.spec, &witness.block, before, &codes).expect("the vectors are valid");
    }
    mix
}

fn rows(blocks: &RealBlocks, dataset: Dataset) -> u64 {
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let options = TraceOptions { datasets: vec![dataset], precompiles: true, opcode_stack: false };
    let mut rows = TableRows::new(&options, usize::MAX, FrameMemory::unlimited());
    let mut written = Vec::new();
    for witness in &blocks.witnesses {
        trace_block(&blocks.spec, witness, &codes, blocks, &mut rows, &mut written)
            .expect("the vectors are valid");
    }
    rows.flush(&mut written).expect("the sink takes everything");
    // Besides, there are the payloads that are too long for them.
    let batches = written.iter().filter(|(of, _)| *of == dataset);
    batches.map(|(_, batch)| batch.num_rows() as u64).sum()
}

#[test]
fn counts_of_real_blocks_are_those_of_their_rows() {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let mix = mix(&blocks);
    let (bodies, execution) = (mix.bodies(), mix.execution());
    assert_eq!((bodies.blocks, bodies.transactions, bodies.gas), (46, 11_521, blocks.gas()));
    assert_eq!(bodies.by_type.iter().sum::<u64>(), bodies.transactions);
    assert_eq!(execution.logs_by_topics.iter().sum::<u64>(), rows(&blocks, Dataset::Logs));
    let headers = blocks.witnesses.iter().map(|witness| &witness.block);
    let rewarded =
        headers.filter(|block| !block.header().difficulty.is_zero() && block.knows_ommers()).count();
    let precompiles: u64 = execution.precompiles.iter().sum();
    let counted = execution.frames + precompiles + execution.opcodes.of(SELFDESTRUCT) + rewarded as u64;
    assert_eq!(counted, rows(&blocks, Dataset::Traces));
}
