//! Reads a part of the trie that a change leads into.

use std::sync::atomic::{AtomicUsize, Ordering};

use alloy::primitives::B256;
use alloy_trie::nodes::RlpNode;
use alloy_trie::{BranchNodeCompact, Nibbles, TrieMask};

use super::node::{Leaf, node_bytes};
use super::{Branch, Child, LeafValue};
use crate::{TrieError, TrieId, TrieReader, Visit};

/// What is known of a place before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Nothing is known: this is the root.
    Nothing,
    /// A branch whose row is right here.
    RowHere,
    /// An extension to a branch that has a row.
    RowBelow,
    /// No row here nor below: at most some 16 × 16 leaves.
    NoRow,
}

/// Reads parts of one trie.
pub(crate) struct Loader<'a, R> {
    reader: &'a R,
    trie: TrieId,
    /// Given to the branches that are read.
    pub(super) stamp: u32,
    /// What all nodes take that were read or built.
    read_bytes: AtomicUsize,
}

impl<'a, R: TrieReader> Loader<'a, R> {
    /// `stamp` is given to the branches that are read.
    pub(crate) fn new(reader: &'a R, trie: TrieId, stamp: u32) -> Self {
        Self { reader, trie, stamp, read_bytes: AtomicUsize::new(0) }
    }

    pub(super) fn into_read_bytes(self) -> usize {
        self.read_bytes.into_inner()
    }

    fn new_branch<V: LeafValue>(&self, path: Nibbles) -> Branch<V> {
        self.read_bytes.fetch_add(node_bytes::<Branch<V>>(), Ordering::Relaxed);
        Branch::new(path, self.stamp)
    }

    /// The root. `targets` are those of its children, at this depth, that will be descended into.
    pub(crate) fn root<V: LeafValue>(
        &self,
        targets: &dyn Fn(usize) -> TrieMask,
    ) -> Result<Child<V>, TrieError> {
        self.load(&Nibbles::new(), Hint::Nothing, targets)
    }

    /// The branch that is known to be at `path` and to have `hash`. `targets` are as those of [`root`](Self::root).
    pub(crate) fn branch<V: LeafValue>(
        &self,
        path: &Nibbles,
        hash: B256,
        has_row: bool,
        targets: &dyn Fn(usize) -> TrieMask,
    ) -> Result<Box<Branch<V>>, TrieError> {
        match self.load(path, if has_row { Hint::RowHere } else { Hint::NoRow }, targets)? {
            Child::Branch(mut branch) if branch.path == *path => {
                branch.node = RlpNode::word_rlp(&hash);
                Ok(branch)
            }
            _ => Err(self.damaged(path, "its parent says that a branch is here, and there is none")),
        }
    }

    fn load<V: LeafValue>(
        &self,
        path: &Nibbles,
        hint: Hint,
        targets: &dyn Fn(usize) -> TrieMask,
    ) -> Result<Child<V>, TrieError> {
        match self.row(path, hint).map_err(TrieError::read(self.trie))? {
            Some((at, row)) => self.read_row(at, &row, targets(at.len())),
            None if matches!(hint, Hint::RowHere | Hint::RowBelow) => {
                Err(self.damaged(path, "its parent says that a branch is stored here, and there is none"))
            }
            None => self.read_leaves(path),
        }
    }

    /// The first row at or below `path`, as far as there may be one.
    fn row(&self, path: &Nibbles, hint: Hint) -> Result<Option<(Nibbles, BranchNodeCompact)>, R::Error> {
        let here = match hint {
            Hint::NoRow => return Ok(None),
            Hint::RowBelow => None,
            // By key a row is found in a fraction of the time that a search takes, and most roots have one.
            Hint::RowHere | Hint::Nothing => self.reader.branch(self.trie, path)?.map(|row| (*path, row)),
        };
        match here {
            None if hint != Hint::RowHere => self.reader.first_branch(self.trie, path),
            here => Ok(here),
        }
    }

    /// The branch of a row. Its single leaves and what lies below extensions are read too, since hashing it
    /// needs them; and while at it, those of the `targets` that have leaves only.
    fn read_row<V: LeafValue>(
        &self,
        at: Nibbles,
        row: &BranchNodeCompact,
        targets: TrieMask,
    ) -> Result<Child<V>, TrieError> {
        let mut branch = self.new_branch(at);
        branch.has_row = true;
        branch.is_row_stale = false;
        for nibble in row.state_mask.iter() {
            let has_row = row.tree_mask.is_bit_set(nibble);
            if row.hash_mask.is_bit_set(nibble) {
                let hash = row.hash_for_nibble(nibble);
                branch.children[usize::from(nibble)] = Child::Unloaded { hash, has_row };
            } else if has_row {
                let path = child_path(&at, nibble);
                branch.children[usize::from(nibble)] =
                    self.load(&path, Hint::RowBelow, &|_| TrieMask::default())?;
            }
        }
        let without_row = row.state_mask & !row.tree_mask;
        let unnamed = without_row & !row.hash_mask;
        self.fill_from_leaves(&mut branch, unnamed | (without_row & targets))?;
        if branch.state_mask() != row.state_mask {
            return Err(self.damaged(&at, "a child that the stored branch names is not there"));
        }
        branch.seal();
        Ok(Child::Branch(Box::new(branch)))
    }

    /// Fills those children of `branch` that are in `wanted` from the leaves under it.
    fn fill_from_leaves<V: LeafValue>(
        &self,
        branch: &mut Branch<V>,
        wanted: TrieMask,
    ) -> Result<(), TrieError> {
        let Some(first) = wanted.iter().next() else { return Ok(()) };
        let depth = branch.path.len();
        let last = wanted.iter().next_back().unwrap_or(first);
        let mut leaves: Vec<(B256, V)> = Vec::new();
        let visit = &mut |key: B256, value| {
            let nibble = nibble_of(&key, depth);
            if wanted.is_bit_set(nibble) {
                leaves.push((key, value));
                return Visit::Next;
            }
            match wanted.iter().find(|next| *next > nibble) {
                Some(next) => Visit::SkipTo(lower_bound(&child_path(&branch.path, next))),
                None => Visit::Stop,
            }
        };
        // Where one child alone is wanted, its own bounds keep the reader from its neighbours.
        let bounds = if first == last { child_path(&branch.path, first) } else { branch.path };
        V::visit(self.reader, self.trie, &bounds, visit).map_err(TrieError::read(self.trie))?;
        for group in leaves.chunk_by(|(a, _), (b, _)| nibble_of(a, depth) == nibble_of(b, depth)) {
            let nibble = nibble_of(&group[0].0, depth);
            let mut child = self.build(depth + 1, group);
            settle(&mut child);
            let place = &mut branch.children[usize::from(nibble)];
            if let (Child::Unloaded { .. }, false) = (&*place, child.is_branch()) {
                return Err(
                    self.damaged(&branch.path, "a child is a leaf that the stored branch calls a branch")
                );
            }
            *place = child;
        }
        Ok(())
    }

    fn read_leaves<V: LeafValue>(&self, path: &Nibbles) -> Result<Child<V>, TrieError> {
        let mut leaves: Vec<(B256, V)> = Vec::new();
        let visit = &mut |key, value| {
            leaves.push((key, value));
            Visit::Next
        };
        V::visit(self.reader, self.trie, path, visit).map_err(TrieError::read(self.trie))?;
        let mut child = self.build(path.len(), &leaves);
        settle(&mut child);
        Ok(child)
    }

    /// The subtree of `leaves`, which are sorted and share their first `depth` nibbles.
    pub(crate) fn build<V: LeafValue>(&self, depth: usize, leaves: &[(B256, V)]) -> Child<V> {
        let (first, last) = match leaves {
            [] => return Child::Empty,
            [(key, value)] => {
                self.read_bytes.fetch_add(node_bytes::<Leaf<V>>(), Ordering::Relaxed);
                return Child::Leaf(Box::new(Leaf::at(depth, *key, *value)));
            }
            [(first, _), .., (last, _)] => (Nibbles::unpack(first), Nibbles::unpack(last)),
        };
        let shared = first.common_prefix_length(&last);
        let mut branch = self.new_branch(first.slice(..shared));
        for group in leaves.chunk_by(|(a, _), (b, _)| nibble_of(a, shared) == nibble_of(b, shared)) {
            let nibble = nibble_of(&group[0].0, shared);
            branch.children[usize::from(nibble)] = self.build(shared + 1, group);
        }
        branch.seal();
        Child::Branch(Box::new(branch))
    }

    pub(crate) fn damaged(&self, path: &Nibbles, what: &'static str) -> TrieError {
        TrieError::Damaged { trie: self.trie, path: *path, what }
    }
}

/// Notes that what was built from stored leaves is as it is stored: without rows.
fn settle<V>(child: &mut Child<V>) {
    if let Child::Branch(branch) = child {
        branch.is_row_stale = false;
        branch.children.iter_mut().for_each(settle);
    }
}

/// The nibble of `key` at `at`.
pub(crate) fn nibble_of(key: &B256, at: usize) -> u8 {
    let byte = key[at / 2];
    if at.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f }
}

pub(crate) fn child_path(path: &Nibbles, nibble: u8) -> Nibbles {
    let mut path = *path;
    path.push(nibble);
    path
}

/// The least key under a path.
fn lower_bound(path: &Nibbles) -> B256 {
    let mut key = B256::ZERO;
    path.pack_to(&mut key[..path.byte_len()]);
    key
}
