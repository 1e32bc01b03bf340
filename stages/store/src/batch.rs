//! A batch: rows of all families that become visible and durable together, or not at all.

use std::collections::BTreeMap;

use rocksdb::WriteBatch;

use crate::codec::encode_identity;
use crate::identity::{EXECUTE_CHECKPOINT, IDENTITY, SOURCE_CHECKPOINT, STATE_ORIGIN};
use crate::{Family, Identity, Store, StoreError};

/// Rows to be written together. Dropping it writes nothing.
#[must_use = "a batch that is dropped writes nothing"]
pub struct Batch<'a> {
    pub(crate) store: &'a Store,
    pub(crate) rows: WriteBatch,
    /// What becomes of the witness of each block named in this batch: its bytes, zero for none.
    pub(crate) witness_sizes: BTreeMap<u64, u64>,
    pub(crate) has_changes: bool,
    pub(crate) has_trie: bool,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self {
            store,
            rows: WriteBatch::default(),
            witness_sizes: BTreeMap::new(),
            has_changes: false,
            has_trie: false,
        }
    }

    /// Notes whose data the store holds.
    pub fn put_identity(&mut self, identity: &Identity) {
        self.put(Family::Meta, IDENTITY, encode_identity(identity));
    }

    /// Notes what the state of the first block was loaded from.
    pub fn put_state_origin(&mut self, origin: &str) {
        self.put(Family::Meta, STATE_ORIGIN, origin);
    }

    /// Notes the last block that the source stage stored.
    pub fn set_source_checkpoint(&mut self, number: u64) {
        self.put(Family::Meta, SOURCE_CHECKPOINT, number.to_be_bytes());
    }

    /// Notes the last block whose changes are in the state.
    pub fn set_execute_checkpoint(&mut self, number: u64) {
        self.put(Family::Meta, EXECUTE_CHECKPOINT, number.to_be_bytes());
    }

    /// Memory that the rows collected so far take, in bytes.
    pub fn bytes(&self) -> usize {
        self.rows.size_in_bytes()
    }

    /// Writes everything in one step, which survives the end of the process at any instant.
    pub fn commit(self) -> Result<(), StoreError> {
        self.write(false)
    }

    /// Writes everything in one step, which survives a power loss as well.
    pub fn commit_synced(self) -> Result<(), StoreError> {
        self.write(true)
    }

    pub(crate) fn put(&mut self, family: Family, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.rows.put_cf(self.store.column(family), key, value);
    }

    pub(crate) fn delete(&mut self, family: Family, key: impl AsRef<[u8]>) {
        self.rows.delete_cf(self.store.column(family), key);
    }
}
