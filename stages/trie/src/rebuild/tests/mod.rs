//! The rebuild as a whole, over a state and a target in memory.

mod compare;
mod damage;
mod memory;
mod resume;
mod roots;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy_trie::{BranchNodeCompact, HashBuilder, Nibbles, TrieAccount};
use blockmill_chain::{Account, Cancel};

use super::compare::{BranchCounts, TrieScan};
use super::{FlatState, MIN_MEMORY_BYTES, RebuildError, RebuildOptions, RebuildTarget, Rebuilt, rebuild};
use crate::{BranchUpdate, TrieId, TrieReader, TrieUpdates, Visit};

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

    fn accounts_from(&self, start: Address) -> impl Iterator<Item = Result<(Address, Account), Injected>> {
        self.accounts.range(start..).map(|(address, account)| self.read((*address, *account)))
    }

    fn slots_from(
        &self,
        start: (Address, U256),
    ) -> impl Iterator<Item = Result<(Address, U256, U256), Injected>> {
        self.slots.range(start..).map(|((address, slot), value)| self.read((*address, *slot, *value)))
    }
}

/// A store of trie rows that may fail at a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rows {
    accounts: BTreeMap<B256, TrieAccount>,
    slots: BTreeMap<(B256, B256), U256>,
    branches: BTreeMap<(TrieId, Nibbles), BranchNodeCompact>,
}

#[derive(Debug, Default)]
struct Target {
    rows: Rows,
    through: Option<B256>,
    writes: usize,
    fail_at: Option<usize>,
}

impl Rows {
    fn put_branches(&mut self, trie: TrieId, rows: &[BranchUpdate]) {
        assert!(rows.is_sorted_by(|left, right| left.0 < right.0));
        for (path, node) in rows {
            self.branches.insert((trie, *path), node.clone().unwrap());
        }
    }

    fn put(&mut self, rows: &TrieUpdates) {
        assert!(rows.accounts.is_sorted_by(|left, right| left.0 < right.0));
        self.accounts.extend(rows.accounts.iter().map(|(key, account)| (*key, account.unwrap())));
        self.put_branches(TrieId::Accounts, &rows.branches);
        for storage in &rows.storage {
            assert!(!storage.wiped);
            self.slots.extend(storage.slots.iter().map(|(key, value)| ((storage.owner, *key), *value)));
            self.put_branches(TrieId::Storage(storage.owner), &storage.branches);
        }
    }

    /// The rows as one hash builder for each trie gives them, in one go; and the state root.
    fn of(state: &State) -> (Self, B256) {
        let mut rows = Self::default();
        for (address, account) in &state.accounts {
            let hashed = keccak256(address);
            let slots: BTreeMap<_, _> = state.slots_of(*address).map(|(k, v)| (keccak256(k), v)).collect();
            let leaves = slots.iter().map(|(key, value)| (*key, alloy_rlp::encode(value)));
            let storage_root = rows.put_trie(TrieId::Storage(hashed), leaves);
            rows.slots.extend(slots.into_iter().map(|(key, value)| ((hashed, key), value)));
            let Account { nonce, balance, code_hash } = *account;
            rows.accounts.insert(hashed, TrieAccount { nonce, balance, storage_root, code_hash });
        }
        let leaves: Vec<_> = rows.accounts.iter().map(|(key, a)| (*key, alloy_rlp::encode(a))).collect();
        let root = rows.put_trie(TrieId::Accounts, leaves.into_iter());
        (rows, root)
    }

    fn put_trie(&mut self, trie: TrieId, leaves: impl Iterator<Item = (B256, Vec<u8>)>) -> B256 {
        let mut builder = HashBuilder::default().with_updates(true);
        leaves.for_each(|(key, value)| builder.add_leaf(Nibbles::unpack(key), &value));
        let root = builder.root();
        for (path, node) in builder.split().1 {
            self.branches.insert((trie, path), BranchNodeCompact { root_hash: None, ..node });
        }
        root
    }
}

impl RebuildTarget for Target {
    type Error = Injected;

    fn through(&self) -> Result<Option<B256>, Injected> {
        Ok(self.through)
    }

    fn written_accounts(&self, visit: &mut dyn FnMut(B256, TrieAccount) -> Visit) -> Result<(), Injected> {
        let rows = self.rows.accounts.iter();
        rows.map_while(|(key, account)| (visit(*key, *account) == Visit::Next).then_some(())).for_each(drop);
        Ok(())
    }

    fn write(&mut self, rows: &TrieUpdates, through: Option<B256>) -> Result<(), Injected> {
        self.writes += 1;
        if self.fail_at == Some(self.writes) {
            return Err(Injected);
        }
        assert!(through >= self.through);
        self.rows.put(rows);
        self.through = through;
        Ok(())
    }
}

impl TrieReader for Rows {
    type Error = Injected;

    fn branch(&self, trie: TrieId, path: &Nibbles) -> Result<Option<BranchNodeCompact>, Injected> {
        Ok(self.branches.get(&(trie, *path)).cloned())
    }

    fn first_branch(
        &self,
        trie: TrieId,
        prefix: &Nibbles,
    ) -> Result<Option<(Nibbles, BranchNodeCompact)>, Injected> {
        let first = self.branches.range((trie, *prefix)..).next();
        let first = first.filter(|((theirs, path), _)| *theirs == trie && path.starts_with(prefix));
        Ok(first.map(|((_, path), node)| (*path, node.clone())))
    }

    fn account_leaves(
        &self,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, TrieAccount) -> Visit,
    ) -> Result<(), Injected> {
        let leaves = self.accounts.iter().filter(|(key, _)| Nibbles::unpack(key).starts_with(prefix));
        let mut from = B256::ZERO;
        for (key, account) in leaves {
            match if *key < from { Visit::Next } else { visit(*key, *account) } {
                Visit::Next => {}
                Visit::SkipTo(to) => from = to,
                Visit::Stop => break,
            }
        }
        Ok(())
    }

    fn storage_leaves(
        &self,
        _owner: B256,
        _prefix: &Nibbles,
        _visit: &mut dyn FnMut(B256, U256) -> Visit,
    ) -> Result<(), Injected> {
        panic!("a comparison reads all slots in order")
    }
}

impl TrieScan for Rows {
    fn slot_leaves_from(
        &self,
        from: (B256, B256),
        visit: &mut dyn FnMut((B256, B256), U256) -> Visit,
    ) -> Result<(), Injected> {
        let slots = self.slots.range(from..);
        slots.map_while(|(key, value)| (visit(*key, *value) == Visit::Next).then_some(())).for_each(drop);
        Ok(())
    }

    fn branch_counts(&self) -> Result<BranchCounts, Injected> {
        let accounts = self.branches.keys().filter(|(trie, _)| *trie == TrieId::Accounts).count() as u64;
        Ok(BranchCounts { accounts, storage: self.branches.len() as u64 - accounts })
    }
}

/// Rebuilds into `target`, with the runs in a folder below `parent`.
fn run<T: RebuildTarget>(
    state: &State,
    target: &mut T,
    parent: &Path,
    memory_bytes: usize,
) -> Result<Rebuilt, RebuildError> {
    let options =
        RebuildOptions { folder: &parent.join("runs"), memory_bytes, state: 1, cancel: &Cancel::default() };
    rebuild(state, target, &options)
}

/// Rebuilds anew and holds everything against the rows of one hash builder for each trie.
fn check(state: &State, memory_bytes: usize) -> Rebuilt {
    let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
    let rebuilt = run(state, &mut target, parent.path(), memory_bytes).unwrap();
    let (rows, root) = Rows::of(state);
    assert_eq!(rebuilt.root, root);
    assert!(target.rows == rows, "rows differ");
    assert_eq!(rebuilt.accounts, state.accounts.len() as u64);
    assert_eq!(rebuilt.slots, rows.slots.len() as u64);
    assert!(rebuilt.peak_bytes <= memory_bytes, "{} of {memory_bytes} bytes", rebuilt.peak_bytes);
    assert!(!parent.path().join("runs").exists(), "the runs must be gone");
    rebuilt
}
