//! Blocks in chain order over a stored state, verified one by one; their changes pile up until the slice is written.

use alloy::eips::eip7928::BlockAccessList;
use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{
    Absence, Account, BlockChanges, ChainSpec, CodeSource, RecoveredBlock, StateReader, WitnessReads,
};
use blockmill_trie::{StateTrie, TrieReader};

use crate::access_list;
use crate::block_state::BlockState;
use crate::bytecode::CodeCache;
use crate::check::check_block;
use crate::error::ExecuteError;
use crate::execute::{Executed, NoObserver, execute_block};
use crate::state_cache::StateCache;

/// A block with what its source knows besides.
#[derive(Debug)]
pub struct SliceInput<'a> {
    /// The block with its senders.
    pub block: &'a RecoveredBlock,
    /// Total difficulty up to and with the block, where known.
    pub total_difficulty: Option<U256>,
    /// Where the state roots in its receipts come from.
    pub roots: TransactionRoots<'a>,
    /// The block access list that came with the block: where execution gives another, the error names the account.
    pub access_list: Option<&'a BlockAccessList>,
}

/// Before Byzantium a receipt holds the state root after its transaction. From then on there are none.
#[derive(Debug)]
pub enum TransactionRoots<'a> {
    /// The roots of the file's receipts, one per transaction; the header's receipts root covers them.
    Given(&'a [B256]),
    /// The trie computes them.
    Computed {
        /// At the state before the block. After the block it is at the state after its last transaction; after an error
        /// it is of no use.
        trie: &'a mut StateTrie,
        /// What they should be, where the file says it: the first that is not names its transaction. Else empty.
        expected: &'a [B256],
    },
}

impl TransactionRoots<'_> {
    /// Whether a block with so many transactions needs roots that are not among those `given`.
    pub fn are_missing(spec: &ChainSpec, block: &RecoveredBlock, given: &[B256]) -> bool {
        !spec.is_byzantium(block.number()) && given.len() != block.senders.len()
    }
}

/// A block that was executed and agrees with its header, the state root aside.
#[derive(Debug, Clone)]
pub struct ExecutedBlock {
    /// Everything it read: its exact witness.
    pub reads: WitnessReads,
    /// Everything it changed, for the next block to build on.
    pub changes: BlockChanges,
    /// Gas used by its transactions.
    pub gas_used: u64,
}

/// Runs one slice. Nothing is written; the caller stores the changes of all its blocks together with their witnesses and
/// the checkpoint.
#[derive(Debug)]
pub struct SliceExecutor<'a, S> {
    spec: &'a ChainSpec,
    codes: &'a CodeCache,
    pending: SliceState<'a, S>,
    /// About what the changes take, counting a value anew each time it changes.
    bytes: usize,
}

impl<'a, S: StateReader + CodeSource + TrieReader> SliceExecutor<'a, S> {
    /// A slice that starts on the stored state. What it has executed may be stored while it goes on.
    pub fn new(spec: &'a ChainSpec, codes: &'a CodeCache, stored: &'a S) -> Self {
        Self {
            spec,
            codes,
            pending: SliceState { stored, cache: None, changes: BlockChanges::default() },
            bytes: 0,
        }
    }

    /// Reads through a cache of the stored state. It gets to know what the slice changes, which must be stored before
    /// another slice begins; or else it is to be [cleared](StateCache::clear).
    pub fn with_cache(mut self, cache: &'a StateCache) -> Self {
        self.pending.cache = Some(cache);
        self
    }

    /// Runs the next block and checks all that its header says about the result but the state root. On an error the
    /// block has left no trace in the slice.
    pub fn execute(&mut self, input: SliceInput<'_>) -> Result<ExecutedBlock, ExecuteError> {
        let number = input.block.number();
        let mut state =
            BlockState::new(&self.pending, self.codes, self.spec.is_prague(input.block.header().timestamp));
        let (executed, transaction_roots) = match input.roots {
            TransactionRoots::Computed { trie, expected } if !self.spec.is_byzantium(number) => {
                self.execute_with_roots(input.block, &mut state, trie, expected)?
            }
            TransactionRoots::Computed { .. } => {
                (self.execute_without_roots(input.block, &mut state)?, Vec::new())
            }
            TransactionRoots::Given(roots) => {
                refuse_missing_roots(self.spec, input.block, roots)?;
                (self.execute_without_roots(input.block, &mut state)?, roots.to_vec())
            }
        };
        if let (Some(listed), Some(actual)) = (input.access_list, &executed.access_list) {
            access_list::check(number, listed, actual)?;
        }
        check_block(self.spec, input.block, &executed, &transaction_roots)?;
        let reads = state.reads().map_err(|source| ExecuteError::Read { block: number, source })?;
        let changes = state.changes();
        self.bytes += changes.bytes();
        if let Some(cache) = self.pending.cache {
            cache.update(&changes);
        }
        self.pending.changes.merge(changes.clone());
        let reads = WitnessReads {
            absence: Absence::Exact,
            accounts: reads.accounts,
            creation_checks: reads.creation_checks,
            block_hashes: reads.block_hashes,
            transaction_roots,
            total_difficulty: input.total_difficulty,
        };
        Ok(ExecutedBlock { reads, changes, gas_used: executed.gas_used })
    }

    fn execute_without_roots(
        &self,
        block: &RecoveredBlock,
        state: &mut BlockState<'_, &SliceState<'a, S>>,
    ) -> Result<Executed, ExecuteError> {
        execute_block(self.spec, block, state, &mut NoObserver {}, |_| Ok(()))
    }

    /// Runs the block and computes the root after each transaction.
    fn execute_with_roots(
        &self,
        block: &RecoveredBlock,
        state: &mut BlockState<'_, &SliceState<'a, S>>,
        trie: &mut StateTrie,
        expected: &[B256],
    ) -> Result<(Executed, Vec<B256>), ExecuteError> {
        let mut roots = Vec::new();
        state.record_latest_changes();
        let executed = execute_block(self.spec, block, state, &mut NoObserver {}, |state| {
            let root = trie.apply(self.pending.stored, &state.take_latest_changes());
            let root = root.map_err(|source| ExecuteError::Root { block: block.number(), source })?;
            refuse_other_root(block, roots.len(), expected, root)?;
            roots.push(root);
            Ok(())
        })?;
        Ok((executed, roots))
    }

    /// About how many bytes the slice holds at most.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

fn refuse_other_root(
    block: &RecoveredBlock,
    index: usize,
    expected: &[B256],
    actual: B256,
) -> Result<(), ExecuteError> {
    match expected.get(index) {
        Some(expected) if *expected != actual => Err(ExecuteError::TransactionRoot {
            block: block.number(),
            index,
            hash: *block.block.body.transactions[index].tx_hash(),
            expected: *expected,
            actual,
        }),
        _ => Ok(()),
    }
}

fn refuse_missing_roots(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    roots: &[B256],
) -> Result<(), ExecuteError> {
    match TransactionRoots::are_missing(spec, block, roots) {
        true => Err(ExecuteError::TransactionRoots {
            block: block.number(),
            transactions: block.senders.len(),
            roots: roots.len(),
        }),
        false => Ok(()),
    }
}

/// The stored state with the changes of the slice so far over it.
#[derive(Debug)]
struct SliceState<'a, S> {
    stored: &'a S,
    /// Values of what is stored, and of the changes over it.
    cache: Option<&'a StateCache>,
    changes: BlockChanges,
}

impl<S: StateReader> StateReader for SliceState<'_, S> {
    type Error = S::Error;

    fn account(&self, address: Address) -> Result<Option<Account>, S::Error> {
        match self.changes.accounts.get(&address) {
            Some(account) => Ok(*account),
            None => match self.cache {
                Some(cache) => cache.account(address, || self.stored.account(address)),
                None => self.stored.account(address),
            },
        }
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, S::Error> {
        let changes = self.changes.storage.get(&address);
        match changes.and_then(|storage| storage.slots.get(&slot)) {
            Some(value) => Ok(*value),
            None if changes.is_some_and(|storage| storage.wiped) => Ok(U256::ZERO),
            None => match self.cache {
                Some(cache) => cache.slot(address, slot, || self.stored.storage(address, slot)),
                None => self.stored.storage(address, slot),
            },
        }
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, S::Error> {
        let Some(changes) = self.changes.storage.get(&address) else {
            return self.stored.storage_of(address);
        };
        let mut slots = if changes.wiped { Vec::new() } else { self.stored.storage_of(address)? };
        slots.retain(|(slot, _)| !changes.slots.contains_key(slot));
        slots.extend(changes.slots.iter().filter(|(_, value)| !value.is_zero()).map(|(k, v)| (*k, *v)));
        slots.sort_unstable();
        Ok(slots)
    }

    fn has_storage(&self, address: Address) -> Result<bool, S::Error> {
        match self.changes.storage.contains_key(&address) {
            // A slot that is stored may have been cleared since.
            true => Ok(!self.storage_of(address)?.is_empty()),
            false => self.stored.has_storage(address),
        }
    }

    fn block_hash(&self, number: u64) -> Result<B256, S::Error> {
        self.stored.block_hash(number)
    }

    fn is_whole(&self) -> bool {
        self.stored.is_whole()
    }
}

impl<S: CodeSource> CodeSource for SliceState<'_, S> {
    type Error = S::Error;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, S::Error> {
        match self.changes.code.get(&hash) {
            Some(code) => Ok(Some(code.clone())),
            None => self.stored.code(hash),
        }
    }
}
