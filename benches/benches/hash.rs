//! Hashing on one core, over the 46 real blocks: alloy's way, one hash after the other, and ours, four at a time where the
//! processor has AVX2. Transactions by themselves, transactions roots, and slots of a state, which are short.

use alloy::consensus::proofs::calculate_transaction_root;
use alloy::eips::Encodable2718;
use alloy::primitives::{B256, keccak256};
use blockmill_benches::{Amount, Comparison, RealBlocks};
use blockmill_chain::Transaction;
use blockmill_hash::{keccak256_each, ordered_root};
use criterion::{Criterion, criterion_group, criterion_main};

fn compare(
    criterion: &mut Criterion,
    group: &'static str,
    amount: Amount,
    alloy: impl Fn() -> Vec<B256>,
    ours: impl Fn() -> Vec<B256>,
) {
    assert_eq!(alloy(), ours(), "{group}");
    Comparison::new(group).lane("alloy", amount, alloy).lane("ours", amount, ours).run(criterion).print();
}

fn one_by_one(inputs: &[&[u8]]) -> Vec<B256> {
    inputs.iter().map(keccak256).collect()
}

fn hash(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let bodies: Vec<&[Transaction]> =
        blocks.witnesses.iter().map(|witness| &*witness.block.block.body.transactions).collect();
    let encoded: Vec<_> = bodies.iter().copied().flatten().map(Encodable2718::encoded_2718).collect();
    let encoded: Vec<_> = encoded.iter().map(Vec::as_slice).collect();
    let amount = Amount::Of(encoded.len() as u64, "transactions");
    compare(criterion, "transactions", amount, || one_by_one(&encoded), || keccak256_each(&encoded));
    let roots = || bodies.iter().map(|body| calculate_transaction_root(body)).collect();
    let ours = || bodies.iter().map(|body| ordered_root(body, Encodable2718::encode_2718)).collect();
    compare(criterion, "transactions_roots", amount, roots, ours);
    let accounts = blocks.witnesses.iter().flat_map(|witness| &witness.reads.accounts);
    let slots: Vec<[u8; 32]> =
        accounts.flat_map(|account| account.storage.iter().map(|(slot, _)| slot.to_be_bytes())).collect();
    let slots: Vec<_> = slots.iter().map(<[u8; 32]>::as_slice).collect();
    let amount = Amount::Of(slots.len() as u64, "slots");
    compare(criterion, "slots", amount, || one_by_one(&slots), || keccak256_each(&slots));
}

criterion_group!(benches, hash);
criterion_main!(benches);
