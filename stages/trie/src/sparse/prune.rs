//! Gives memory back: what no change has led through lately is known by hash again.

use super::node::{Leaf, node_bytes};
use super::{Branch, Child, LeafValue, Trie};

impl<V: LeafValue> Trie<V> {
    /// Bytes of the nodes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.root.as_ref().map_or(0, bytes)
    }

    /// Forgets branches that no change has led through since `stamp`. Only right after
    /// [`take_rows`](Self::take_rows), once the rows are stored.
    pub(crate) fn prune(&mut self, stamp: u32) {
        if let Some(root) = &mut self.root {
            match root {
                // The root's hash is in no row: reading it again is one row too.
                Child::Branch(branch) if branch.stamp < stamp => self.root = None,
                child => prune(child, 0, stamp),
            }
        }
    }

    /// When a change last led into it.
    pub(crate) fn stamp(&self) -> Option<u32> {
        match &self.root {
            Some(Child::Branch(branch)) => Some(branch.stamp),
            _ => None,
        }
    }
}

fn bytes<V>(child: &Child<V>) -> usize {
    match child {
        Child::Empty | Child::Unloaded { .. } => 0,
        Child::Leaf(_) => node_bytes::<Leaf<V>>(),
        Child::Branch(branch) => node_bytes::<Branch<V>>() + branch.children.iter().map(bytes).sum::<usize>(),
    }
}

fn prune<V>(child: &mut Child<V>, depth: usize, stamp: u32) {
    let Child::Branch(branch) = child else { return };
    if branch.stamp >= stamp {
        let below = branch.path.len() + 1;
        return branch.children.iter_mut().for_each(|child| prune(child, below, stamp));
    }
    // Below an extension, or held by its parent as it is, a branch cannot be named by hash.
    if let Some(hash) = branch.node.as_hash().filter(|_| branch.path.len() == depth) {
        let has_row = branch.has_row;
        *child = Child::Unloaded { hash, has_row };
    }
}
