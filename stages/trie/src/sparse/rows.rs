//! The rows of branches that changed.

use std::collections::BTreeMap;

use alloy_trie::{BranchNodeCompact, Nibbles, TrieMask};

use super::{Branch, Child, LeafValue, Trie};
use crate::BranchUpdate;

impl<V: LeafValue> Trie<V> {
    /// Rows that changed since they were last taken, sorted by path. They count as stored from now on.
    pub(crate) fn take_rows(&mut self) -> Vec<BranchUpdate> {
        let mut rows: BTreeMap<Nibbles, Option<BranchNodeCompact>> =
            std::mem::take(&mut self.removed).into_iter().map(|path| (path, None)).collect();
        if let Some(root) = &mut self.root {
            take(root, &mut rows);
        }
        rows.into_iter().collect()
    }
}

fn take<V: LeafValue>(child: &mut Child<V>, rows: &mut BTreeMap<Nibbles, Option<BranchNodeCompact>>) {
    let Child::Branch(branch) = child else { return };
    if !branch.is_row_stale {
        return;
    }
    for child in &mut branch.children {
        take(child, rows);
    }
    let row = branch.row();
    let had_row = std::mem::replace(&mut branch.has_row, row.is_some());
    branch.is_row_stale = false;
    if row.is_some() || had_row {
        rows.insert(branch.path, row);
    }
}

impl<V: LeafValue> Branch<V> {
    /// Its row; none where it has but leaves, or extensions to such: those are quickly read again.
    ///
    /// As alloy-trie's `HashBuilder` makes them, without the root hash.
    pub(crate) fn row(&self) -> Option<BranchNodeCompact> {
        let (mut tree, mut hashed) = (TrieMask::default(), TrieMask::default());
        let mut hashes = Vec::new();
        for (nibble, child) in (0u8..).zip(&self.children) {
            let (hash, has_row) = match child {
                Child::Unloaded { hash, has_row } => (Some(*hash), *has_row),
                Child::Branch(below) if below.path.len() == self.path.len() + 1 => {
                    (below.node.as_hash(), below.has_row)
                }
                Child::Branch(below) => (None, below.has_row),
                Child::Empty | Child::Leaf(_) => continue,
            };
            if has_row {
                tree.set_bit(nibble);
            }
            if let Some(hash) = hash {
                hashed.set_bit(nibble);
                hashes.push(hash);
            }
        }
        let is_stored = !tree.is_empty() || !hashed.is_empty();
        is_stored.then(|| BranchNodeCompact::new(self.state_mask(), tree, hashed, hashes, None))
    }
}
