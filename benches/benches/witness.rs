//! Witnesses of the 46 real blocks: encoding and decoding, as bytes and as reads, beside executing the same blocks in the
//! bare loop; and how large they are.

#![expect(clippy::print_stdout, reason = "sizes are a result too")]

use blockmill_benches::{Amount, BareLoop, Comparison, Measured, RealBlocks};
use blockmill_chain::WitnessReads;
use criterion::{Criterion, criterion_group, criterion_main};

fn witness(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let bare = BareLoop::of_real(&blocks).expect("the vectors have all code");
    let reads: Vec<_> = blocks.witnesses.iter().map(|witness| &witness.reads).collect();
    let encoded: Vec<_> = reads.iter().map(|reads| reads.encode()).collect();
    let bytes = encoded.iter().map(Vec::len).sum::<usize>() as u64;
    let amount = Amount::Bytes(bytes);
    let measured = Comparison::new("witness")
        .lane("bare_loop", Amount::Gas(blocks.gas()), || bare.run())
        .lane("encode", amount, || reads.iter().map(|reads| reads.encode().len()).sum::<usize>())
        .lane("decode", amount, || encoded.iter().map(|bytes| entries(&decode(bytes))).sum::<u64>())
        .run(criterion);
    measured.print();
    print_sizes(&blocks, bytes);
    print_per_entry(&measured, reads.iter().map(|reads| entries(reads)).sum());
}

fn decode(bytes: &[u8]) -> WitnessReads {
    WitnessReads::decode(bytes).expect("it was encoded here")
}

/// Accounts, slots and block hashes.
fn entries(reads: &WitnessReads) -> u64 {
    let slots: usize = reads.accounts.iter().map(|account| account.storage.len()).sum();
    (reads.accounts.len() + slots + reads.block_hashes.len()) as u64
}

fn print_sizes(blocks: &RealBlocks, bytes: u64) {
    let (count, mgas) = (blocks.witnesses.len() as f64, blocks.gas() as f64 / 1e6);
    let bodies: usize = blocks.witnesses.iter().map(|witness| witness.block.rlp_bytes()).sum();
    println!(
        "  {bytes} bytes: {:.0} per block, {:.0} per Mgas, {:.2} of the blocks' RLP",
        bytes as f64 / count,
        bytes as f64 / mgas,
        bytes as f64 / bodies as f64
    );
}

fn print_per_entry(measured: &Measured, entries: u64) {
    let Some(bare) = measured.time("bare_loop") else { return };
    println!("  {entries} accounts, slots and block hashes");
    for name in ["encode", "decode"] {
        let Some(time) = measured.time(name).map(|time| time.as_secs_f64()) else { continue };
        let (each, share) = (time * 1e9 / entries as f64, 100.0 * time / bare.as_secs_f64());
        println!("  {name}: {each:.1} ns for each, {share:.2} % of the bare loop's time");
    }
}

criterion_group!(benches, witness);
criterion_main!(benches);
