//! A sample of today's consensus tests (EEST) through the command line, as a genesis file and an RLP export. All of them run
//! through the library in the tests of blockmill-execute.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use blockmill_pipeline::{ChainChoice, ExitCode, RootInterval, Settings};
use blockmill_testkit::blockchain_tests::{BlockchainTest, PostState, TestBlock, eest_files, read};
use blockmill_testkit::state_map::MapState;
use blockmill_testkit::vectors;
use rayon::prelude::*;

use crate::chains::state_of;
use crate::harness::{Workplace, command};

/// Tests by network, and by whether one of their blocks must be refused.
type Sample = BTreeMap<(String, bool), BlockchainTest>;

/// The first test of each kind in these files.
fn first_of_each_kind(files: &[PathBuf]) -> Sample {
    let of_file = |path: &PathBuf| {
        let mut sample = Sample::new();
        for test in read(path).unwrap() {
            let has_invalid = !test.blocks.iter().all(TestBlock::is_valid);
            sample.entry((test.network.clone(), has_invalid)).or_insert(test);
        }
        sample
    };
    // The files keep their order, and of two tests of a kind the one from the earlier file stays.
    files.par_iter().map(of_file).reduce(Sample::new, |mut earlier, later| {
        for (kind, test) in later {
            earlier.entry(kind).or_insert(test);
        }
        earlier
    })
}

/// The settings of a run with these blocks after the test's genesis, every root checked.
fn settings(place: &Workplace, test: &BlockchainTest, blocks: &[&TestBlock]) -> Settings {
    let (genesis, chain) = (place.path("genesis.json"), place.path("chain.rlp"));
    fs::write(&genesis, serde_json::to_vec(&test.genesis).unwrap()).unwrap();
    fs::write(&chain, blocks.iter().flat_map(|block| &block.rlp[..]).copied().collect::<Vec<_>>()).unwrap();
    let settings = place.settings(ChainChoice::GenesisFile(genesis), vec![chain]);
    Settings { root_interval: RootInterval::Blocks(1), threads: 1, ..settings }
}

/// Runs `blockmill rebuild`; gives the exit code and what it wrote to stderr.
fn rebuild(settings: &Settings) -> (Option<i32>, String) {
    let output = command(settings).args(["--datasets", "blocks,transactions"]).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The chain is rebuilt, and ends with the hash and the state that the test names.
fn ends_as_the_test_says(test: &BlockchainTest) -> Result<(), String> {
    let place = Workplace::new();
    let (code, stderr) = rebuild(&settings(&place, test, &test.canonical().unwrap()));
    if code != Some(ExitCode::Done as i32) {
        return Err(format!("exit code {code:?}: {stderr}"));
    }
    let head = "SELECT hex0x(block_hash) FROM blocks ORDER BY block_number DESC LIMIT 1";
    let hash = place.tables().value(head);
    if hash != Some(test.last_block_hash.to_string()) {
        return Err(format!("the last block is {hash:?}, not {}", test.last_block_hash));
    }
    let state = state_of(&place);
    let is_same = match &test.post {
        PostState::Accounts(expected) => state == *expected,
        PostState::Root(root) => MapState::from_expected(&state).state_root() == *root,
    };
    if is_same { Ok(()) } else { Err("the state at the end differs".into()) }
}

/// The chain up to its first invalid block is refused, and the message names that block: by its number, or where its bytes
/// are no block by the byte that it starts at.
fn is_refused(test: &BlockchainTest) -> Result<(), String> {
    let place = Workplace::new();
    let valid = test.blocks.iter().take_while(|block| block.is_valid()).count();
    let blocks: Vec<_> = test.blocks[..=valid].iter().collect();
    let start: usize = blocks[..valid].iter().map(|block| block.rlp.len()).sum();
    let (code, stderr) = rebuild(&settings(&place, test, &blocks));
    let (by_number, by_byte) = (format!("block {}", valid + 1), format!("chain.rlp, byte {start}"));
    let is_named = stderr.contains(&by_number) || stderr.contains(&by_byte);
    match code == Some(ExitCode::NotVerified as i32) && is_named {
        true => Ok(()),
        false => Err(format!("{:?}: exit code {code:?}: {stderr}", test.blocks[valid].expect_exception)),
    }
}

#[test]
fn a_consensus_test_of_each_network_gets_its_verdict_from_the_command_line() {
    let Some(folder) = vectors::require("eest") else { return };
    let sample = first_of_each_kind(&eest_files(&folder).unwrap());
    assert!(!sample.is_empty(), "{} holds no tests", folder.display());
    let outcome = |((_, has_invalid), test): (&(String, bool), &BlockchainTest)| {
        let outcome = if *has_invalid { is_refused(test) } else { ends_as_the_test_says(test) };
        outcome.err().map(|problem| format!("{} [{}]: {problem}", test.path.display(), test.name))
    };
    let wrong: Vec<String> = sample.par_iter().filter_map(outcome).collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), sample.len(), wrong.join("\n"));
}
