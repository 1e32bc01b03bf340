//! Real blocks over a store that holds more than their state: what they read is written beforehand, all of it at once, and
//! where two blocks need different values there, each finds its own in the cache of rows.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use alloy::primitives::U256;
use blockmill_chain::{Block, BlockChanges, BlockRange, RecoveredBlock, Witness};
use blockmill_execute::{
    CodeCache, ExecutedBlock, Readers, SliceExecutor, SliceInput, StateCache, TransactionRoots,
};
use blockmill_store::{Store, StoreError, StoredBlock};
use blockmill_trie::StateTrie;

use crate::RealBlocks;

/// The states of real blocks, and code that is analysed once.
pub struct RealStates<'a> {
    blocks: &'a RealBlocks,
    /// Everything that the blocks read, with the values that the last of them found.
    base: BlockChanges,
    patches: Vec<Patch>,
    codes: CodeCache,
}

/// What a block finds otherwise than the base has it.
#[derive(Default)]
struct Patch {
    there: BlockChanges,
    back: BlockChanges,
}

/// More than the accounts and slots that the blocks read take.
const ROW_BYTES: usize = 64 << 20;
/// More than the code of all blocks takes.
const CODE_BYTES: usize = 1 << 30;

impl<'a> RealStates<'a> {
    /// Takes the states out of witnesses; nothing is written.
    pub fn new(blocks: &'a RealBlocks) -> Self {
        let states: Vec<_> = blocks.witnesses.iter().map(state_before).collect();
        let mut base = BlockChanges::default();
        states.iter().for_each(|state| base.merge(state.clone()));
        let patches = states.iter().map(|state| Patch::between(&base, state)).collect();
        Self { blocks, base, patches, codes: CodeCache::new(CODE_BYTES) }
    }

    /// An empty cache with room for all accounts and slots that the blocks read.
    pub fn empty_cache() -> StateCache {
        StateCache::new(ROW_BYTES)
    }

    /// Writes what the blocks read into the flat state, their code, and the hashes of blocks that they ask for.
    ///
    /// # Errors
    /// The store could not be written.
    pub fn write(&self, store: &Store) -> Result<(), StoreError> {
        let mut batch = store.batch();
        batch.put_changes(&self.base)?;
        self.blocks.codes.iter().for_each(|(hash, code)| batch.put_code(*hash, code));
        let hashes = self.blocks.witnesses.iter().flat_map(|witness| &witness.reads.block_hashes);
        for (number, hash) in hashes {
            let mut block = Block::default();
            block.header.number = *number;
            let block = RecoveredBlock { hash: *hash, block, senders: Vec::new() };
            batch.put_block(&StoredBlock { block, total_difficulty: None, transaction_roots: Vec::new() })?;
        }
        batch.commit()
    }

    /// Puts the same into the tries.
    ///
    /// # Errors
    /// The store could not be written.
    ///
    /// # Panics
    /// If the store's tries do not belong to its state.
    pub fn write_tries(&self, store: &Store) -> Result<(), StoreError> {
        let mut trie = StateTrie::new(0);
        trie.apply(store, &self.base).expect("the store has tries");
        let mut batch = store.batch();
        batch.put_trie(&trie.take_updates())?;
        batch.commit()
    }

    /// Executes each block; what it changes is not written.
    ///
    /// # Panics
    /// If a block does not verify: the store does not hold what it reads.
    pub fn execute(&self, store: &Store, cache: &StateCache) -> Vec<ExecutedBlock> {
        let mut executed = Vec::new();
        self.each(store, cache, &|_| (), |block| executed.push(block));
        executed
    }

    /// The time that executing all blocks takes, header checks and witnesses included.
    ///
    /// # Panics
    /// As [`execute`](Self::execute).
    pub fn time_of_execution(&self, store: &Store, cache: &StateCache) -> Duration {
        self.each(store, cache, &|_| (), drop)
    }

    /// Executes each block while others read what later ones will.
    ///
    /// # Panics
    /// As [`execute`](Self::execute).
    pub fn execute_with_readers(&self, store: &Store, cache: &StateCache) {
        let all = self.blocks.witnesses.iter().map(|witness| StoredBlock {
            block: witness.block.clone(),
            total_difficulty: None,
            transaction_roots: Vec::new(),
        });
        let all: Vec<_> = all.map(Arc::new).collect();
        let block = |number| all.get(number as usize).cloned();
        let range = BlockRange::new(0, all.len() as u64);
        let readers = Readers::new(&self.blocks.spec, &self.codes, cache, store, &block, range, 0);
        thread::scope(|scope| {
            let _reading = readers.start(scope);
            self.each(store, cache, &|number| readers.executing(number), drop);
        });
    }

    /// Executes each block; `begins` is told its place.
    fn each(
        &self,
        store: &Store,
        cache: &StateCache,
        begins: &dyn Fn(u64),
        mut done: impl FnMut(ExecutedBlock),
    ) -> Duration {
        let mut time = Duration::ZERO;
        for (place, (witness, patch)) in self.blocks.witnesses.iter().zip(&self.patches).enumerate() {
            begins(place as u64);
            cache.update(&patch.there);
            let slice = SliceExecutor::new(&self.blocks.spec, &self.codes, store);
            let mut slice = slice.with_cache(cache);
            let roots = TransactionRoots::Given(&witness.reads.transaction_roots);
            let total_difficulty = witness.reads.total_difficulty;
            let input = SliceInput { block: &witness.block, total_difficulty, roots, access_list: None };
            let started = Instant::now();
            let executed = slice.execute(input).expect("the vectors are valid");
            time += started.elapsed();
            cache.update(&self.stored(&executed.changes));
            cache.update(&patch.back);
            done(executed);
        }
        time
    }

    /// What the store has of what a block changes: it reads everything that it changes, but for what it creates.
    fn stored(&self, changes: &BlockChanges) -> BlockChanges {
        let mut stored = BlockChanges::default();
        for address in changes.accounts.keys() {
            stored.accounts.insert(*address, self.base.accounts.get(address).copied().flatten());
        }
        for (address, storage) in &changes.storage {
            let known = self.base.storage.get(address);
            let value =
                |slot: &U256| known.and_then(|known| known.slots.get(slot)).copied().unwrap_or_default();
            stored.storage.entry(*address).or_default().slots =
                storage.slots.keys().map(|slot| (*slot, value(slot))).collect();
        }
        stored
    }
}

impl Patch {
    /// `base` holds whatever `wanted` does.
    fn between(base: &BlockChanges, wanted: &BlockChanges) -> Self {
        let mut patch = Self::default();
        for (address, account) in &wanted.accounts {
            let known = base.accounts[address];
            if known != *account {
                patch.there.accounts.insert(*address, *account);
                patch.back.accounts.insert(*address, known);
            }
        }
        for (address, storage) in &wanted.storage {
            let known = &base.storage[address].slots;
            for (slot, value) in storage.slots.iter().filter(|(slot, value)| known[*slot] != **value) {
                patch.there.storage.entry(*address).or_default().slots.insert(*slot, *value);
                patch.back.storage.entry(*address).or_default().slots.insert(*slot, known[slot]);
            }
        }
        patch
    }
}

/// Everything that a block reads, as it must find it.
fn state_before(witness: &Witness) -> BlockChanges {
    let mut state = BlockChanges::default();
    for read in &witness.reads.accounts {
        state.accounts.insert(read.address, read.account);
        if !read.storage.is_empty() {
            state.storage.entry(read.address).or_default().slots = read.storage.iter().copied().collect();
        }
    }
    state
}
