//! Roots over the items of a block: transactions, receipts, withdrawals.

use std::ops::Range;

use alloy::primitives::{B256, keccak256};
use alloy_rlp::{BufMut, Encodable};
use alloy_trie::nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode};
use alloy_trie::{EMPTY_ROOT_HASH, Nibbles, TrieMask};

use crate::keccak256_each;

/// RLP of nodes that are hashed together: a good part of the nearest cache.
const HASHED_BYTES: usize = 16 << 10;

/// The root of the trie in which the RLP of every item's index leads to the item, as headers commit to transactions, receipts
/// and withdrawals (yellow paper, section 4.3.2).
///
/// `encode` appends the item as it is in the trie.
pub fn ordered_root<T>(items: &[T], encode: impl Fn(&T, &mut dyn BufMut)) -> B256 {
    if items.is_empty() {
        return EMPTY_ROOT_HASH;
    }
    // In the order of the RLP of the index: zero is the empty string, which follows the bytes that stand for themselves.
    let order = (1..items.len().min(128)).chain([0]).chain(128..items.len());
    let key = |index: usize| (Nibbles::unpack(alloy_rlp::encode_fixed_size(&index)), index);
    let keys: Vec<_> = order.map(key).collect();
    let mut trie = Trie { keys: &keys, nodes: Vec::new(), by_depth: Vec::new() };
    trie.add(0..keys.len(), 0);
    trie.root(|index, value| encode(&items[index], value))
}

enum Node {
    Leaf { path: Nibbles, item: usize },
    Extension { path: Nibbles, child: usize },
    Branch { children: Vec<usize>, mask: TrieMask },
}

/// The nodes of a trie. No key begins with another, so that no branch has a value.
struct Trie<'a> {
    keys: &'a [(Nibbles, usize)],
    nodes: Vec<Node>,
    /// Nodes by how many nibbles lead to them: children of a node are deeper than it.
    by_depth: Vec<Vec<usize>>,
}

impl Trie<'_> {
    /// Adds the node under which the keys of `range` lie, with all below it; they have the first `depth` nibbles in common.
    fn add(&mut self, range: Range<usize>, depth: usize) -> usize {
        let (first, last) = (&self.keys[range.start], &self.keys[range.end - 1]);
        let node = if range.len() == 1 {
            Node::Leaf { path: first.0.slice(depth..), item: first.1 }
        } else {
            let common = first.0.common_prefix_length(&last.0);
            if common > depth {
                let path = first.0.slice(depth..common);
                Node::Extension { path, child: self.add(range, common) }
            } else {
                self.branch(range, depth)
            }
        };
        let id = self.nodes.len();
        self.nodes.push(node);
        if self.by_depth.len() <= depth {
            self.by_depth.resize_with(depth + 1, Vec::new);
        }
        self.by_depth[depth].push(id);
        id
    }

    fn branch(&mut self, range: Range<usize>, depth: usize) -> Node {
        let (mut children, mut mask) = (Vec::new(), TrieMask::default());
        let mut start = range.start;
        let keys = &self.keys[range];
        for same in keys.chunk_by(|(a, _), (b, _)| a.get_unchecked(depth) == b.get_unchecked(depth)) {
            mask.set_bit(same[0].0.get_unchecked(depth));
            children.push(self.add(start..start + same.len(), depth + 1));
            start += same.len();
        }
        Node::Branch { children, mask }
    }

    /// The root; `encode` appends an item to a value.
    fn root(&self, encode: impl Fn(usize, &mut dyn BufMut)) -> B256 {
        let mut references = vec![RlpNode::default(); self.nodes.len()];
        let (mut value, mut rlp, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let mut children = Vec::new();
        for ids in self.by_depth.iter().rev() {
            for id in ids {
                match &self.nodes[*id] {
                    Node::Leaf { path, item } => {
                        value.clear();
                        encode(*item, &mut value);
                        LeafNodeRef::new(path, &value).encode(&mut rlp);
                    }
                    Node::Extension { path, child } => {
                        ExtensionNodeRef::new(path, references[*child].as_slice()).encode(&mut rlp);
                    }
                    Node::Branch { children: ids, mask } => {
                        children.clear();
                        children.extend(ids.iter().map(|id| references[*id].clone()));
                        BranchNodeRef::new(&children, *mask).encode(&mut rlp);
                    }
                }
                ends.push((*id, rlp.len()));
                if rlp.len() >= HASHED_BYTES {
                    refer(&mut rlp, &mut ends, &mut references);
                }
            }
            refer(&mut rlp, &mut ends, &mut references);
        }
        let root = &references[self.by_depth[0][0]];
        root.as_hash().unwrap_or_else(|| keccak256(root))
    }
}

/// Takes nodes from `rlp`, each with its end there, into what their parents have of them: the hash, or a short node itself.
fn refer(rlp: &mut Vec<u8>, ends: &mut Vec<(usize, usize)>, references: &mut [RlpNode]) {
    let (mut start, mut hashed, mut long) = (0, Vec::new(), Vec::new());
    for (id, end) in ends.drain(..) {
        let node = &rlp[start..end];
        if node.len() < B256::len_bytes() {
            references[id] = RlpNode::from_rlp(node);
        } else {
            hashed.push(id);
            long.push(node);
        }
        start = end;
    }
    for (id, hash) in hashed.into_iter().zip(keccak256_each(&long)) {
        references[id] = RlpNode::word_rlp(&hash);
    }
    rlp.clear();
}

#[cfg(test)]
mod tests {
    use alloy_trie::root::ordered_trie_root_encoded;
    use proptest::prelude::*;

    use super::*;

    fn agrees(items: &[Vec<u8>]) {
        let root = ordered_root(items, |item, out| out.put_slice(item));
        assert_eq!(root, ordered_trie_root_encoded(items), "{} items", items.len());
    }

    #[test]
    fn every_number_of_items_gives_the_root_of_alloy() {
        let items: Vec<Vec<u8>> = (0..700).map(|item| vec![item as u8; 1 + item % 190]).collect();
        (0..items.len()).for_each(|count| agrees(&items[..count]));
        let short: Vec<Vec<u8>> = (0..70_000_u32).map(|item| item.to_be_bytes()[2..].to_vec()).collect();
        for count in [1, 2, 3, 16, 17, 127, 128, 129, 255, 256, 257, 65_535, 65_536, 65_537, 70_000] {
            agrees(&short[..count]);
        }
    }

    proptest! {
        #[test]
        fn items_of_any_lengths_give_the_root_of_alloy(
            items in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..600), 0..300),
        ) {
            agrees(&items);
        }
    }
}
