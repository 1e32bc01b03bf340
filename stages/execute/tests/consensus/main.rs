//! The consensus tests of ethereum/legacytests: valid blocks are accepted and end with the given state, invalid ones
//! are refused. Every accepted block also replays from the witness that its execution recorded, to the same changes, and
//! its tables say what it changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod creations;
mod refusals;
mod requests;
mod scene;
mod tables;

use std::collections::{BTreeMap, HashMap};

use alloy::consensus::proofs::calculate_transaction_root;
use alloy::primitives::B256;
use blockmill_chain::{Ancestry, Block, RecoveredBlock, Witness};
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

use crate::refusals::{Refusal, UNNAMED};
use crate::tables::{Tables, changed, gains};

/// A block that was accepted, and the state after it.
struct Accepted {
    state: MapState,
    /// The block and those before it.
    ancestry: Ancestry,
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
        let block = Block { header, body: Default::default() };
        let difficulty = block.header.difficulty;
        let block = RecoveredBlock { hash: test.genesis_hash, block, senders: Vec::new() };
        let mut ancestry = Ancestry::unknown();
        ancestry.push(&block, Some(difficulty));
        Self { test, accepted: HashMap::from([(test.genesis_hash, Accepted { state, ancestry })]) }
    }

    /// Adds the block, or says why it is refused. One whose transactions are not those of its header is looked at with the
    /// root that they have: the tests mean what is wrong with the transactions.
    fn add(&mut self, block: &TestBlock) -> Result<(), Refusal> {
        match self.add_rlp(&block.rlp) {
            Err(refusal) if refusal.is_transactions_root() => {
                let other = self.add_rlp(&with_own_transactions_root(&block.rlp));
                Err(other.err().unwrap_or(refusal))
            }
            added => added,
        }
    }

    /// Runs the block on the state of its parent.
    fn add_rlp(&mut self, rlp: &[u8]) -> Result<(), Refusal> {
        let spec = &self.test.spec;
        let decoded = decode_block(rlp, spec, &self.test.path)?;
        let parent = self.accepted.get(&decoded.header().parent_hash).ok_or(Refusal::UnknownParent)?;
        let before = parent.ancestry.parent().unwrap();
        if before.header.number + 1 != decoded.number() {
            return Err(Refusal::Number);
        }
        spec.check_behind(&decoded.block, &parent.ancestry)?;
        let total_difficulty = before.total_difficulty.map(|before| before + decoded.header().difficulty);
        let codes = CodeCache::new(1 << 20);
        let mut slice = SliceExecutor::new(spec, &codes, &parent.state);
        let mut trie = StateTrie::new(1 << 16);
        let roots = TransactionRoots::Computed { trie: &mut trie, expected: &[] };
        let input = SliceInput { block: &decoded, total_difficulty: None, roots, access_list: None };
        let ExecutedBlock { reads, changes, .. } = slice.execute(input)?;
        let root = trie.apply(&parent.state, &changes).unwrap();
        check_state_root(decoded.header(), root)?;
        let reader = WitnessState::new(&reads, &parent.state);
        let mut replayed = BlockState::new(reader, &codes, spec.is_prague(decoded.header().timestamp));
        let replay = execute_block(spec, &decoded, &mut replayed, &mut NoObserver {}, |_| Ok(()));
        replay.unwrap_or_else(|error| panic!("the witness of {} does not replay: {error}", decoded.hash));
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
        let mut ancestry = parent.ancestry.clone();
        ancestry.push(&decoded, total_difficulty);
        self.accepted.insert(decoded.hash, Accepted { state, ancestry });
        Ok(())
    }
}

fn with_own_transactions_root(rlp: &[u8]) -> Vec<u8> {
    let mut block: Block = alloy_rlp::decode_exact(rlp).unwrap();
    block.header.transactions_root = calculate_transaction_root(&block.body.transactions);
    alloy_rlp::encode(&block)
}

#[derive(Default)]
struct Tally {
    tests: usize,
    accepted: usize,
    /// Why blocks were refused, by the name that the tests give the broken rule.
    refused: BTreeMap<String, usize>,
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
                (Err(refusal), false) => {
                    let rule = block.expect_exception.clone().unwrap_or_else(|| UNNAMED.into());
                    if !refusal.is_for(&rule) {
                        self.wrong.push(format!("{}: {rule}, refused because {refusal}", place()));
                    }
                    *self.refused.entry(rule).or_default() += 1;
                }
                (Err(refusal), true) => {
                    self.wrong.push(format!("{}: refused a valid block: {refusal}", place()))
                }
                (Ok(()), false) => {
                    self.wrong.push(format!("{}: accepted: {:?}", place(), block.expect_exception))
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
    let refused: usize = tally.refused.values().sum();
    println!("{} tests: {} blocks accepted, {refused} refused", tally.tests, tally.accepted);
    println!("refused: {:#?}", tally.refused);
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert_eq!(tally.tests, 2_251);
    assert_eq!(refused - tally.refused[UNNAMED], 852);
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
