//! One trie: its root, and what changes do to it.

use alloy::primitives::{B256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, Nibbles, TrieMask};

use super::update::{Updater, targets};
use super::{Change, Child, LeafValue, Loader};
use crate::{TrieError, TrieId, TrieReader};

/// A trie, as far as it has been read.
#[derive(Debug, Clone)]
pub(crate) struct Trie<V> {
    pub(crate) id: TrieId,
    /// `None` until it is read.
    pub(crate) root: Option<Child<V>>,
    /// Where stored branches ceased to be since the rows were last taken.
    pub(crate) removed: Vec<Nibbles>,
}

impl<V: LeafValue> Trie<V> {
    /// A trie that is as it is stored.
    pub(crate) fn stored(id: TrieId) -> Self {
        Self { id, root: None, removed: Vec::new() }
    }

    /// A trie without leaves, whatever is stored.
    pub(crate) fn empty(id: TrieId) -> Self {
        Self { id, root: Some(Child::Empty), removed: Vec::new() }
    }

    /// Applies `changes`, which must be sorted by key, each key once; bytes of the nodes that came into memory.
    ///
    /// After an error the trie is of no use any more.
    pub(crate) fn update<R: TrieReader, C: Change<Value = V>>(
        &mut self,
        reader: &R,
        changes: &mut [C],
        stamp: u32,
    ) -> Result<usize, TrieError> {
        let loader = Loader::new(reader, self.id, stamp);
        let root = self.take_root(&loader, &|depth| targets(changes, depth))?;
        let updater = Updater::new(&loader);
        self.root = Some(updater.update(root, &Nibbles::new(), changes)?.0);
        self.removed.extend(updater.into_removed());
        Ok(loader.into_read_bytes())
    }

    /// The root hash; reads the root where that was not done yet.
    pub(crate) fn root_hash<R: TrieReader>(&mut self, reader: &R, stamp: u32) -> Result<B256, TrieError> {
        let root = self.take_root(&Loader::new(reader, self.id, stamp), &|_| TrieMask::default())?;
        let node = self.root.insert(root).node(0);
        // A root is hashed even where a parent would hold it as it is.
        Ok(node.map_or(EMPTY_ROOT_HASH, |node| node.as_hash().unwrap_or_else(|| keccak256(&*node))))
    }

    /// The root, read where that was not done yet; `targets` as for [`Loader::root`].
    fn take_root<R: TrieReader>(
        &mut self,
        loader: &Loader<'_, R>,
        targets: &dyn Fn(usize) -> TrieMask,
    ) -> Result<Child<V>, TrieError> {
        self.root.take().map_or_else(|| loader.root(targets), Ok)
    }
}
