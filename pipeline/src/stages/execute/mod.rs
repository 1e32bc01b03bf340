//! Stored blocks, in chain order, into state, tries and witnesses.

mod committer;
mod disk_reads;
mod first_wrong;
mod producer;
mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use blockmill_chain::{BlockRange, ChainSpec, Context, Stage, StageError, StageId};
use blockmill_execute::{CodeCache, ExecuteError, Readers, StateCache};
use blockmill_store::{Store, StoreError, StoredBlock};
use blockmill_trie::StateTrie;

use crate::flow::byte_queue::{Item, byte_queue};
use crate::flow::kept_blocks::KeptBlocks;
use crate::memory::{Ledger, Owner};
use crate::run::driver::most_telling;
use crate::settings::RootInterval;
use crate::stages::refused::not_verified;
use committer::Committer;
pub(crate) use disk_reads::DiskReads;
use producer::{Checker, Producer, needs_trie};
use step::{Step, StepError};

/// Executes and verifies; the changes, tries, witnesses and checkpoints of a slice are one write.
///
/// Two threads: while one computes and compares the state root after some blocks and writes them, the other
/// executes those that follow. Where they wait for a disk, others read for both.
pub(crate) struct ExecuteStage<'a> {
    pub(crate) store: &'a Store,
    pub(crate) spec: &'a ChainSpec,
    pub(crate) codes: &'a CodeCache,
    /// Blocks that need not be decoded again.
    pub(crate) kept: &'a KeptBlocks<'a>,
    /// Values of the stored state that were read lately.
    pub(crate) cache: &'a StateCache,
    pub(crate) disk_reads: DiskReads,
    pub(crate) trie: StateTrie,
    pub(crate) root_interval: RootInterval,
    /// Blocks whose rows are wanted: those before need no witness.
    pub(crate) rows: BlockRange,
    /// Number of threads: with one, blocks are executed and their roots computed in turn.
    pub(crate) threads: usize,
    pub(crate) ledger: &'a Ledger,
}

impl Stage for ExecuteStage<'_> {
    fn id(&self) -> StageId {
        StageId::Execute
    }

    fn checkpoint(&self) -> Result<Option<u64>, StageError> {
        self.store.execute_checkpoint().map_err(failed)
    }

    fn execute(&mut self, range: BlockRange, cx: &Context<'_>) -> Result<u64, StageError> {
        let is_in_turn = self.threads == 1 || self.needs_trie(range.start)?;
        let started = Instant::now();
        let producer = self.producer(self.root_interval);
        let done = if is_in_turn {
            self.run_in_turn(&producer, range, cx)
        } else {
            self.run_overlapped(producer, range, cx)
        };
        self.disk_reads.slice_ended(self.cache.take_disk_time(), started.elapsed());
        self.ledger.gauge(Owner::State).measured(self.cache.bytes() as u64);
        if done.is_err() {
            // It knows blocks that were not written.
            self.cache.clear();
        }
        done.map_err(|error| match error {
            StepError::Failed(error) => error,
            StepError::WrongRoot(wrong) => self.find_first_wrong(*wrong, cx),
        })?;
        let is_last = self.checkpoint()?.is_some_and(|last| last + 1 >= self.rows.end);
        if is_last {
            self.store.flush_in_background().map_err(failed)?;
        }
        // The witnesses that wait are counted by the store.
        Ok(0)
    }
}

impl<'a> ExecuteStage<'a> {
    /// A root after every transaction needs the trie where the blocks are executed.
    fn run_in_turn(
        &mut self,
        producer: &Producer<'_>,
        range: BlockRange,
        cx: &Context<'_>,
    ) -> Result<(), StepError> {
        let mut committer = Committer::new(self.store, &mut self.trie, self.rows, cx.monitor, self.ledger);
        let produced = producer.produce(range, cx, &mut Checker::InTurn(&mut committer));
        committer.finish(produced)
    }

    fn run_overlapped(
        &mut self,
        producer: Producer<'_>,
        range: BlockRange,
        cx: &Context<'_>,
    ) -> Result<(), StepError> {
        let (store, kept, ledger) = (self.store, self.kept, self.ledger);
        let block = |number| block(store, kept.get(number), number).ok();
        let from = self.disk_reads.reached;
        let readers = self
            .disk_reads
            .pool
            .as_ref()
            .map(|_| Readers::new(self.spec, self.codes, self.cache, store, &block, range, from));
        let readers = readers.as_ref();
        let producer = Producer { readers, ..producer };
        let mut committer = Committer::new(store, &mut self.trie, self.rows, cx.monitor, ledger);
        committer.pool = self.disk_reads.pool.as_ref();
        let done = thread::scope(|scope| {
            let reading = readers.map(|readers| readers.start(scope));
            // Also keeps the executing thread from running far ahead of a wrong root.
            let (steps, waiting) = byte_queue(cx.limits.bytes / 2, ledger.gauge(Owner::Slice));
            let roots = thread::Builder::new().name("state-roots".into()).spawn_scoped(scope, move || {
                let mut take = |Item { value, held: _held }: Item<'_, Step>| committer.take(value);
                let checked = waiting.iter().try_for_each(&mut take);
                // Hung up before the rest is written: what would be executed meanwhile is not wanted.
                drop(waiting);
                committer.finish(checked)
            });
            let roots = roots.map_err(failed)?;
            let produced = producer.produce(range, cx, &mut Checker::Overlapped(steps));
            let checked = roots.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            drop(reading);
            match (checked, produced) {
                (Err(StepError::Failed(checked)), Err(StepError::Failed(produced))) => {
                    most_telling(vec![produced, checked], cx.monitor)
                        .map_or(Ok(()), |error| Err(error.into()))
                }
                // A wrong root lies before whatever stopped the execution, and may be its cause.
                (checked, produced) => checked.and(produced),
            }
        });
        if let Some(readers) = readers {
            self.disk_reads.reached = readers.reached();
        }
        done
    }

    /// Whether roots are to be computed after the transactions of a block.
    fn needs_trie(&self, number: u64) -> Result<bool, StageError> {
        if self.spec.is_byzantium(number) {
            return Ok(false);
        }
        let stored = block(self.store, self.kept.get(number), number)?;
        Ok(needs_trie(self.spec, &stored))
    }

    fn producer(&self, root_interval: RootInterval) -> Producer<'a> {
        Producer {
            store: self.store,
            spec: self.spec,
            codes: self.codes,
            kept: self.kept,
            cache: self.cache,
            readers: None,
            root_interval,
            locates_transaction: false,
        }
    }
}

/// A block that is kept, or else from the store.
fn block(store: &Store, kept: Option<Arc<StoredBlock>>, number: u64) -> Result<Arc<StoredBlock>, StageError> {
    if let Some(block) = kept {
        return Ok(block);
    }
    let stored = store.block(number).map_err(failed)?;
    stored.map(Arc::new).ok_or_else(|| failed(StoreError::UnknownBlock { number }))
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StageError {
    StageError::failed(StageId::Execute, error)
}

fn refused(error: ExecuteError) -> StageError {
    match error.is_verification() {
        true => not_verified(StageId::Execute, error),
        false => failed(error),
    }
}
