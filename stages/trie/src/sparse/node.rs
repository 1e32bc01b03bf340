//! The nodes of a trie that are in memory.

use std::cell::RefCell;

use alloy::primitives::B256;
use alloy_trie::nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode};
use alloy_trie::{Nibbles, TrieMask};

use super::LeafValue;

/// What is at one place of the trie.
#[derive(Debug, Clone)]
pub(crate) enum Child<V> {
    /// No leaf is at or under this place.
    Empty,
    /// A branch that has not been read, right at this place.
    Unloaded {
        hash: B256,
        /// Whether the branch has a row of its own.
        has_row: bool,
    },
    /// The only leaf under this place.
    Leaf(Box<Leaf<V>>),
    /// A branch at this place or, below an extension, further down.
    Branch(Box<Branch<V>>),
}

/// A leaf, as a node at a certain depth.
#[derive(Debug, Clone)]
pub(crate) struct Leaf<V> {
    pub(crate) key: B256,
    pub(crate) value: V,
    /// The reference of its parent to it: a hash, or short RLP as it is.
    node: RlpNode,
}

/// A branch, together with the extension above it.
#[derive(Debug, Clone)]
pub(crate) struct Branch<V> {
    /// Its whole path; longer than the path of its place by the extension in front of it.
    pub(crate) path: Nibbles,
    pub(crate) children: [Child<V>; 16],
    /// The reference of a parent without an extension in between.
    pub(crate) node: RlpNode,
    /// Whether the branch has a stored row.
    pub(crate) has_row: bool,
    /// Whether the stored row, or that there is none, may be out of date.
    pub(crate) is_row_stale: bool,
    /// When a change last led through it, in the trie's own count.
    pub(crate) stamp: u32,
}

/// The longest value is an account: a list header and 9 + 33 + 33 + 33 bytes.
const MAX_VALUE_BYTES: usize = 112;

/// What a node takes in memory, the allocator's rounding included.
pub(super) const fn node_bytes<T>() -> usize {
    size_of::<T>().next_multiple_of(64)
}

thread_local! {
    /// Where nodes are encoded before they are hashed.
    static ENCODED: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(17 * 33));
}

impl<V: LeafValue> Leaf<V> {
    /// The leaf for a place `depth` nibbles from the root.
    pub(crate) fn at(depth: usize, key: B256, value: V) -> Self {
        let mut leaf = Self { key, value, node: RlpNode::default() };
        leaf.node = ENCODED.with_borrow_mut(|out| leaf.encode_at(depth, out));
        leaf
    }

    /// Writes the node that stands `depth` nibbles from the root to `out`; how its parent refers to it.
    pub(crate) fn encode_at(&self, depth: usize, out: &mut Vec<u8>) -> RlpNode {
        let mut encoded = [0; MAX_VALUE_BYTES];
        let mut rest = &mut encoded[..];
        self.value.encode(&mut rest);
        let unused = rest.len();
        out.clear();
        let path = Nibbles::unpack(self.key).slice(depth..);
        LeafNodeRef::new(&path, &encoded[..MAX_VALUE_BYTES - unused]).rlp(out)
    }
}

impl<V: LeafValue> Child<V> {
    /// The reference of a parent whose children are at `depth`; `None` where there is nothing.
    pub(crate) fn node(&self, depth: usize) -> Option<RlpNode> {
        match self {
            Self::Empty => None,
            Self::Unloaded { hash, .. } => Some(RlpNode::word_rlp(hash)),
            Self::Leaf(leaf) => Some(leaf.node.clone()),
            Self::Branch(branch) if branch.path.len() == depth => Some(branch.node.clone()),
            Self::Branch(branch) => Some(ENCODED.with_borrow_mut(|out| branch.encode_extension(depth, out))),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Whether the parent's row tells of it: branches do, single leaves only by their bit.
    pub(crate) fn is_branch(&self) -> bool {
        matches!(self, Self::Unloaded { .. } | Self::Branch(_))
    }
}

impl<V: LeafValue> Branch<V> {
    /// A branch without children that no row knows of.
    pub(crate) fn new(path: Nibbles, stamp: u32) -> Self {
        let children = [const { Child::Empty }; 16];
        Self { path, children, node: RlpNode::default(), has_row: false, is_row_stale: true, stamp }
    }

    /// The mask of the children that exist.
    pub(crate) fn state_mask(&self) -> TrieMask {
        let bit = |(nibble, child): (usize, &Child<V>)| u16::from(!child.is_empty()) << nibble;
        TrieMask::new(self.children.iter().enumerate().map(bit).fold(0, |mask, bit| mask | bit))
    }

    /// Brings `node` up to date with the children.
    pub(crate) fn seal(&mut self) {
        let (nodes, count) = self.child_nodes();
        let mask = self.state_mask();
        self.node = ENCODED.with_borrow_mut(|out| encode_branch(&nodes[..count], mask, out));
    }

    /// Writes the branch node to `out`; how its parent refers to it.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) -> RlpNode {
        let (nodes, count) = self.child_nodes();
        encode_branch(&nodes[..count], self.state_mask(), out)
    }

    /// Writes the extension that leads from a place `depth` nibbles from the root to the branch; how its parent refers
    /// to it.
    pub(crate) fn encode_extension(&self, depth: usize, out: &mut Vec<u8>) -> RlpNode {
        out.clear();
        ExtensionNodeRef::new(&self.path.slice(depth..), &self.node).rlp(out)
    }

    /// The children that there are, packed, and how many.
    fn child_nodes(&self) -> ([RlpNode; 16], usize) {
        let mut nodes = std::array::from_fn(|_| RlpNode::default());
        let mut count = 0;
        for node in self.children.iter().filter_map(|child| child.node(self.path.len() + 1)) {
            nodes[count] = node;
            count += 1;
        }
        (nodes, count)
    }
}

fn encode_branch(children: &[RlpNode], mask: TrieMask, out: &mut Vec<u8>) -> RlpNode {
    out.clear();
    BranchNodeRef::new(children, mask).rlp(out)
}
