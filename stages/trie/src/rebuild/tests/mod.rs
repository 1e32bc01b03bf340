//! The rebuild as a whole, over a state and a target in memory.

mod compare;
mod failures;
mod memory;
mod roots;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy_trie::{BranchNodeCompact, Nibbles, TrieAccount};
use blockmill_chain::{Account, Cancel};

use super::{FlatState, MIN_MEMORY_BYTES, RebuildError, RebuildOptions, RebuildTarget, Rebuilt, rebuild};
use crate::test_store::{TestStore, rebuilt};
use crate::{BranchUpdate, TrieId, TrieUpdates};

/// More than any state here takes.
const AMPLE_BYTES: usize = 64 << 20;

/// What the doubles fail with.
#[derive(Debug, thiserror::Error)]
#[error("injected")]
struct Injected;

/// A flat state that may fail, or ask for a stop, when a row is read.
#[derive(Debug, Default)]
struct State {
    accounts: BTreeMap<Address, Account>,
    slots: BTreeMap<(Address, U256), U256>,
    rows_read: Cell<u64>,
    fail_at: Option<u64>,
}

impl State {
    /// Accounts whose number of slots is given, all else derived from their position.
    fn with_slots(counts: impl IntoIterator<Item = u64>) -> Self {
        let mut state = Self::default();
        for (number, slots) in (0u64..).zip(counts) {
            let hash = keccak256(number.to_be_bytes());
            let address = Address::from_slice(&hash[..20]);
            let code_hash = if slots > 0 { hash } else { Account::default().code_hash };
            state.accounts.insert(address, Account { nonce: number, balance: hash.into(), code_hash });
            // Values of all lengths, among them those whose leaves are short.
            let value = |slot: u64| U256::from(slot + 1) << ((slot % 30) * 8);
            state.slots.extend((0..slots).map(|slot| ((address, U256::from(slot)), value(slot))));
        }
        state
    }

    fn read<T>(&self, row: T) -> Result<T, Injected> {
        self.rows_read.set(self.rows_read.get() + 1);
        if self.fail_at == Some(self.rows_read.get()) { Err(Injected) } else { Ok(row) }
    }

    fn slots_of(&self, address: Address) -> impl Iterator<Item = (B256, U256)> {
        let range = self.slots.range((address, U256::ZERO)..=(address, U256::MAX));
        range.map(|((_, slot), value)| (B256::from(*slot), *value))
    }
}

impl FlatState for State {
    type Error = Injected;

    fn accounts(&self) -> impl Iterator<Item = Result<(Address, Account), Injected>> {
        self.accounts.iter().map(|(address, account)| self.read((*address, *account)))
    }

    fn slots(&self) -> impl Iterator<Item = Result<(Address, U256, U256), Injected>> {
        self.slots.iter().map(|((address, slot), value)| self.read((*address, *slot, *value)))
    }
}

/// A store of trie rows that may fail at a write.
#[derive(Debug, Default)]
struct Target {
    rows: TestStore,
    writes: usize,
    fail_at: Option<usize>,
}

/// The rows as one hash builder for each trie gives them, in one go; and the state root.
fn rows_of(state: &State) -> (TestStore, B256) {
    let mut rows = TestStore::default();
    let put = |rows: &mut TestStore, trie, nodes: Vec<(Nibbles, BranchNodeCompact)>| {
        rows.branches.extend(nodes.into_iter().map(|(path, node)| ((trie, path), node)));
    };
    for (address, account) in &state.accounts {
        let hashed = keccak256(address);
        let slots: BTreeMap<_, _> = state.slots_of(*address).map(|(k, v)| (keccak256(k), v)).collect();
        let leaves = slots.iter().map(|(key, value)| (*key, alloy_rlp::encode(value)));
        let (storage_root, nodes) = rebuilt(leaves);
        put(&mut rows, TrieId::Storage(hashed), nodes);
        rows.slots.extend(slots.into_iter().map(|(key, value)| ((hashed, key), value)));
        let Account { nonce, balance, code_hash } = *account;
        rows.accounts.insert(hashed, TrieAccount { nonce, balance, storage_root, code_hash });
    }
    let (root, nodes) =
        rebuilt(rows.accounts.iter().map(|(key, account)| (*key, alloy_rlp::encode(account))));
    put(&mut rows, TrieId::Accounts, nodes);
    (rows, root)
}

/// Rows of a rebuild are new ones, in order.
fn assert_new_and_sorted(rows: &TrieUpdates) {
    let sorted = |branches: &[BranchUpdate]| {
        branches.is_sorted_by(|left, right| left.0 < right.0) && branches.iter().all(|(_, row)| row.is_some())
    };
    assert!(rows.accounts.is_sorted_by(|left, right| left.0 < right.0) && sorted(&rows.branches));
    assert!(rows.storage.iter().all(|storage| !storage.wiped && sorted(&storage.branches)));
}

impl RebuildTarget for Target {
    type Error = Injected;

    fn write(&mut self, rows: &TrieUpdates) -> Result<(), Injected> {
        self.writes += 1;
        if self.fail_at == Some(self.writes) {
            return Err(Injected);
        }
        assert_new_and_sorted(rows);
        self.rows.write(rows);
        Ok(())
    }
}

/// Rebuilds into `target`, with temporary files in `folder`.
fn run<T: RebuildTarget>(
    state: &State,
    target: &mut T,
    folder: &Path,
    memory_bytes: usize,
) -> Result<Rebuilt, RebuildError> {
    let options = RebuildOptions { folder, memory_bytes, cancel: &Cancel::default() };
    rebuild(state, target, &options)
}

/// Rebuilds anew and holds everything against the rows of one hash builder for each trie.
fn check(state: &State, memory_bytes: usize) -> Rebuilt {
    let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
    let rebuilt = run(state, &mut target, parent.path(), memory_bytes).unwrap();
    let (rows, root) = rows_of(state);
    assert_eq!(rebuilt.root, root);
    assert!(target.rows == rows, "rows differ");
    assert_eq!(rebuilt.accounts, state.accounts.len() as u64);
    assert_eq!(rebuilt.slots, rows.slots.len() as u64);
    assert!(rebuilt.peak_bytes <= memory_bytes, "{} of {memory_bytes} bytes", rebuilt.peak_bytes);
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0, "temporary files must be gone");
    rebuilt
}
