//! The consensus tests of ethereum/legacytests: valid blocks are accepted and end with the given state, invalid ones
//! are refused. Every accepted block also replays from the witness that its execution recorded, to the same changes, and
//! its tables say what it changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod tables;

use std::collections::{BTreeMap, HashMap};

use alloy::primitives::B256;
use blockmill_chain::{RecoveredBlock, Witness};
use blockmill_execute::{
    BlockState, CodeCache, ExecutedBlock, NoObserver, SliceExecutor, SliceInput, TransactionRoots,
    check_state_root, execute_block,
};
use blockmill_source::decode_block;
use blockmill_testkit::blockchain_tests::{BlockchainTest, PostState, TestBlock, files, read};
use blockmill_testkit::state_map::MapState;
use blockmill_testkit::vectors;
use blockmill_trace::WitnessState;
use blockmill_trie::StateTrie;

use crate::tables::{Tables, changed, gains};

/// A block that was accepted, and the state after it.
struct Accepted {
    block: RecoveredBlock,
    state: MapState,
}

/// Every accepted block of one test by its hash: tests have side branches.
struct Tree<'a> {
    test: &'a BlockchainTest,
    accepted: HashMap<B256, Accepted>,
}

impl<'a> Tree<'a> {
    fn new(test: &'a BlockchainTest) -> Self {
        let genesis = test.genesis_block();
        let mut state = MapState::new(&genesis.accounts);
        state.set_block_hash(0, test.genesis_hash);
        let header = genesis.header(test.genesis_state_root);
        let block = blockmill_chain::Block { header, body: Default::default() };
        let block = RecoveredBlock { hash: test.genesis_hash, block, senders: Vec::new() };
        Self { test, accepted: HashMap::from([(test.genesis_hash, Accepted { block, state })]) }
    }

    /// Runs the block on the state of its parent; why it was refused, if it was.
    fn add(&mut self, block: &TestBlock) -> Result<(), String> {
        let spec = &self.test.spec;
        let decoded = decode_block(&block.rlp, spec, &self.test.path).map_err(|e| e.to_string())?;
        let parent = self.accepted.get(&decoded.header().parent_hash).ok_or("its parent is unknown")?;
        if parent.block.number() + 1 != decoded.number() {
            return Err("its number does not follow its parent's".into());
        }
        let codes = CodeCache::new(1 << 20);
        let mut slice = SliceExecutor::new(spec, &codes, &parent.state);
        let mut trie = StateTrie::new(1 << 16);
        let roots = TransactionRoots::Computed { trie: &mut trie, expected: &[] };
        let input = SliceInput { block: &decoded, total_difficulty: None, roots };
        let ExecutedBlock { reads, changes, .. } = slice.execute(input).map_err(|e| e.to_string())?;
        let root = trie.apply(&parent.state, &changes).map_err(|e| e.to_string())?;
        check_state_root(decoded.header(), root).map_err(|e| e.to_string())?;
        let reader = WitnessState::new(&reads, &parent.state);
        let mut replayed = BlockState::new(reader, &codes, spec.is_prague(decoded.header().timestamp));
        let replay = execute_block(spec, &decoded, &mut replayed, &mut NoObserver {}, |_| Ok(()));
        replay.map_err(|e| format!("its witness does not replay: {e}"))?;
        assert_eq!(replayed.changes(), changes, "the witness of {} replays to something else", decoded.hash);
        let witness = Witness { block: decoded.clone(), reads };
        let tables = Tables::of(spec, &witness, &codes, &parent.state);
        let diffs = tables.diffs();
        assert_eq!(
            diffs,
            changed(&parent.state, &changes),
            "the diffs of {} are not its changes",
            decoded.hash
        );
        assert_eq!(tables.gains(&witness), gains(&diffs), "ether that moved in {}", decoded.hash);
        let mut state = parent.state.clone();
        state.apply(&changes);
        state.set_block_hash(decoded.number(), decoded.hash);
        self.accepted.insert(decoded.hash, Accepted { block: decoded, state });
        Ok(())
    }
}

/// Rules of headers and ommers that are not checked yet: blocks that break only these are still accepted, by the name
/// that the tests give the broken rule.
const NOT_REFUSED_YET: &[&str] = &[
    "3675PreParis1559BlockRejected",
    "ExtraDataIncorrectDAO",
    "ExtraDataTooBig",
    "InvalidDifficulty",
    "InvalidGasLimit",
    "InvalidGasLimit2",
    "InvalidTimestamp",
    "InvalidTimestampOlderParent",
    "LegacyBlockImportImpossible2",
    "ParisBlockImportImpossible",
    "PostParisUncleHashIsNotEmpty",
    "ShanghaiBlockImportImpossible",
];

#[derive(Default)]
struct Tally {
    tests: usize,
    accepted: usize,
    refused: usize,
    not_refused_yet: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn run(&mut self, test: &BlockchainTest) {
        self.tests += 1;
        let mut tree = Tree::new(test);
        for (at, block) in test.blocks.iter().enumerate() {
            let place = || format!("{} [{}] block {at}", test.path.display(), test.name);
            match (tree.add(block), block.is_valid()) {
                (Ok(()), true) => self.accepted += 1,
                (Err(_), false) => self.refused += 1,
                (Err(reason), true) => {
                    self.wrong.push(format!("{}: refused a valid block: {reason}", place()))
                }
                (Ok(()), false) => {
                    let rule = block.expect_exception.clone().unwrap_or_else(|| "(unnamed)".into());
                    *self.not_refused_yet.entry(rule).or_default() += 1;
                }
            }
        }
        self.compare_end(test, &tree);
    }

    fn compare_end(&mut self, test: &BlockchainTest, tree: &Tree<'_>) {
        let Some(end) = tree.accepted.get(&test.last_block_hash) else { return };
        let same = match &test.post {
            PostState::Root(root) => end.state.state_root() == *root,
            PostState::Accounts(expected) => end.state.differences(expected).is_empty(),
        };
        if !same {
            self.wrong.push(format!("{} [{}]: the state at the end differs", test.path.display(), test.name));
        }
    }
}

#[test]
fn valid_blocks_end_with_their_post_state_and_invalid_ones_are_refused() {
    let Some(folder) = vectors::require("blockchain-tests") else { return };
    let mut tally = Tally::default();
    for path in files(&folder).unwrap() {
        for test in read(&path).unwrap() {
            tally.run(&test);
        }
    }
    println!("{} tests: {} blocks accepted, {} refused", tally.tests, tally.accepted, tally.refused);
    println!("not refused yet: {:#?}", tally.not_refused_yet);
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert_eq!(tally.tests, 2_251);
    let rules: Vec<_> = tally.not_refused_yet.keys().map(String::as_str).collect();
    assert_eq!(rules, NOT_REFUSED_YET);
}

/// Executes a block with roots after its transactions, of which the file is said to give `expected`.
fn roots(tree: &Tree<'_>, block: &RecoveredBlock, expected: &[B256]) -> Result<Vec<B256>, String> {
    let parent = &tree.accepted[&block.header().parent_hash].state;
    let codes = CodeCache::new(1 << 20);
    let mut trie = StateTrie::new(1 << 16);
    let roots = TransactionRoots::Computed { trie: &mut trie, expected };
    let mut slice = SliceExecutor::new(&tree.test.spec, &codes, parent);
    let executed = slice.execute(SliceInput { block, total_difficulty: None, roots });
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
