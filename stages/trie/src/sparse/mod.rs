//! A trie of which only those parts are in memory that changes lead through.
//!
//! The rest is known by hash and read when a change leads there. Nodes stay in memory from one block to the next, so a
//! root costs what the new changes cost. Nothing here writes: rows that changed are handed out.

mod change;
mod load;
mod node;
mod prune;
#[cfg(test)]
mod random_tests;
mod rows;
mod trie;
mod update;
mod value;

pub(crate) use change::{AccountChange, Change, SlotChange};
pub(crate) use load::Loader;
pub(crate) use node::{Branch, Child};
pub(crate) use trie::Trie;
pub(crate) use value::LeafValue;
