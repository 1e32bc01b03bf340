//! The chain as far as it has been made: executes a block, completes its header with what came of it, and goes on.

use alloy::consensus::{BlockBody, Header};
use alloy::primitives::{Address, B256};
use blockmill_chain::{Block, ChainSpec, GenesisBlock, RecoveredBlock, Transaction};
use blockmill_execute::{
    BlockResults, BlockState, CodeCache, ExecuteError, Executed, NoObserver, execute_block,
};
use blockmill_trie::{EmptyState, StateTrie, TrieError};

use crate::error::DevchainError;
use crate::state::ChainState;

/// The chain as far as it has been made.
pub(crate) struct Chain<'a> {
    spec: &'a ChainSpec,
    state: ChainState,
    trie: StateTrie,
    codes: CodeCache,
    /// The last block and the one before it; of the genesis block there is no parent.
    head: Header,
    parent: Option<Header>,
    head_hash: B256,
}

/// Analysed code that is kept; the contracts of a chain are few.
const CODE_CACHE_BYTES: usize = 64 << 20;

/// A block that was appended.
pub(crate) struct Appended {
    pub(crate) block: Block,
    pub(crate) executed: Executed,
}

impl<'a> Chain<'a> {
    /// The chain with its genesis block alone.
    pub(crate) fn new(spec: &'a ChainSpec, genesis: &GenesisBlock) -> Result<Self, DevchainError> {
        let (mut state, mut trie) = (ChainState::default(), StateTrie::in_memory());
        let changes = genesis.changes();
        let head = genesis.header(trie.apply(&EmptyState, &changes)?);
        drop(trie.take_updates());
        state.apply(changes);
        let head_hash = head.hash_slow();
        state.add_block(head.number, head_hash);
        let codes = CodeCache::new(CODE_CACHE_BYTES);
        Ok(Self { spec, state, trie, codes, head, parent: None, head_hash })
    }

    pub(crate) fn state(&self) -> &ChainState {
        &self.state
    }

    pub(crate) fn head(&self) -> &Header {
        &self.head
    }

    pub(crate) fn head_hash(&self) -> B256 {
        self.head_hash
    }

    /// The block before the last.
    pub(crate) fn parent(&self) -> Option<&Header> {
        self.parent.as_ref()
    }

    /// Executes a block whose header does not say yet what will come of it, completes the header, and appends the block.
    pub(crate) fn append(
        &mut self,
        header: Header,
        body: BlockBody<Transaction>,
        senders: Vec<Address>,
    ) -> Result<Appended, DevchainError> {
        let mut draft = RecoveredBlock { hash: B256::ZERO, block: Block { header, body }, senders };
        let (executed, roots) = self.execute(&draft)?;
        let results = BlockResults::new(self.spec, &draft, &executed, &roots);
        let header = &mut draft.block.header;
        results.write_to(header);
        header.state_root = self.trie.root(&EmptyState)?;
        // Nothing is stored: the rows are given up, the nodes stay.
        drop(self.trie.take_updates());
        self.head_hash = header.hash_slow();
        self.state.add_block(header.number, self.head_hash);
        self.parent = Some(std::mem::replace(&mut self.head, header.clone()));
        Ok(Appended { block: draft.block, executed })
    }

    /// Runs the block and lays its changes over state and trie; what it gave, and before Byzantium the state root after
    /// each transaction.
    fn execute(&mut self, block: &RecoveredBlock) -> Result<(Executed, Vec<B256>), DevchainError> {
        let number = block.number();
        let needs_roots = !self.spec.is_byzantium(number);
        let root_failed = |source: TrieError| ExecuteError::Root { block: number, source };
        let mut roots = Vec::new();
        let delegations = self.spec.is_prague(block.header().timestamp);
        let mut view = BlockState::new(&self.state, &self.codes, delegations);
        if needs_roots {
            view.record_latest_changes();
        }
        let trie = &mut self.trie;
        let executed = execute_block(self.spec, block, &mut view, &mut NoObserver {}, |view| {
            if needs_roots {
                let root = trie.apply(&EmptyState, &view.take_latest_changes()).map_err(root_failed)?;
                roots.push(root);
            }
            Ok(())
        })?;
        let changes = view.changes();
        self.trie.apply(&EmptyState, &changes)?;
        self.state.apply(changes);
        Ok((executed, roots))
    }
}
