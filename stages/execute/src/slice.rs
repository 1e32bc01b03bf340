//! Blocks in chain order over a stored state, verified one by one; their changes pile up until the slice is written.

use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{
    Absence, Account, BlockChanges, ChainSpec, CodeSource, HashedStateReader, RecoveredBlock, StateReader,
    WitnessReads,
};

use crate::block_state::BlockState;
use crate::bytecode::CodeCache;
use crate::check::{check_block, equal};
use crate::error::{ExecuteError, RootError};
use crate::execute::{NoObserver, execute_block};
use crate::state_root::{HashedChanges, state_root};

/// A block with what its source knows besides.
#[derive(Debug, Clone, Copy)]
pub struct SliceInput<'a> {
    /// The block.
    pub block: &'a RecoveredBlock,
    /// Total difficulty up to and with the block, where known.
    pub total_difficulty: Option<U256>,
    /// State roots after each transaction out of the file's receipts; empty where the file has none.
    pub transaction_roots: &'a [B256],
}

/// A block that was executed and agrees with its header.
#[derive(Debug, Clone)]
pub struct ExecutedBlock {
    /// Everything it read: its exact witness.
    pub reads: WitnessReads,
    /// Gas used.
    pub gas_used: u64,
}

/// Runs one slice. Nothing is written; the caller stores [`into_changes`](Self::into_changes) together with the
/// witnesses and the checkpoint.
#[derive(Debug)]
pub struct SliceExecutor<'a, S> {
    spec: &'a ChainSpec,
    codes: &'a CodeCache,
    pending: Pending<'a, S>,
    /// The pending changes under hashed keys, kept up from the first root on.
    hashed: Option<HashedChanges>,
    /// Whether the stored state is small enough for a root after every transaction, once somebody asked.
    is_small: Option<bool>,
    /// About what the changes take, counting a value anew each time it changes.
    bytes: usize,
}

/// Up to how many accounts and slots a root is computed after every transaction: some tens of milliseconds each.
const TRANSACTION_ROOT_LEAVES: u64 = 50_000;

impl<'a, S: StateReader + HashedStateReader + CodeSource> SliceExecutor<'a, S> {
    /// A slice that starts on the stored state.
    pub fn new(spec: &'a ChainSpec, codes: &'a CodeCache, stored: &'a S) -> Self {
        Self {
            spec,
            codes,
            pending: Pending { stored, changes: BlockChanges::default() },
            hashed: None,
            is_small: None,
            bytes: 0,
        }
    }

    /// Runs the next block and checks all that its header says about the result but the state root. On an error the
    /// block has left no trace in the slice.
    pub fn execute(&mut self, input: SliceInput<'_>) -> Result<ExecutedBlock, ExecuteError> {
        let computes_roots = self.computes_transaction_roots(input)?;
        let number = input.block.number();
        let mut state =
            BlockState::new(&self.pending, self.codes, self.spec.is_prague(input.block.header().timestamp));
        let mut computed = Vec::new();
        let hashed = computes_roots.then(|| self.hashed_now());
        let executed = execute_block(self.spec, input.block, &mut state, &mut NoObserver {}, |state| {
            if let Some(hashed) = &hashed {
                computed.push(root_after(self.pending.stored, hashed, &state.changes(), number)?);
            }
            Ok(())
        })?;
        let roots = if computes_roots { computed } else { input.transaction_roots.to_vec() };
        check_block(self.spec, input.block, &executed, &roots)?;
        let reads = state.reads().map_err(|source| ExecuteError::Read { block: number, source })?;
        let changes = state.changes();
        if let Some(hashed) = &mut self.hashed {
            hashed.extend(&changes);
        }
        self.bytes += changes.bytes();
        self.pending.changes.merge(changes);
        Ok(ExecutedBlock {
            gas_used: executed.gas_used,
            reads: WitnessReads {
                absence: Absence::Exact,
                accounts: reads.accounts,
                block_hashes: reads.block_hashes,
                transaction_roots: roots,
                total_difficulty: input.total_difficulty,
            },
        })
    }

    /// Compares the state root after the last block with its header.
    pub fn check_state_root(&mut self, block: &RecoveredBlock) -> Result<(), ExecuteError> {
        if self.hashed.is_none() {
            self.hashed = Some(self.hashed_now());
        }
        let none = HashedChanges::default();
        let actual = state_root(self.pending.stored, self.hashed.as_ref().unwrap_or(&none))
            .map_err(|source| ExecuteError::Root { block: block.number(), source })?;
        equal("state root", block.header().state_root, actual)
            .map_err(|mismatch| ExecuteError::Mismatch { block: block.number(), mismatch })
    }

    /// About how many bytes the slice holds at most.
    pub fn bytes(&self) -> usize {
        self.bytes * if self.hashed.is_some() { 2 } else { 1 }
    }

    /// The changes of all blocks of the slice.
    pub fn into_changes(self) -> BlockChanges {
        self.pending.changes
    }

    fn hashed_now(&self) -> HashedChanges {
        self.hashed.clone().unwrap_or_else(|| {
            let mut hashed = HashedChanges::default();
            hashed.extend(&self.pending.changes);
            hashed
        })
    }

    /// Before Byzantium a receipt holds the state root after its transaction. Whether they must be computed.
    fn computes_transaction_roots(&mut self, input: SliceInput<'_>) -> Result<bool, ExecuteError> {
        let transactions = input.block.block.body.transactions.len();
        let block = input.block.number();
        if self.spec.is_byzantium(block) || input.transaction_roots.len() == transactions {
            return Ok(false);
        }
        let is_small = match self.is_small {
            Some(known) => known,
            None => *self.is_small.insert(
                is_small(self.pending.stored).map_err(|source| ExecuteError::Root { block, source })?,
            ),
        };
        match is_small {
            true => Ok(true),
            false => Err(ExecuteError::ReceiptsNeeded { block, limit: TRANSACTION_ROOT_LEAVES }),
        }
    }
}

fn root_after<S: HashedStateReader>(
    stored: &S,
    before_block: &HashedChanges,
    changes: &BlockChanges,
    block: u64,
) -> Result<B256, ExecuteError> {
    let mut now = before_block.clone();
    now.extend(changes);
    state_root(stored, &now).map_err(|source| ExecuteError::Root { block, source })
}

fn is_small<S: HashedStateReader>(stored: &S) -> Result<bool, RootError> {
    let mut leaves = 0;
    let accounts = stored.hashed_accounts().map(|item| item.map(|_| ()));
    for leaf in accounts.chain(stored.hashed_slots().map(|item| item.map(|_| ()))) {
        leaf.map_err(|error| RootError(Box::new(error)))?;
        leaves += 1;
        if leaves > TRANSACTION_ROOT_LEAVES {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The stored state with the changes of the slice so far over it.
#[derive(Debug)]
struct Pending<'a, S> {
    stored: &'a S,
    changes: BlockChanges,
}

impl<S: StateReader> StateReader for &Pending<'_, S> {
    type Error = S::Error;

    fn account(&self, address: Address) -> Result<Option<Account>, S::Error> {
        match self.changes.accounts.get(&address) {
            Some(account) => Ok(*account),
            None => self.stored.account(address),
        }
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, S::Error> {
        let changes = self.changes.storage.get(&address);
        match changes.and_then(|storage| storage.slots.get(&slot)) {
            Some(value) => Ok(*value),
            None if changes.is_some_and(|storage| storage.wiped) => Ok(U256::ZERO),
            None => self.stored.storage(address, slot),
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

    fn block_hash(&self, number: u64) -> Result<B256, S::Error> {
        self.stored.block_hash(number)
    }
}

impl<S: CodeSource> CodeSource for &Pending<'_, S> {
    type Error = S::Error;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, S::Error> {
        match self.changes.code.get(&hash) {
            Some(code) => Ok(Some(code.clone())),
            None => self.stored.code(hash),
        }
    }
}
