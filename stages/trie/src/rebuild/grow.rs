//! One trie, grown leaf by leaf in the order of the keys.
//!
//! A long stretch of leaves is cut into subtrees that are computed on all cores: what all leaves under one prefix give
//! is a branch with a hash, and a hash builder takes that as well as leaves. The rows are the same either way.

use alloy::primitives::{B256, U256};
use alloy_rlp::Encodable;
use alloy_trie::{BranchNodeCompact, HashBuilder, Nibbles, TrieAccount};
use rayon::prelude::*;

use crate::BranchUpdate;

/// Fewer leaves than this are not worth cutting.
const MIN_SPLIT_LEAVES: usize = 4096;

/// Subtrees to cut a stretch into, at least: the first and the last may go on outside and are done leaf by leaf.
const MIN_SUBTREES: usize = 64;

/// A branch no deeper than this has a hash of its own: two leaves under it are longer than 32 bytes, which is what
/// its parent could hold inline.
const MAX_SUBTREE_DEPTH: usize = 32;

/// What a trie holds under a key.
pub(super) trait LeafRow: Sync {
    /// Appends the RLP.
    fn encode(&self, out: &mut Vec<u8>);
}

impl LeafRow for U256 {
    fn encode(&self, out: &mut Vec<u8>) {
        Encodable::encode(self, out);
    }
}

impl LeafRow for Option<TrieAccount> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_ref().expect("a rebuild deletes no account").encode(out);
    }
}

/// A trie of which the leaves up to some key are known.
pub(super) struct GrowingTrie {
    builder: HashBuilder,
    /// Branches of subtrees.
    rows: Vec<BranchUpdate>,
    /// The RLP of a leaf.
    rlp: Vec<u8>,
}

impl GrowingTrie {
    pub(super) fn new() -> Self {
        let builder = HashBuilder::default().with_updates(true);
        Self { builder, rows: Vec::new(), rlp: Vec::new() }
    }

    /// Adds leaves, which ascend and lie behind all that were added before.
    pub(super) fn extend<V: LeafRow>(&mut self, leaves: &[(B256, V)]) {
        let groups = if leaves.len() < MIN_SPLIT_LEAVES { Vec::new() } else { split(leaves) };
        let [first, inner @ .., last] = &groups[..] else { return self.add_leaves(leaves) };
        self.add_leaves(first);
        let subtrees: Vec<_> = inner.par_iter().map(|group| Subtree::compute(group)).collect();
        for (group, subtree) in inner.iter().zip(subtrees) {
            match subtree {
                Some(subtree) => self.add_subtree(subtree),
                None => self.add_leaves(group),
            }
        }
        self.add_leaves(last);
    }

    fn add_leaves<V: LeafRow>(&mut self, leaves: &[(B256, V)]) {
        for (key, value) in leaves {
            self.rlp.clear();
            value.encode(&mut self.rlp);
            self.builder.add_leaf(Nibbles::unpack(key), &self.rlp);
        }
    }

    fn add_subtree(&mut self, subtree: Subtree) {
        self.builder.add_branch(subtree.path, subtree.hash, subtree.is_stored);
        self.rows.extend(subtree.rows);
    }

    /// Takes the branches that no further leaf can change, sorted by path.
    pub(super) fn drain(&mut self) -> Vec<BranchUpdate> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.extend(take_rows(&mut self.builder));
        rows.par_sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        rows
    }

    /// The root, and the branches that were not taken yet. The trie is then as new.
    pub(super) fn finish(&mut self) -> (B256, Vec<BranchUpdate>) {
        let root = self.builder.root();
        let rows = self.drain();
        *self = Self::new();
        (root, rows)
    }
}

/// Cuts leaves into groups, each of those with one prefix, as short as gives groups enough.
fn split<V>(leaves: &[(B256, V)]) -> Vec<&[(B256, V)]> {
    let mut groups = Vec::new();
    for depth in 1..MAX_SUBTREE_DEPTH {
        groups = leaves.chunk_by(|(left, _), (right, _)| shared_nibbles(left, right) >= depth).collect();
        if groups.len() >= MIN_SUBTREES {
            break;
        }
    }
    groups
}

fn shared_nibbles(left: &B256, right: &B256) -> usize {
    let Some(at) = left.iter().zip(right).position(|(left, right)| left != right) else { return 64 };
    at * 2 + usize::from((left[at] ^ right[at]) < 0x10)
}

/// A branch and everything below it.
struct Subtree {
    path: Nibbles,
    hash: B256,
    /// Whether the branch itself is among the rows.
    is_stored: bool,
    rows: Vec<BranchUpdate>,
}

impl Subtree {
    /// Of all leaves under one prefix; `None` if they make no branch, or none that surely has a hash of its own.
    fn compute<V: LeafRow>(leaves: &[(B256, V)]) -> Option<Self> {
        let [(first, _), .., (last, _)] = leaves else { return None };
        let depth = shared_nibbles(first, last);
        if depth > MAX_SUBTREE_DEPTH {
            return None;
        }
        let mut builder = HashBuilder::default().with_updates(true);
        let mut rlp = Vec::new();
        for (key, value) in leaves {
            rlp.clear();
            value.encode(&mut rlp);
            builder.add_leaf(Nibbles::unpack(key).slice(depth..), &rlp);
        }
        let hash = builder.root();
        let path = Nibbles::unpack(first).slice(..depth);
        let rows: Vec<_> = take_rows(&mut builder).map(|(below, node)| (path.join(&below), node)).collect();
        let is_stored = rows.iter().any(|(stored, _)| *stored == path);
        Some(Self { path, hash, is_stored, rows })
    }
}

/// Takes the rows out of a builder, which keeps on gathering.
fn take_rows(builder: &mut HashBuilder) -> impl Iterator<Item = BranchUpdate> {
    let nodes = builder.updated_branch_nodes.replace(Default::default()).unwrap_or_default();
    nodes.into_iter().map(|(path, node)| (path, Some(BranchNodeCompact { root_hash: None, ..node })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::keccak256;
    use std::collections::BTreeMap;

    /// Random keys, keys in clusters, and keys so close that their branches are short enough to be inlined.
    fn leaves() -> Vec<(B256, U256)> {
        let leaf = |number: u64| {
            let hash = |seed: u64| keccak256(seed.to_be_bytes());
            let mut key = hash(number);
            match number % 4 {
                2 => key[..5].copy_from_slice(&hash(number % 50)[..5]),
                3 => key[..31].copy_from_slice(&hash(number % 300)[..31]),
                _ => {}
            }
            (key, U256::from(number % 200 + 1))
        };
        (0..40_000).map(leaf).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    /// What one hash builder gives, leaf by leaf.
    fn expect_rows(builder: &mut HashBuilder) -> Vec<BranchUpdate> {
        let mut rows: Vec<_> = take_rows(builder).collect();
        rows.sort_by_key(|(path, _)| *path);
        rows
    }

    /// A rebuild that resumes relies on it: which rows are known depends on the leaves, not on how they were added.
    #[test]
    fn stretches_of_any_length_give_the_rows_of_one_leaf_after_another() {
        let leaves = leaves();
        for lengths in [&[1, 4096, 9000, 3, 5000][..], &[40_000], &[4097], &[100]] {
            let mut builder = HashBuilder::default().with_updates(true);
            let mut trie = GrowingTrie::new();
            let mut rest = &leaves[..];
            for length in lengths.iter().cycle() {
                let (stretch, behind) = rest.split_at((*length).min(rest.len()));
                for (key, value) in stretch {
                    builder.add_leaf(Nibbles::unpack(key), &alloy_rlp::encode(value));
                }
                trie.extend(stretch);
                assert!(trie.drain() == expect_rows(&mut builder), "{lengths:?}");
                rest = behind;
                if rest.is_empty() {
                    break;
                }
            }
            assert_eq!(trie.finish(), (builder.root(), expect_rows(&mut builder)));
        }
    }

    #[test]
    fn nibbles_are_counted_as_far_as_keys_agree() {
        let key = B256::repeat_byte(0x11);
        let with = |at: usize, byte: u8| {
            let mut other = key;
            other[at] = byte;
            shared_nibbles(&key, &other)
        };
        assert_eq!((with(0, 0x21), with(0, 0x12), with(31, 0x12), with(31, 0x11)), (0, 1, 63, 64));
    }
}
