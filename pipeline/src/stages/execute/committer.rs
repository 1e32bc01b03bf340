//! The checking side: computes roots, compares them with the headers, writes what is right.

use alloy::primitives::B256;
use blockmill_chain::{BlockChanges, BlockRange, ChangeSet, Monitor, Progress, StageError, StageId};
use blockmill_execute::{ExecuteError, Mismatch, check_state_root};
use blockmill_store::{Batch, Store};
use blockmill_trie::{StateTrie, TrieError};
use rayon::ThreadPool;

use crate::memory::{Ledger, Owner, Share};

use super::step::{Step, StepBlock, StepError, WrongRoot};
use super::{failed, refused};

/// Change sets are kept for the last so many blocks: about a day and a half of mainnet, some gigabytes at
/// most.
const CHANGE_SET_BLOCKS: u64 = 10_000;

/// Takes steps in order and writes them, several at a time.
pub(super) struct Committer<'a> {
    store: &'a Store,
    trie: &'a mut StateTrie,
    monitor: &'a dyn Monitor,
    /// Blocks whose witnesses are wanted.
    rows: BlockRange,
    batch: Batch<'a>,
    /// What the blocks in the batch changed.
    changes: BlockChanges,
    /// The blocks in the batch, and the root of the state after them.
    pending: Option<(BlockRange, B256)>,
    ledger: &'a Ledger,
    memory: Share<'a>,
    /// Threads that read for roots, more than there are cores; without them it is one thread for each.
    pub(super) pool: Option<&'a ThreadPool>,
}

impl<'a> Committer<'a> {
    pub(super) fn new(
        store: &'a Store,
        trie: &'a mut StateTrie,
        rows: BlockRange,
        monitor: &'a dyn Monitor,
        ledger: &'a Ledger,
    ) -> Self {
        let (batch, changes) = (store.batch(), BlockChanges::default());
        let memory = ledger.gauge(Owner::Slice).share();
        Self { store, trie, monitor, rows, batch, changes, pending: None, ledger, memory, pool: None }
    }

    /// The tries at the state after the last step.
    pub(super) fn trie(&mut self) -> &mut StateTrie {
        self.trie
    }

    #[cfg(test)]
    pub(super) fn changes(&mut self) -> &mut BlockChanges {
        &mut self.changes
    }

    /// Checks the root after the last block of the step, and puts its blocks into the batch.
    pub(super) fn take(&mut self, mut step: Step) -> Result<(), StepError> {
        let (Some(first), Some(last)) = (step.blocks.first(), step.blocks.last()) else { return Ok(()) };
        let (number, expected) = (last.number, last.state_root);
        let blocks = BlockRange::new(first.number, number + 1);
        let mut changes = BlockChanges::default();
        let mut change_sets = Vec::with_capacity(step.blocks.len());
        for StepBlock { executed, .. } in &mut step.blocks {
            change_sets.push(ChangeSet::new(&executed.reads.accounts, &executed.changes));
            changes.merge(std::mem::take(&mut executed.changes));
        }
        let (trie, store) = (&mut *self.trie, self.store);
        let mut apply = || trie.apply(store, &changes);
        let root = match self.pool {
            Some(pool) => pool.install(apply),
            None => apply(),
        };
        let root = root.map_err(|source| no_root(number, source))?;
        if let Err(error) = check_state_root(number, expected, root) {
            return Err(StepError::WrongRoot(Box::new(WrongRoot { blocks, error, changes })));
        }
        for (block, change_set) in step.blocks.iter().zip(&change_sets) {
            self.add(block, change_set);
        }
        self.changes.merge(changes);
        let first = self.pending.map_or(blocks.start, |(pending, _)| pending.start);
        self.pending = Some((BlockRange::new(first, blocks.end), root));
        self.memory.set(self.batch.bytes() + self.changes.bytes());
        self.ledger.gauge(Owner::Tries).measured(self.trie.bytes() as u64);
        // Nodes of the trie can be given back once their rows are written.
        if self.trie.is_full() { self.commit() } else { Ok(()) }
    }

    /// Writes what is right of the steps taken, also where an error ended them.
    pub(super) fn finish(mut self, outcome: Result<(), StepError>) -> Result<(), StepError> {
        if outcome.is_ok() {
            return self.commit();
        }
        // The trie has seen changes that must not be written. The error that is known says more than a second one.
        self.trie.forget();
        if let Err(error) = self.commit_what_was_right() {
            self.monitor
                .note(StageId::Execute, &format!("the blocks before the error are not written: {error}"));
        }
        outcome
    }

    /// Writes the steps before the one that failed: the trie, which has forgotten them, must lead to their root again.
    fn commit_what_was_right(&mut self) -> Result<(), StageError> {
        let Some((blocks, expected)) = self.pending else { return Ok(()) };
        let last = blocks.end - 1;
        let root = self.trie.apply(self.store, &self.changes);
        let root = root.map_err(|source| refused(ExecuteError::Root { block: last, source }))?;
        if root != expected {
            self.trie.forget();
            return Err(refused(ExecuteError::Mismatch {
                block: last,
                mismatch: Mismatch {
                    field: "state root",
                    expected: expected.to_string(),
                    actual: root.to_string(),
                },
            }));
        }
        self.commit().map_err(|error| match error {
            StepError::Failed(error) => error,
            StepError::WrongRoot(wrong) => refused(wrong.error),
        })
    }

    fn add(&mut self, StepBlock { number, transactions, executed, .. }: &StepBlock, change_set: &ChangeSet) {
        let number = *number;
        self.batch.put_change_set(number, change_set);
        let is_wanted = number >= self.rows.start;
        let bytes = if is_wanted { self.batch.put_witness(number, &executed.reads) } else { 0 };
        self.monitor.advanced(
            StageId::Execute,
            Progress {
                last_block: number,
                blocks: 1,
                transactions: *transactions,
                gas: executed.gas_used,
                bytes: bytes as u64,
                ..Progress::default()
            },
        );
    }

    fn commit(&mut self) -> Result<(), StepError> {
        let Some((blocks, _)) = self.pending.take() else { return Ok(()) };
        let written = self.write(blocks);
        if written.is_err() {
            // Its rows count as stored from when they were taken.
            self.trie.forget();
        }
        Ok(written.map_err(failed)?)
    }

    fn write(&mut self, blocks: BlockRange) -> Result<(), blockmill_store::StoreError> {
        let mut batch = std::mem::replace(&mut self.batch, self.store.batch());
        batch.put_changes(&std::mem::take(&mut self.changes))?;
        batch.put_trie(&self.trie.take_updates())?;
        let outdated = |number: u64| number.saturating_sub(CHANGE_SET_BLOCKS);
        batch.delete_change_sets(BlockRange::new(outdated(blocks.start), outdated(blocks.end)))?;
        batch.set_execute_checkpoint(blocks.end - 1);
        self.memory.set(batch.bytes());
        // Units and tables made from these witnesses are synced too: after a power loss they must not be ahead.
        let written = batch.commit_synced();
        self.memory.set(0);
        // What is written is written, whether or not its memory can be measured.
        if let Ok(memory) = self.store.memory() {
            self.ledger.gauge(Owner::Store).measured(memory.total_bytes());
        }
        written
    }
}

fn no_root(block: u64, source: TrieError) -> StepError {
    refused(ExecuteError::Root { block, source }).into()
}
