//! Instructions that pure code takes, counted by callgrind: unlike time they are the same on a busy machine, so that one
//! in a hundred more shows. `scripts/bench_compare.sh` compares two commits by them.
#![expect(missing_docs, unused_qualifications, reason = "of what gungraun's macros write")]

mod input;

use std::hint::black_box;

use alloy::primitives::Bytes;
use blockmill_benches::SmallChain;
use blockmill_chain::{Ancestry, Block, RecoveredBlock, Witness, WitnessReads};
use blockmill_execute::Executed;
use blockmill_source::{ReadLimit, SourcedBlock, decode_block};
use blockmill_trace::{TableRows, trace_block};
use gungraun::{LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use input::{Archive, Replay, Tracing};

// Each takes its input and gives it back, so that neither making nor dropping it is counted.

/// How often the quick ones do their work: the allocator's part, which depends on what was allocated before, differs by some
/// ten thousand instructions between two runs.
const REPEATED: usize = 20;

fn repeated<T>(work: impl Fn() -> Vec<T>) -> Vec<Vec<T>> {
    (0..REPEATED).map(|_| work()).collect()
}

#[library_benchmark]
#[bench::rlp(input::chain())]
fn decode(chain: SmallChain) -> (SmallChain, Vec<Vec<Block>>) {
    let decode = |rlp: &Bytes| alloy_rlp::decode_exact(black_box(rlp)).expect("the chain is valid");
    let blocks = repeated(|| chain.rlp.iter().map(decode).collect());
    (chain, blocks)
}

#[library_benchmark]
#[bench::rlp(input::chain())]
fn decode_and_check(chain: SmallChain) -> (SmallChain, Vec<RecoveredBlock>) {
    let decode = |rlp: &Bytes| {
        decode_block(black_box(rlp), &chain.spec, "chain".as_ref()).expect("the chain is valid")
    };
    let blocks = chain.rlp.iter().map(decode).collect();
    (chain, blocks)
}

#[library_benchmark]
#[bench::era1(input::archive())]
fn unpack_and_check(mut archive: Archive) -> (Archive, Vec<SourcedBlock>) {
    let limit = ReadLimit { blocks: 500, bytes: usize::MAX };
    let read = archive.source.as_mut().map(|source| source.read(0, &Ancestry::unknown(), black_box(limit)));
    let blocks = read.transpose().expect("the archive is valid").unwrap_or_default();
    (archive, blocks)
}

#[library_benchmark]
#[bench::all(input::chain())]
fn encode_witness(chain: SmallChain) -> (SmallChain, Vec<Vec<Vec<u8>>>) {
    let encode = |witness: &Witness| black_box(&witness.reads).encode();
    let encoded = repeated(|| chain.witnesses.iter().map(encode).collect());
    (chain, encoded)
}

#[library_benchmark]
#[bench::all(input::encoded())]
fn decode_witness(encoded: Vec<Vec<u8>>) -> (Vec<Vec<u8>>, Vec<Vec<WitnessReads>>) {
    let decode = |bytes: &Vec<u8>| WitnessReads::decode(black_box(bytes)).expect("it was encoded just now");
    let decoded = repeated(|| encoded.iter().map(decode).collect());
    (encoded, decoded)
}

#[library_benchmark]
#[bench::warm(input::replay())]
fn execute(replay: Replay) -> (Replay, Vec<Executed>) {
    let executed = black_box(&replay).run();
    (replay, executed)
}

#[library_benchmark]
#[bench::default(input::tracing("default"))]
#[bench::opcodes(input::tracing("opcodes"))]
fn extract(mut tracing: Tracing) -> (Tracing, u64) {
    let Tracing { replay, rows } = &mut tracing;
    for witness in &replay.chain.witnesses {
        trace_block(
            &replay.chain.spec,
            black_box(witness),
            &replay.codes,
            &replay.chain,
            rows,
            &mut Vec::new(),
        )
        .expect("the chain is valid");
    }
    let count = TableRows::rows(rows);
    (tracing, count)
}

library_benchmark_group!(name = source, benchmarks = [decode, decode_and_check, unpack_and_check]);
library_benchmark_group!(name = witness, benchmarks = [encode_witness, decode_witness]);
library_benchmark_group!(name = replay, benchmarks = [execute, extract]);

/// Memory is given back to the kernel by the clock, which runs differently every time; so it is not given back.
fn config() -> LibraryBenchmarkConfig {
    let never = "dirty_decay_ms:-1,muzzy_decay_ms:-1";
    LibraryBenchmarkConfig::default().envs([("MALLOC_CONF", never), ("_RJEM_MALLOC_CONF", never)]).clone()
}

main!(config = config(), setup = input::make(), library_benchmark_groups = [source, witness, replay]);
