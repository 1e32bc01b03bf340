//! Applies sorted changes from the root down and hashes on the way back, each node once.

use std::sync::Mutex;

use alloy_trie::{Nibbles, TrieMask};
use blockmill_chain::unpoisoned;
use rayon::prelude::*;

use super::load::{child_path, nibble_of};
use super::node::Leaf;
use super::{Branch, Change, Child, LeafValue, Loader};
use crate::{TrieError, TrieReader};

/// From so many changes below one branch on, its children are done in parallel.
const PARALLEL_CHANGES: usize = 32;

/// A child after its changes, and whether anything about it is different.
type Updated<V> = (Child<V>, bool);

/// Applies changes to one trie.
pub(super) struct Updater<'a, R> {
    loader: &'a Loader<'a, R>,
    removed: Mutex<Vec<Nibbles>>,
}

impl<'a, R: TrieReader> Updater<'a, R> {
    pub(super) fn new(loader: &'a Loader<'a, R>) -> Self {
        Self { loader, removed: Mutex::default() }
    }

    /// Paths of branches that had a row and are no more.
    pub(super) fn into_removed(self) -> Vec<Nibbles> {
        unpoisoned(self.removed.into_inner())
    }

    /// What becomes of the child at `path`; all keys of `changes` start with it.
    pub(super) fn update<V: LeafValue, C: Change<Value = V>>(
        &self,
        child: Child<V>,
        path: &Nibbles,
        changes: &mut [C],
    ) -> Result<Updated<V>, TrieError> {
        match child {
            Child::Empty => {
                let leaves: Vec<_> =
                    changes.iter_mut().filter_map(|c| Some((*c.key(), c.apply(None)?))).collect();
                Ok((self.loader.build(path.len(), &leaves), !leaves.is_empty()))
            }
            Child::Leaf(leaf) => Ok(self.update_leaf(leaf, path.len(), changes)),
            Child::Unloaded { hash, has_row } => {
                let branch = self.loader.branch(path, hash, has_row, &|depth| targets(changes, depth))?;
                self.update_branch(branch, path, changes)
            }
            Child::Branch(branch) => self.update_branch(branch, path, changes),
        }
    }

    fn update_leaf<V: LeafValue, C: Change<Value = V>>(
        &self,
        leaf: Box<Leaf<V>>,
        depth: usize,
        changes: &mut [C],
    ) -> Updated<V> {
        let at = changes.partition_point(|change| *change.key() < leaf.key);
        let is_changed = changes.get(at).is_some_and(|change| *change.key() == leaf.key);
        let mut leaves = Vec::with_capacity(changes.len() + 1);
        for (index, change) in changes.iter_mut().enumerate() {
            if index == at && !is_changed {
                leaves.push((leaf.key, leaf.value));
            }
            let old = (*change.key() == leaf.key).then_some(&leaf.value);
            leaves.extend(change.apply(old).map(|value| (*change.key(), value)));
        }
        if at == changes.len() {
            leaves.push((leaf.key, leaf.value));
        }
        match leaves.as_slice() {
            [(key, value)] if (*key, *value) == (leaf.key, leaf.value) => (Child::Leaf(leaf), false),
            [(key, value)] => (Child::Leaf(Box::new(Leaf::at(depth, *key, *value))), true),
            leaves => (self.loader.build(depth, leaves), true),
        }
    }

    fn update_branch<V: LeafValue, C: Change<Value = V>>(
        &self,
        branch: Box<Branch<V>>,
        path: &Nibbles,
        changes: &mut [C],
    ) -> Result<Updated<V>, TrieError> {
        let (mut branch, was_split) = self.split_extension(branch, path, changes);
        branch.stamp = self.loader.stamp;
        let under = under(&branch.path, changes);
        if !self.update_children(&mut branch, under)? && !was_split {
            return Ok((Child::Branch(branch), false));
        }
        Ok((self.normal(branch, path.len())?, true))
    }

    /// Where a new leaf branches off from the extension in front of `branch`, a branch is put there.
    fn split_extension<V: LeafValue, C: Change<Value = V>>(
        &self,
        branch: Box<Branch<V>>,
        path: &Nibbles,
        changes: &mut [C],
    ) -> (Box<Branch<V>>, bool) {
        if branch.path.len() == path.len() {
            return (branch, false);
        }
        let mut shared = branch.path.len();
        for change in changes {
            let common = branch.path.common_prefix_length(&Nibbles::unpack(change.key()));
            if common < shared && change.apply(None).is_some() {
                shared = common;
            }
        }
        if shared == branch.path.len() {
            return (branch, false);
        }
        let mut fork = Box::new(Branch::new(branch.path.slice(..shared), self.loader.stamp));
        let nibble = branch.path.get_unchecked(shared);
        fork.children[usize::from(nibble)] = Child::Branch(branch);
        (fork, true)
    }

    /// Applies `changes`, all of them under the branch, to its children; whether anything is different.
    fn update_children<V: LeafValue, C: Change<Value = V>>(
        &self,
        branch: &mut Branch<V>,
        changes: &mut [C],
    ) -> Result<bool, TrieError> {
        let depth = branch.path.len();
        let is_parallel = changes.len() >= PARALLEL_CHANGES;
        let groups = changes.chunk_by_mut(|a, b| nibble_of(a.key(), depth) == nibble_of(b.key(), depth));
        let work = groups.map(|group| {
            let nibble = nibble_of(group[0].key(), depth);
            let child = std::mem::replace(&mut branch.children[usize::from(nibble)], Child::Empty);
            (nibble, child, group)
        });
        let path = branch.path;
        let update = |(nibble, child, group): (u8, Child<V>, &mut [C])| {
            let was_branch = child.is_branch();
            let was_empty = child.is_empty();
            let (child, is_changed) = self.update(child, &child_path(&path, nibble), group)?;
            let is_row_stale =
                is_changed && (was_branch || child.is_branch() || was_empty != child.is_empty());
            Ok((nibble, child, is_changed, is_row_stale))
        };
        let updated: Vec<_> = if is_parallel {
            work.collect::<Vec<_>>().into_par_iter().map(update).collect::<Result<_, TrieError>>()?
        } else {
            work.map(update).collect::<Result<_, TrieError>>()?
        };
        let mut any = false;
        for (nibble, child, is_changed, is_row_stale) in updated {
            branch.children[usize::from(nibble)] = child;
            branch.is_row_stale |= is_row_stale;
            any |= is_changed;
        }
        Ok(any)
    }

    /// The branch, or what is left where it has fewer than two children.
    fn normal<V: LeafValue>(&self, mut branch: Box<Branch<V>>, depth: usize) -> Result<Child<V>, TrieError> {
        let mut present = branch.state_mask().iter();
        let (first, second) = (present.next(), present.next());
        let Some(only) = first.filter(|_| second.is_none()) else {
            if first.is_none() {
                self.remove(&branch);
                return Ok(Child::Empty);
            }
            branch.seal();
            return Ok(Child::Branch(branch));
        };
        self.remove(&branch);
        let child = std::mem::replace(&mut branch.children[usize::from(only)], Child::Empty);
        Ok(match child {
            Child::Leaf(leaf) => Child::Leaf(Box::new(Leaf::at(depth, leaf.key, leaf.value))),
            Child::Unloaded { hash, has_row } => {
                let path = child_path(&branch.path, only);
                Child::Branch(self.loader.branch(&path, hash, has_row, &|_| TrieMask::default())?)
            }
            child => child,
        })
    }

    fn remove<V>(&self, branch: &Branch<V>) {
        if branch.has_row {
            let mut removed = unpoisoned(self.removed.lock());
            removed.push(branch.path);
        }
    }
}

/// The nibbles at `depth` that the changes lead to.
pub(super) fn targets<C: Change>(changes: &[C], depth: usize) -> TrieMask {
    let mut targets = TrieMask::default();
    changes.iter().for_each(|change| targets.set_bit(nibble_of(change.key(), depth)));
    targets
}

/// The sorted changes whose key starts with `path`.
fn under<'c, C: Change>(path: &Nibbles, changes: &'c mut [C]) -> &'c mut [C] {
    let order = |change: &C| {
        let key = Nibbles::unpack(change.key());
        key.slice(..path.len()).cmp(path)
    };
    let start = changes.partition_point(|change| order(change).is_lt());
    let end = changes.partition_point(|change| order(change).is_le());
    &mut changes[start..end]
}
