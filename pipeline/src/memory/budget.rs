//! The split of `--memory`.

use super::Owner;
use crate::settings::ByteSize;

/// The parts of `--memory` in a run, in bytes.
///
/// What one item holds (a block, a row, a write) may pass a part that is smaller than it: it is then the only one there.
/// Beside the whole the process takes code, thread stacks, and what the engines do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// RocksDB: block cache and memtables.
    pub store: usize,
    /// Accounts and slots that were read or changed lately: what would otherwise be looked up in the store again.
    pub state: usize,
    /// Decoded blocks: what the source reads at a time, and what is kept for the stages that follow it.
    pub source_batch: usize,
    /// Changes and witnesses of the slice that is being executed, until they are written.
    pub slice: usize,
    /// Nodes of the state trie and hashed keys that are kept from one write to the next.
    pub trie: usize,
    /// Computing the state trie anew: the workers' part, before they have work.
    pub trie_rebuild: usize,
    /// Analysed bytecode, shared by all workers.
    pub codes: usize,
    /// Row builders of one worker: a fixed reservation, never pooled.
    pub rows_per_worker: usize,
    /// Call frames of one worker; what is more goes to a file.
    pub frames_per_worker: usize,
    /// Parquet writers of one worker.
    pub spill_per_worker: usize,
    /// The block that one worker replays, with its witness. Those of all workers stay within their parts together; one
    /// that is larger than that waits until it is the only one.
    pub witness_per_worker: usize,
    /// DuckDB's `memory_limit`, which it overshoots a little.
    pub load: u64,
    /// Workers of the trace stage.
    pub workers: usize,
    /// Whether all stages may work at the same time.
    pub overlaps: bool,
}

/// A budget that does not suffice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "--memory {given} is too little for {}: give at least {needed}{}",
    if *threads == 1 { "a thread".to_owned() } else { format!("{threads} threads") },
    if *threads == 1 { "" } else { ", or fewer --threads" }
)]
pub struct BudgetError {
    given: ByteSize,
    threads: usize,
    needed: ByteSize,
}

const MIB: u64 = 1 << 20;
/// More than this, or than so much for each worker, the stages have no use for: beyond it only what is kept of the state from
/// block to block grows.
const MOST_OF_STAGES: u64 = 4 << 30;
const MOST_PER_WORKER: u64 = 128 * MIB;
/// Below this, stages take turns: what one has taken it gives back before the next begins.
const LEAST_OVERLAPPED: u64 = 1 << 30;
/// Below this, DuckDB's part does not suffice to load every table: each row group under construction holds some hundred
/// kilobytes a column, and rows may be 8 KiB long (blocks made of calls with a megabyte each were loaded with this, on one
/// and two threads).
const LEAST_MEMORY: u64 = 384 * MIB;
/// Below this, Parquet row groups become too small to load quickly.
const LEAST_PER_WORKER: u64 = 32 * MIB;

impl Budget {
    /// Splits `memory`: a fifth for the store, a twentieth each for rows of the state and for its trie, three tenths each for
    /// DuckDB and the workers, one for what is in between. What is more than the stages have a use for goes to the state
    /// alone: half of it to its rows, three eighths to the store, where filters and indexes are, an eighth to its trie.
    pub fn split(memory: ByteSize, threads: usize) -> Result<Self, BudgetError> {
        let needed = Self::least(threads);
        let threads = threads.max(1);
        if memory < needed {
            return Err(BudgetError { given: memory, threads, needed });
        }
        let of_stages = memory.0.min(MOST_OF_STAGES.max(MOST_PER_WORKER.saturating_mul(threads as u64)));
        let (tenth, eighth) = (of_stages / 10, (memory.0 - of_stages) / 8);
        let per_worker = tenth * 3 / threads as u64;
        Ok(Self {
            store: (tenth * 2 + eighth * 3) as usize,
            state: (tenth / 2 + eighth * 4) as usize,
            trie: (tenth / 2 + eighth) as usize,
            trie_rebuild: (tenth * 3) as usize,
            source_batch: (tenth / 4) as usize,
            slice: (tenth / 2) as usize,
            codes: (tenth / 4) as usize,
            witness_per_worker: (per_worker / 8) as usize,
            rows_per_worker: (per_worker / 4) as usize,
            frames_per_worker: (per_worker / 8) as usize,
            spill_per_worker: (per_worker / 2) as usize,
            load: tenth * 3,
            workers: threads,
            overlaps: threads > 1 && memory.0 >= LEAST_OVERLAPPED,
        })
    }

    /// The least that so many threads can work with.
    pub fn least(threads: usize) -> ByteSize {
        let workers = LEAST_PER_WORKER.saturating_mul(threads as u64).saturating_mul(10).div_ceil(3);
        let needed = LEAST_MEMORY.max(workers);
        ByteSize(needed.checked_next_multiple_of(MIB).unwrap_or(needed))
    }

    /// The part of an owner, of all workers together.
    pub(crate) fn share(&self, owner: Owner) -> u64 {
        let bytes = match owner {
            Owner::Store => self.store,
            Owner::State => self.state,
            Owner::Blocks => self.source_batch,
            Owner::Slice => self.slice,
            Owner::Tries => self.trie,
            Owner::Codes => self.codes,
            Owner::Witnesses => self.witness_per_worker * self.workers,
            Owner::Rows => self.rows_per_worker * self.workers,
            Owner::Frames => self.frames_per_worker * self.workers,
            Owner::Segments => self.spill_per_worker * self.workers,
            Owner::Tables => return self.load,
        };
        bytes as u64
    }
}

#[cfg(test)]
mod tests {
    use blockmill_store::StoreOptions;

    use super::*;

    #[test]
    fn the_parts_never_exceed_the_whole() {
        for threads in 1..=8 {
            let more = [1, 2, 4, 64, 1_024].map(|gib| ByteSize(gib << 30));
            for memory in [Budget::least(threads)].into_iter().chain(more) {
                let b = Budget::split(memory, threads).unwrap();
                let sum: u64 = Owner::ALL.into_iter().map(|owner| b.share(owner)).sum();
                assert!(sum <= memory.0, "{memory} on {threads} threads");
            }
        }
    }

    #[test]
    fn what_stages_have_no_use_for_goes_to_the_state() {
        let split = |gib: u64| Budget::split(ByteSize(gib << 30), 16).unwrap();
        let (small, large) = (split(4), split(64));
        let of_state = |budget: Budget| budget.store + budget.state + budget.trie;
        assert_eq!(
            Budget { store: 0, state: 0, trie: 0, ..large },
            Budget { store: 0, state: 0, trie: 0, ..small }
        );
        assert_eq!(of_state(large) - of_state(small), 60 << 30);
        // 400 million accounts and 1.7 billion slots, flat and as leaves.
        let mainnet = 4_200_000_000;
        let fits =
            |budget: Budget| StoreOptions { budget_bytes: budget.store }.rows_with_whole_filters() > mainnet;
        assert!(fits(large) && !fits(small));
    }

    #[test]
    fn what_is_asked_for_suffices() {
        for threads in [1, 2, 16, 1 << 30] {
            let Err(error) = Budget::split(ByteSize(1 << 20), threads) else { panic!("1 MiB must not do") };
            assert!(Budget::split(error.needed, threads).is_ok(), "{error}");
        }
    }
}
