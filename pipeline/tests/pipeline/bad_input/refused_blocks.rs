//! Blocks that are well-formed but not valid: what their header promises is not what executing them gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use alloy::consensus::proofs::{calculate_ommers_root, calculate_transaction_root};
use alloy::consensus::{Header, SignableTransaction};
use alloy::primitives::{B256, Bloom, Signature, U256};
use alloy::rlp::{Decodable, Encodable};
use blockmill_chain::{Block, Transaction};
use blockmill_pipeline::{ExitCode, Settings};

use super::{assert_rebuilds, assert_refused, assert_refused_until_repaired};
use crate::harness::Workplace;

pub(crate) fn decode(mut export: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    while !export.is_empty() {
        blocks.push(Block::decode(&mut export).unwrap());
    }
    blocks
}

pub(crate) fn encode(blocks: &[Block]) -> Vec<u8> {
    let mut export = Vec::new();
    blocks.iter().for_each(|block| block.encode(&mut export));
    export
}

/// The chain up to a block, in a file of the workplace.
fn export(place: &Workplace, wanted: impl Fn(&Block) -> bool) -> Option<(Settings, Vec<Block>)> {
    let settings = place.chain("execution-apis")?;
    let whole = fs::read(&settings.sources[0]).unwrap();
    let mut blocks = decode(&whole);
    assert_eq!(encode(&blocks), whole);
    let last = blocks.iter().rposition(wanted).unwrap();
    blocks.truncate(last + 1);
    Some((Settings { sources: vec![place.path("chain.rlp")], ..settings }, blocks))
}

/// Rebuilds the chain without its last block, then with the last block altered, then with the right one.
#[track_caller]
fn assert_last_block_is_refused(
    wanted: impl Fn(&Block) -> bool,
    alter: impl FnOnce(&mut Block),
    words: &[&str],
) {
    let place = Workplace::new();
    let Some((settings, good)) = export(&place, wanted) else { return };
    let (last, before) = good.split_last().unwrap();
    let write = |path: &Path, last: &[Block]| fs::write(path, encode(&[before, last].concat())).unwrap();
    let path = &settings.sources[0];
    write(path, &[]);
    assert_rebuilds(&settings, last.header.number - 1);
    let tables_before = place.tables().contents();
    let mut bad = last.clone();
    alter(&mut bad);
    write(path, &[bad]);
    let named = format!("block {}", last.header.number);
    for _run in ["first", "again"] {
        assert_refused(&settings, ExitCode::NotVerified, &[words, &[&named]].concat());
        assert!(place.tables().contents() == tables_before, "the tables have changed");
    }
    write(path, std::slice::from_ref(last));
    assert_rebuilds(&settings, last.header.number);
}

#[track_caller]
fn assert_lie_is_refused(field: &str, lie: impl FnOnce(&mut Header)) {
    let said = format!("{field}: the header says ");
    let words = [said.as_str(), "execution gives ", "run again"];
    assert_last_block_is_refused(|_| true, |block| lie(&mut block.header), &words);
}

#[test]
fn a_header_that_lies_about_gas_is_refused() {
    assert_lie_is_refused("gas used", |header| header.gas_used += 1);
}

#[test]
fn a_header_that_lies_about_its_logs_is_refused() {
    assert_lie_is_refused("logs bloom", |header| header.logs_bloom = Bloom::repeat_byte(0x11));
}

#[test]
fn a_header_that_lies_about_its_receipts_is_refused() {
    assert_lie_is_refused("receipts root", |header| header.receipts_root.0[31] ^= 1);
}

#[test]
fn a_header_that_lies_about_the_state_is_refused() {
    assert_lie_is_refused("state root", |header| header.state_root.0[0] ^= 1);
}

#[test]
fn a_header_that_lies_about_requests_is_refused() {
    assert_lie_is_refused("requests hash", |header| header.requests_hash = Some(B256::ZERO));
}

/// A lie in the middle cuts the chain: the child names the true block as its parent.
#[test]
fn a_lie_in_the_middle_of_a_chain_is_found_at_the_next_block() {
    let place = Workplace::new();
    let Some((settings, good)) = export(&place, |_| true) else { return };
    let mut bad = good.clone();
    bad[29].header.gas_used += 1;
    let words = ["byte 41912, block 31", "the parent hash is 0x", "it should be 0x"];
    assert_refused_until_repaired(&settings, &encode(&bad), &encode(&good), &words, 54);
}

fn has_legacy_transaction(block: &Block) -> bool {
    block.body.transactions.iter().any(Transaction::is_legacy)
}

#[test]
fn a_block_that_breaks_a_rule_is_refused_before_it_is_stored() {
    let words = ["source: ", "chain.rlp, byte", "is not within a 1024th of", "no valid chain"];
    assert_last_block_is_refused(|_| true, |block| block.header.gas_limit = 1 << 40, &words);
    let words = ["the base fee is 6 wei, the parent asks for "];
    assert_last_block_is_refused(|_| true, |block| block.header.base_fee_per_gas = Some(6), &words);
    let words = ["the excess blob gas is 131072, the parent asks for "];
    assert_last_block_is_refused(|_| true, |block| block.header.excess_blob_gas = Some(131_072), &words);
}

#[test]
fn a_transaction_that_is_repeated_is_refused() {
    let repeat = |block: &mut Block| {
        let transactions = &mut block.body.transactions;
        transactions.push(transactions[0].clone());
        block.header.transactions_root = calculate_transaction_root(transactions);
    };
    assert_last_block_is_refused(
        has_legacy_transaction,
        repeat,
        &["transaction", "is invalid", "nonce", "run again"],
    );
}

#[test]
fn a_signature_that_no_key_has_made_is_refused() {
    let forge = |block: &mut Block| {
        let transactions = &mut block.body.transactions;
        let legacy = transactions.iter_mut().find_map(|t| match t {
            Transaction::Legacy(signed) => Some(signed),
            _ => None,
        });
        let legacy = legacy.unwrap();
        *legacy = legacy.tx().clone().into_signed(Signature::new(U256::MAX, U256::ONE, false));
        block.header.transactions_root = calculate_transaction_root(transactions);
    };
    let words = ["chain.rlp, byte", "transaction", "no sender can be recovered"];
    assert_last_block_is_refused(has_legacy_transaction, forge, &words);
}

/// The chain with another state root in block `at`, and descendants that name their altered parents.
fn with_another_root(blocks: &[Block], at: usize) -> Vec<Block> {
    let mut blocks = blocks.to_vec();
    let mut altered = BTreeMap::from([(blocks[at].header.hash_slow(), B256::ZERO)]);
    blocks[at].header.state_root.0[0] ^= 1;
    altered.values_mut().for_each(|hash| *hash = blocks[at].header.hash_slow());
    for block in &mut blocks[at + 1..] {
        let before = block.header.hash_slow();
        let ommers = block.body.ommers.iter_mut();
        for header in ommers.chain([&mut block.header]) {
            header.parent_hash = altered.get(&header.parent_hash).copied().unwrap_or(header.parent_hash);
        }
        block.header.ommers_hash = calculate_ommers_root(&block.body.ommers);
        altered.insert(before, block.header.hash_slow());
    }
    blocks
}

#[test]
fn a_wrong_root_amid_a_slice_is_pinned_to_its_block_on_one_thread_and_on_two() {
    for threads in [1, 2] {
        let place = Workplace::new();
        let Some((settings, good)) = export(&place, |_| true) else { return };
        let settings = Settings { threads, ..settings };
        fs::write(&settings.sources[0], encode(&with_another_root(&good, 29))).unwrap();
        let words = ["block 30 does not verify", "state root", "it changed 0x", "run again"];
        for _run in ["first", "again"] {
            assert_refused(&settings, ExitCode::NotVerified, &words);
            let store = place.store();
            assert_eq!(
                store.execute_checkpoint().unwrap(),
                Some(29),
                "what lies before is right, and written"
            );
        }
        fs::write(&settings.sources[0], encode(&good)).unwrap();
        assert_rebuilds(&settings, 54);
    }
}

#[test]
fn a_refused_block_is_forgotten_once_its_file_ends_before_it() {
    let place = Workplace::new();
    let Some((settings, good)) = export(&place, |_| true) else { return };
    let mut bad = good.clone();
    bad[53].header.state_root.0[0] ^= 1;
    fs::write(&settings.sources[0], encode(&bad)).unwrap();
    assert_refused(&settings, ExitCode::NotVerified, &["block 54", "state root"]);
    fs::write(&settings.sources[0], encode(&good[..53])).unwrap();
    assert_rebuilds(&settings, 53);
}
