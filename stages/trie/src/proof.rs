//! Merkle proofs of single leaves (EIP-1186), from the stored tries.

use alloy::primitives::{B256, Bytes, U256};
use alloy_trie::nodes::RlpNode;
use alloy_trie::{Nibbles, TrieAccount, TrieMask};

use crate::sparse::{Branch, Child, LeafValue, Loader};
use crate::{TrieError, TrieId, TrieReader};

/// The account with this hashed address, if there is one, and the nodes from the state root to it or to where it is not.
pub fn account_proof<R: TrieReader>(
    stored: &R,
    hashed_address: B256,
) -> Result<(Option<TrieAccount>, Vec<Bytes>), TrieError> {
    prove(&Loader::new(stored, TrieId::Accounts, 0), hashed_address)
}

/// What the slot with this hashed key holds, zero included, and the nodes from the account's storage root to it or to
/// where it is not.
pub fn storage_proof<R: TrieReader>(
    stored: &R,
    hashed_address: B256,
    hashed_slot: B256,
) -> Result<(U256, Vec<Bytes>), TrieError> {
    let (value, nodes) = prove(&Loader::new(stored, TrieId::Storage(hashed_address), 0), hashed_slot)?;
    Ok((value.unwrap_or_default(), nodes))
}

fn prove<V: LeafValue, R: TrieReader>(
    loader: &Loader<'_, R>,
    key: B256,
) -> Result<(Option<V>, Vec<Bytes>), TrieError> {
    let path = Nibbles::unpack(key);
    let mut nodes = Nodes::default();
    let targets = |depth| TrieMask::from_nibble(path.get_unchecked(depth));
    let mut child = loader.root(&targets)?;
    let mut depth = 0;
    loop {
        let branch: Box<Branch<V>> = match child {
            Child::Empty => return Ok((None, nodes.0)),
            Child::Leaf(leaf) => {
                nodes.add(|out| leaf.encode_at(depth, out));
                return Ok(((leaf.key == key).then_some(leaf.value), nodes.0));
            }
            Child::Unloaded { hash, has_row } => {
                loader.branch(&path.slice(..depth), hash, has_row, &targets)?
            }
            Child::Branch(branch) => branch,
        };
        if branch.path.len() > depth {
            nodes.add(|out| branch.encode_extension(depth, out));
        }
        if !path.starts_with(&branch.path) {
            return Ok((None, nodes.0));
        }
        nodes.add(|out| branch.encode(out));
        depth = branch.path.len() + 1;
        let nibble = path.get_unchecked(depth - 1);
        let Branch { children, .. } = *branch;
        child = children.into_iter().nth(nibble.into()).unwrap_or(Child::Empty);
    }
}

/// Encoded nodes, root first.
#[derive(Default)]
struct Nodes(Vec<Bytes>);

impl Nodes {
    /// Adds a node, unless its parent holds it as it is.
    fn add(&mut self, encode: impl FnOnce(&mut Vec<u8>) -> RlpNode) {
        let mut out = Vec::new();
        if encode(&mut out).is_hash() || self.0.is_empty() {
            self.0.push(out.into());
        }
    }
}
