//! The blocks of one test, each executed on the state of its parent and checked in every way there is.

use std::collections::HashMap;

use alloy::consensus::proofs::calculate_transaction_root;
use alloy::primitives::B256;
use blockmill_chain::{Ancestry, Block, RecoveredBlock, Witness};
use blockmill_execute::{
    BlockState, CodeCache, ExecutedBlock, NoObserver, SliceExecutor, SliceInput, TransactionRoots,
    check_state_root, execute_block,
};
use blockmill_source::decode_block;
use blockmill_testkit::blockchain_tests::{BlockchainTest, TestBlock};
use blockmill_testkit::state_map::MapState;
use blockmill_trace::WitnessState;
use blockmill_trie::StateTrie;

use crate::refusals::Refusal;
use crate::tables::{Tables, changed, gains};

/// A block that was accepted, and the state after it.
pub(crate) struct Accepted {
    pub(crate) state: MapState,
    /// The block and those before it.
    ancestry: Ancestry,
}

/// Every accepted block of one test by its hash: tests have side branches.
pub(crate) struct Tree<'a> {
    pub(crate) test: &'a BlockchainTest,
    pub(crate) accepted: HashMap<B256, Accepted>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(test: &'a BlockchainTest) -> Self {
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

    /// Adds the block, or says why it is refused. One whose transactions are not those of its header is
    /// checked with the root that they have: the tests mean what is wrong with the transactions.
    pub(crate) fn add(&mut self, block: &TestBlock) -> Result<(), Refusal> {
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
        spec.check_with_ancestry(&decoded.block, &parent.ancestry)?;
        let total_difficulty = before.total_difficulty.map(|before| before + decoded.header().difficulty);
        let codes = CodeCache::new(1 << 20);
        let mut slice = SliceExecutor::new(spec, &codes, &parent.state);
        let mut trie = StateTrie::new(1 << 16);
        let roots = TransactionRoots::Computed { trie: &mut trie, expected: &[] };
        let input = SliceInput { block: &decoded, total_difficulty: None, roots, access_list: None };
        let ExecutedBlock { reads, changes, .. } = slice.execute(input)?;
        let root = trie.apply(&parent.state, &changes).unwrap();
        check_state_root(decoded.number(), decoded.header().state_root, root)?;
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
