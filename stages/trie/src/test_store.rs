//! A store in memory, and tries computed from it by others.

use std::collections::BTreeMap;
use std::convert::Infallible;

use alloy::primitives::{B256, U256};
use alloy_trie::{BranchNodeCompact, HashBuilder, Nibbles, TrieAccount};

use crate::{BranchCounts, BranchUpdate, TrieId, TrieReader, TrieScan, TrieUpdates, Visit};

/// Leaves and branches as rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TestStore {
    pub(crate) accounts: BTreeMap<B256, TrieAccount>,
    pub(crate) slots: BTreeMap<(B256, B256), U256>,
    pub(crate) branches: BTreeMap<(TrieId, Nibbles), BranchNodeCompact>,
}

impl TestStore {
    pub(crate) fn write(&mut self, updates: &TrieUpdates) {
        for (key, leaf) in &updates.accounts {
            match leaf {
                Some(leaf) => self.accounts.insert(*key, *leaf),
                None => self.accounts.remove(key),
            };
        }
        self.write_branches(TrieId::Accounts, &updates.branches);
        for storage in &updates.storage {
            let trie = TrieId::Storage(storage.owner);
            if storage.wiped {
                self.slots.retain(|(owner, _), _| *owner != storage.owner);
                self.branches.retain(|(of, _), _| *of != trie);
            }
            for (key, value) in &storage.slots {
                match value.is_zero() {
                    true => self.slots.remove(&(storage.owner, *key)),
                    false => self.slots.insert((storage.owner, *key), *value),
                };
            }
            self.write_branches(trie, &storage.branches);
        }
    }

    pub(crate) fn write_branches(&mut self, trie: TrieId, branches: &[BranchUpdate]) {
        for (path, row) in branches {
            match row {
                Some(row) => self.branches.insert((trie, *path), row.clone()),
                None => self.branches.remove(&(trie, *path)),
            };
        }
    }

    pub(crate) fn slots_of(&self, owner: B256) -> impl Iterator<Item = (B256, U256)> {
        let all = (owner, B256::ZERO)..=(owner, B256::repeat_byte(0xff));
        self.slots.range(all).map(|((_, key), value)| (*key, *value))
    }
}

fn visit<V: Copy>(
    mut leaves: impl Iterator<Item = (B256, V)>,
    prefix: &Nibbles,
    visit: &mut dyn FnMut(B256, V) -> Visit,
) {
    let mut from = B256::ZERO;
    while let Some((key, value)) =
        leaves.find(|(key, _)| *key >= from && Nibbles::unpack(key).starts_with(prefix))
    {
        match visit(key, value) {
            Visit::Next => {}
            Visit::SkipTo(next) => from = next,
            Visit::Stop => return,
        }
    }
}

impl TrieReader for TestStore {
    type Error = Infallible;

    fn branch(&self, trie: TrieId, path: &Nibbles) -> Result<Option<BranchNodeCompact>, Infallible> {
        Ok(self.branches.get(&(trie, *path)).cloned())
    }

    fn first_branch(
        &self,
        trie: TrieId,
        prefix: &Nibbles,
    ) -> Result<Option<(Nibbles, BranchNodeCompact)>, Infallible> {
        let first = self.branches.range((trie, *prefix)..).next();
        let found = first.filter(|((of, path), _)| *of == trie && path.starts_with(prefix));
        Ok(found.map(|((_, path), row)| (*path, row.clone())))
    }

    fn account_leaves(
        &self,
        prefix: &Nibbles,
        each: &mut dyn FnMut(B256, TrieAccount) -> Visit,
    ) -> Result<(), Infallible> {
        visit(self.accounts.iter().map(|(key, leaf)| (*key, *leaf)), prefix, each);
        Ok(())
    }

    fn storage_leaves(
        &self,
        owner: B256,
        prefix: &Nibbles,
        each: &mut dyn FnMut(B256, U256) -> Visit,
    ) -> Result<(), Infallible> {
        visit(self.slots_of(owner), prefix, each);
        Ok(())
    }
}

impl TrieScan for TestStore {
    fn slot_leaves_from(
        &self,
        from: (B256, B256),
        visit: &mut dyn FnMut((B256, B256), U256) -> Visit,
    ) -> Result<(), Infallible> {
        let slots = self.slots.range(from..);
        slots.map_while(|(key, value)| (visit(*key, *value) == Visit::Next).then_some(())).for_each(drop);
        Ok(())
    }

    fn branch_counts(&self) -> Result<BranchCounts, Infallible> {
        let accounts = self.branches.keys().filter(|(trie, _)| *trie == TrieId::Accounts).count() as u64;
        Ok(BranchCounts { accounts, storage: self.branches.len() as u64 - accounts })
    }
}

/// Root by the triehash crate, which shares no code with alloy-trie or with this crate.
pub(crate) fn independent_root(leaves: impl Iterator<Item = (B256, Vec<u8>)>) -> B256 {
    #[derive(Debug)]
    struct Keccak;
    impl hash_db::Hasher for Keccak {
        type Out = B256;
        type StdHasher = plain_hasher::PlainHasher;
        const LENGTH: usize = 32;

        fn hash(bytes: &[u8]) -> B256 {
            alloy::primitives::keccak256(bytes)
        }
    }
    triehash::trie_root::<Keccak, _, _, _>(leaves)
}

/// Root and rows by alloy-trie's hash builder, from all leaves.
pub(crate) fn rebuilt(
    leaves: impl Iterator<Item = (B256, Vec<u8>)>,
) -> (B256, Vec<(Nibbles, BranchNodeCompact)>) {
    let mut builder = HashBuilder::default().with_updates(true);
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), &value);
    }
    let root = builder.root();
    let mut rows: Vec<_> = builder.split().1.into_iter().collect();
    rows.iter_mut().for_each(|(_, row)| row.root_hash = None);
    rows.sort_unstable_by_key(|(path, _)| *path);
    (root, rows)
}
