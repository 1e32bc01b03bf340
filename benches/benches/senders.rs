//! Senders of the transactions of the 46 real blocks, on one core: the library's own recovery of a public key, with
//! messages and signatures prepared, and ours, which hashes the transaction first and the key after.

use std::error::Error;
use std::path::Path;

use blockmill_benches::{Amount, Comparison, RealBlocks};
use blockmill_source::recover_senders;
use criterion::{Criterion, criterion_group, criterion_main};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, SECP256K1};

/// What the library wants of a transaction.
type Signed = (Message, RecoverableSignature);

fn signed(blocks: &RealBlocks) -> Result<Vec<Signed>, Box<dyn Error>> {
    let transactions = blocks.witnesses.iter().flat_map(|witness| &witness.block.block.body.transactions);
    let parts = transactions.map(|transaction| {
        let signature = transaction.signature();
        let recovery = RecoveryId::try_from(i32::from(signature.v()))?;
        let compact = &signature.as_bytes()[..64];
        let message = Message::from_digest(transaction.signature_hash().0);
        Ok((message, RecoverableSignature::from_compact(compact, recovery)?))
    });
    parts.collect()
}

fn bare(signed: &[Signed]) -> usize {
    signed.iter().filter(|(message, signature)| SECP256K1.recover_ecdsa(message, signature).is_ok()).count()
}

fn ours(blocks: &RealBlocks) -> usize {
    let senders = |witness: &blockmill_chain::Witness| {
        recover_senders(&witness.block.block, &blocks.spec, Path::new("a block"))
    };
    blocks.witnesses.iter().map(|witness| senders(witness).expect("the vectors are valid").len()).sum()
}

fn senders(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let signed = signed(&blocks).expect("the vectors are valid");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("threads start");
    let amount = Amount::Of(signed.len() as u64, "senders");
    Comparison::new("senders")
        .lane("secp256k1", amount, || bare(&signed))
        .lane("recover_senders", amount, || pool.install(|| ours(&blocks)))
        .run(criterion)
        .print();
}

criterion_group!(benches, senders);
criterion_main!(benches);
