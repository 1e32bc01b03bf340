//! The store: blocks, the latest state, flat and as a trie, the way back from it, code, witnesses and checkpoints, over
//! RocksDB. Nothing else in the program names rocksdb.
//!
//! Reads go through [`Store`]; every write is a [`Batch`] and becomes visible and durable as a whole, checkpoint
//! included. `schemas/store.md` is the document of the format.

mod batch;
mod blocks;
mod change_sets;
mod changes;
mod codec;
mod columns;
mod db;
mod error;
mod filters;
mod format;
#[cfg(test)]
mod frozen;
mod identity;
mod keys;
mod lock;
mod open_files;
mod options;
mod scan;
mod state;
mod trie;
mod witnesses;

pub use batch::Batch;
pub use blocks::StoredBlock;
pub use columns::Family;
pub use db::{MemoryUsage, Store};
pub use error::{RowError, RowId, StoreError};
pub use format::FORMAT;
pub use identity::{Identity, StoreKind};
pub use open_files::{are_few_open_files, raise_open_files};
pub use options::StoreOptions;
pub use trie::TrieRebuild;
