//! Real blocks over a large store: each on the state that it was made on, put there beforehand.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alloy::primitives::{Address, U256};
use blockmill_benches::RealBlocks;
use blockmill_chain::{Account, Block, BlockChanges, RecoveredBlock, StorageChanges, Witness};
use blockmill_execute::{CodeCache, ExecutedBlock, SliceExecutor, SliceInput, TransactionRoots};
use blockmill_store::{Store, StoredBlock};
use blockmill_trie::StateTrie;

/// Accounts and slots as they must be; what is not there must not exist.
#[derive(Debug, Clone, Default)]
struct State {
    accounts: BTreeMap<Address, Account>,
    slots: BTreeMap<(Address, U256), U256>,
}

/// The state before each block, and what each block changes.
pub(crate) struct RealChanges {
    before: Vec<State>,
    pub(crate) changes: Vec<BlockChanges>,
    codes: CodeCache,
}

impl RealChanges {
    /// Executes each block once.
    pub(crate) fn execute(store: &Store, blocks: &RealBlocks) -> Self {
        write_surroundings(store, blocks);
        let before = blocks.witnesses.iter().map(state_before).collect();
        let mut real = Self { before, changes: Vec::new(), codes: CodeCache::new(1 << 30) };
        let mut changes = Vec::new();
        real.each(store, blocks, |executed| changes.push(executed.changes));
        real.changes = changes;
        real
    }

    /// The time that executing all blocks takes; putting their states there is not counted.
    pub(crate) fn time_of_execution(&self, store: &Store, blocks: &RealBlocks) -> Duration {
        self.each(store, blocks, drop)
    }

    /// What all blocks change, as one.
    pub(crate) fn merged(&self) -> BlockChanges {
        let mut merged = BlockChanges::default();
        self.changes.iter().for_each(|changes| merged.merge(changes.clone()));
        merged
    }

    /// The states of all blocks at once, with their tries.
    pub(crate) fn install_all(&self, store: &Store) {
        let mut now = State::default();
        for state in &self.before {
            now.accounts.extend(&state.accounts);
            now.slots.extend(&state.slots);
        }
        let changes = difference(&State::default(), &now);
        let mut trie = StateTrie::new(0);
        trie.apply(store, &changes).expect("the store can be read");
        let mut batch = store.batch();
        batch.put_changes(&changes).expect("the store can be read");
        batch.put_trie(&trie.take_updates()).expect("the store can be read");
        batch.commit().expect("the store can be written");
    }

    fn each(&self, store: &Store, blocks: &RealBlocks, mut done: impl FnMut(ExecutedBlock)) -> Duration {
        let (mut now, mut time) = (State::default(), Duration::ZERO);
        for (witness, before) in blocks.witnesses.iter().zip(&self.before) {
            put(store, &difference(&now, before));
            now = before.clone();
            let mut slice = SliceExecutor::new(&blocks.spec, &self.codes, store);
            let roots = TransactionRoots::Given(&witness.reads.transaction_roots);
            let input =
                SliceInput { block: &witness.block, total_difficulty: witness.reads.total_difficulty, roots };
            let started = Instant::now();
            let executed = slice.execute(input).expect("the vectors are valid");
            time += started.elapsed();
            done(executed);
        }
        put(store, &difference(&now, &State::default()));
        time
    }
}

/// Code, and the hashes of the blocks that are asked for.
fn write_surroundings(store: &Store, blocks: &RealBlocks) {
    let mut batch = store.batch();
    blocks.codes.iter().for_each(|(hash, code)| batch.put_code(*hash, code));
    for (number, hash) in blocks.witnesses.iter().flat_map(|witness| &witness.reads.block_hashes) {
        let mut block = Block::default();
        block.header.number = *number;
        let block = RecoveredBlock { hash: *hash, block, senders: Vec::new() };
        let stored = StoredBlock { block, total_difficulty: None, transaction_roots: Vec::new() };
        batch.put_block(&stored).expect("the store can be read");
    }
    batch.commit().expect("the store can be written");
}

fn state_before(witness: &Witness) -> State {
    let mut state = State::default();
    for account in &witness.reads.accounts {
        state.accounts.extend(account.account.map(|value| (account.address, value)));
        let slots = account.storage.iter().filter(|(_, value)| !value.is_zero());
        state.slots.extend(slots.map(|(slot, value)| ((account.address, *slot), *value)));
    }
    state
}

/// The changes that lead from one state to another.
fn difference(from: &State, to: &State) -> BlockChanges {
    let mut changes = BlockChanges::default();
    for address in from.accounts.keys().chain(to.accounts.keys()) {
        let account = to.accounts.get(address).copied();
        if from.accounts.get(address).copied() != account {
            changes.accounts.insert(*address, account);
        }
    }
    for key @ (address, slot) in from.slots.keys().chain(to.slots.keys()) {
        let value = to.slots.get(key).copied().unwrap_or_default();
        if from.slots.get(key).copied().unwrap_or_default() != value {
            let storage: &mut StorageChanges = changes.storage.entry(*address).or_default();
            storage.slots.insert(*slot, value);
        }
    }
    changes
}

fn put(store: &Store, changes: &BlockChanges) {
    let mut batch = store.batch();
    batch.put_changes(changes).expect("the store can be read");
    batch.commit().expect("the store can be written");
}
