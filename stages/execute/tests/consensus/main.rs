//! The consensus tests of ethereum/legacytests and of ethereum/execution-spec-tests (EEST): valid blocks are accepted and
//! end with the given state, invalid ones are refused for the given reason. Every accepted block also replays from the
//! witness that its execution recorded, to the same changes, and its tables say what it changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod amsterdam;
mod creations;
mod refusals;
mod requests;
mod rules;
mod scene;
mod system_calls;
mod tables;
mod tally;
mod tree;

use alloy::primitives::B256;
use blockmill_chain::RecoveredBlock;
use blockmill_execute::{CodeCache, SliceExecutor, SliceInput, TransactionRoots};
use blockmill_source::decode_block;
use blockmill_testkit::blockchain_tests::{eest_files, files, read};
use blockmill_testkit::vectors;
use blockmill_trie::StateTrie;

use crate::tally::Tally;
use crate::tree::Tree;

#[test]
fn valid_blocks_end_with_their_post_state_and_invalid_ones_are_refused() {
    let Some(folder) = vectors::require("blockchain-tests") else { return };
    let tally = Tally::of(&files(&folder).unwrap());
    tally.assert_all_is_right();
    assert_eq!(tally.tests(), 2_251);
    assert_eq!(tally.refused_with_reason(), 852);
}

/// The folder may hold more or fewer tests than at the time of writing: no total is asserted, but that every test of every
/// file has its verdicts.
#[test]
fn todays_tests_get_the_verdicts_they_ask_for() {
    let Some(folder) = vectors::require("eest") else { return };
    let files = eest_files(&folder).unwrap();
    assert!(!files.is_empty(), "{} holds no tests", folder.display());
    Tally::of(&files).assert_all_is_right();
}

/// Executes a block with roots after its transactions, of which the file is said to give `expected`.
fn roots(tree: &Tree<'_>, block: &RecoveredBlock, expected: &[B256]) -> Result<Vec<B256>, String> {
    let parent = &tree.accepted[&block.header().parent_hash].state;
    let codes = CodeCache::new(1 << 20);
    let mut trie = StateTrie::new(1 << 16);
    let roots = TransactionRoots::Computed { trie: &mut trie, expected };
    let mut slice = SliceExecutor::new(&tree.test.spec, &codes, parent);
    let executed = slice.execute(SliceInput { block, total_difficulty: None, roots, access_list: None });
    executed.map(|executed| executed.reads.transaction_roots).map_err(|error| error.to_string())
}

#[test]
fn a_receipt_with_another_root_names_its_transaction() {
    let Some(folder) = vectors::require("blockchain-tests") else { return };
    let tests = files(&folder).unwrap().into_iter().flat_map(|path| read(&path).unwrap());
    for test in tests {
        let tree = Tree::new(&test);
        let decoded = decode_block(&test.blocks[0].rlp, &test.spec, &test.path);
        let Some(block) = decoded.ok().filter(|block| {
            test.blocks[0].is_valid() && !test.spec.is_byzantium(block.number()) && block.senders.len() > 1
        }) else {
            continue;
        };
        let mut given = roots(&tree, &block, &[]).unwrap();
        assert_eq!(roots(&tree, &block, &given), Ok(given.clone()));
        given[1].0[31] ^= 1;
        let error = roots(&tree, &block, &given).unwrap_err();
        assert!(error.contains("transaction 1 (0x") && error.contains("its receipt says"), "{error}");
        return;
    }
    panic!("no test has a block before Byzantium with two transactions");
}
