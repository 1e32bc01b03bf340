//! Every public vector file is understood, and says of itself what its parser says of it.

use alloy::consensus::BlockHeader;
use alloy::primitives::keccak256;
use alloy::rlp::Decodable;
use blockmill_chain::{Block, Fork};
use blockmill_testkit::blockchain_tests::{self, BlockchainTest, PostState};
use blockmill_testkit::state_map::MapState;
use blockmill_testkit::{geth_tracers, headstate, rpc_io, vectors, witness_blocks};

#[test]
fn head_states_have_the_root_they_name_so_their_slots_are_plain() {
    let chains = [("execution-apis", 114), ("geth-ethtest", 194)];
    for (chain, accounts) in chains {
        let Some(path) = vectors::require(&format!("chains/{chain}/headstate.json.gz")) else { return };
        let head = headstate::read(&path).unwrap();
        assert_eq!(head.accounts.len(), accounts, "{chain}");
        let state = MapState::from_expected(&head.accounts);
        assert_eq!(state.state_root(), head.root, "{chain}");
        assert!(state.differences(&head.accounts).is_empty(), "{chain}");
    }
}

#[test]
fn every_io_file_is_read() {
    let Some(rpc) = vectors::require("chains/execution-apis/rpc") else { return };
    let files = rpc_io::all(&rpc).unwrap();
    assert_eq!(files.len(), 93);
    assert_eq!(files.iter().map(|file| file.exchanges.len()).sum::<usize>(), 94);
    assert_eq!(files.iter().filter(|file| file.speconly).count(), 8);
    for file in &files {
        let folder = file.path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        assert!(file.exchanges.iter().any(|exchange| exchange.method == folder), "{}", file.path.display());
    }
    assert_eq!(rpc_io::of_method(&rpc, "eth_getBalance").unwrap().len(), 4);
}

#[test]
fn every_tracer_test_is_a_block_with_its_state() {
    let Some(folder) = vectors::require("geth-tracers") else { return };
    let tests = geth_tracers::all(&folder).unwrap();
    assert_eq!(tests.len(), 42);
    for test in &tests {
        let path = test.path.display();
        let header = test.block.header();
        assert_eq!((test.block.senders.len(), test.block.block.body.transactions.len()), (1, 1), "{path}");
        let sender = test.reads.accounts.iter().find(|read| read.address == test.block.senders[0]);
        assert!(sender.is_some(), "{path}: the recovered sender is in the alloc");
        assert!(test.codes.iter().all(|(hash, code)| *hash == keccak256(code)), "{path}");
        let active = |fork| test.spec.is_active(fork, header.number, header.timestamp, header.difficulty);
        assert_eq!(active(Fork::London), header.base_fee_per_gas.is_some(), "{path}");
        assert_eq!(active(Fork::Cancun), header.excess_blob_gas.is_some(), "{path}");
        assert!(test.result.is_object() || test.result.is_array(), "{path}");
    }
}

#[test]
fn a_config_name_with_a_capital_counts_as_it_does_for_geth() {
    let Some(path) = vectors::require("geth-tracers/call_tracer/revert_reason.json.gz") else { return };
    let test = geth_tracers::read(&path).unwrap();
    let header = test.block.header();
    assert!(test.spec.is_active(Fork::Istanbul, header.number, header.timestamp, header.difficulty));
}

#[test]
fn a_blob_tracer_test_takes_its_excess_from_the_parent() {
    let Some(path) = vectors::require("geth-tracers/call_tracer/blob_tx.json.gz") else { return };
    let header = geth_tracers::read(&path).unwrap().block.header().clone();
    assert_eq!(header.excess_blob_gas(), Some(36_306_944 - 393_216));
    assert!(header.blob_gas_used().unwrap() > 0 && !header.mix_hash.is_zero());
}

#[test]
fn mainnet_blocks_are_listed_by_number() {
    let Some(folder) = vectors::require("mainnet-blocks") else { return };
    let files = witness_blocks::list(&folder).unwrap();
    assert_eq!(files.len(), 46);
    assert_eq!((files[0].number, files[45].number), (46_147, 19_934_116));
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    files: usize,
    tests: usize,
    blocks: usize,
    with_exception: usize,
    refused_without_reason: usize,
    with_post_hash_only: usize,
}

#[test]
fn every_blockchain_test_is_read_and_its_genesis_hash_computed() {
    let Some(folder) = vectors::require("blockchain-tests") else { return };
    let mut counts = Counts::default();
    for path in blockchain_tests::files(&folder).unwrap() {
        counts.files += 1;
        for test in blockchain_tests::read(&path).unwrap() {
            count(&mut counts, &test);
            genesis_is_as_the_test_says(&test);
            blocks_are_as_the_test_says(&test);
        }
    }
    let expected = Counts {
        files: 360,
        tests: 2_251,
        blocks: 4_992,
        with_exception: 852,
        refused_without_reason: 3,
        with_post_hash_only: 10,
    };
    assert_eq!(counts, expected);
}

#[test]
fn every_test_of_eest_is_read_and_its_genesis_hash_computed() {
    let Some(folder) = vectors::require("eest") else { return };
    let mut counts = Counts::default();
    for path in blockchain_tests::eest_files(&folder).unwrap() {
        for test in blockchain_tests::read(&path).unwrap() {
            count(&mut counts, &test);
            genesis_is_as_the_test_says(&test);
            blocks_are_as_the_test_says(&test);
        }
    }
    assert!(counts.tests > 0 && counts.with_exception > 0, "{counts:?}");
    assert_eq!(counts.refused_without_reason, 0);
}

fn decoded(mut rlp: &[u8], shown: &str) -> Block {
    Block::decode(&mut rlp).unwrap_or_else(|error| panic!("{shown}: {error}"))
}

fn count(counts: &mut Counts, test: &BlockchainTest) {
    counts.tests += 1;
    counts.blocks += test.blocks.len();
    counts.with_exception += test.blocks.iter().filter(|block| block.expect_exception.is_some()).count();
    let unexplained =
        test.blocks.iter().filter(|block| !block.is_valid() && block.expect_exception.is_none());
    counts.refused_without_reason += unexplained.count();
    counts.with_post_hash_only += usize::from(matches!(test.post, PostState::Root(_)));
}

fn genesis_is_as_the_test_says(test: &BlockchainTest) {
    let shown = format!("{} {}", test.path.display(), test.name);
    let genesis = test.genesis_block();
    assert_eq!(genesis.header(test.genesis_state_root).hash_slow(), test.genesis_hash, "{shown}");
    assert_eq!(MapState::new(&genesis.accounts).state_root(), test.genesis_state_root, "{shown}");
    let written = decoded(&test.genesis_rlp, &shown);
    assert_eq!(written.header.hash_slow(), test.genesis_hash, "{shown}");
}

fn blocks_are_as_the_test_says(test: &BlockchainTest) {
    let shown = format!("{} {}", test.path.display(), test.name);
    for block in &test.blocks {
        assert!(!(block.is_valid() && block.expect_exception.is_some()), "{shown}");
        if let Some(expected) = block.header {
            let header = decoded(&block.rlp, &shown).header;
            let found = (header.hash_slow(), header.parent_hash, header.number);
            assert_eq!(found, (expected.hash, expected.parent_hash, expected.number), "{shown}");
        }
    }
    let canonical = test.canonical().unwrap_or_else(|error| panic!("{error}"));
    let head = canonical.last().and_then(|block| block.header).map_or(test.genesis_hash, |head| head.hash);
    assert_eq!(head, test.last_block_hash, "{shown}");
    if let (PostState::Accounts(post), true) = (&test.post, head == test.genesis_hash) {
        let differences = MapState::new(&test.genesis_block().accounts).differences(post);
        assert!(differences.is_empty(), "{shown}: {differences:?}");
    }
}
