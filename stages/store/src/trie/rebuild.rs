//! Whether the trie is whole, and making it anew from the flat state.

use blockmill_trie::{RebuildTarget, TrieUpdates};

use crate::codec::{TRIE_IS_WHOLE, decode_trie_is_whole};
use crate::identity::TRIE;
use crate::options::compact_everything;
use crate::{Batch, Family, Store, StoreError};

/// The range of a whole family: no key is as long as its end.
const FIRST_KEY: &[u8] = &[];
const PAST_LAST_KEY: &[u8] = &[0xff; 66];

impl Store {
    /// Whether the trie is that of the state. Only then may it be read through
    /// [`TrieReader`](blockmill_trie::TrieReader), or be changed with the state. It is not in a new store, and in one that a
    /// rebuild of the trie left before its end.
    pub fn trie_is_whole(&self) -> Result<bool, StoreError> {
        Ok(self.get_decoded(Family::Meta, TRIE, decode_trie_is_whole)?.is_some())
    }

    /// Empties the families of the trie, which is not whole from then on. Synced: the note goes with the rows. What follows
    /// only gives their space back, and takes the tombstones away that would slow down every later read.
    pub fn begin_trie_rebuild(&self) -> Result<(), StoreError> {
        let mut batch = self.batch();
        batch.delete(Family::Meta, TRIE);
        for family in Family::TRIE {
            batch.delete_all(family);
        }
        batch.commit_synced()?;
        Family::TRIE.into_iter().try_for_each(|family| self.compact_emptied(family))
    }

    /// Where the rows of a rebuild go, once it has begun.
    pub fn trie_rebuild(&self) -> TrieRebuild<'_> {
        TrieRebuild { store: self }
    }

    /// Notes that the trie is whole. Synced, and the rows before it too.
    pub fn finish_trie_rebuild(&self) -> Result<(), StoreError> {
        let mut batch = self.batch();
        batch.set_trie_whole();
        batch.commit_synced()
    }

    /// Files that hold nothing else are dropped without being read, the rest is compacted away.
    fn compact_emptied(&self, family: Family) -> Result<(), StoreError> {
        let column = self.column(family);
        let dropped = self.db.delete_file_in_range_cf(column, FIRST_KEY, PAST_LAST_KEY);
        dropped.map_err(|source| self.maintenance("empty a family of", source))?;
        self.db.compact_range_cf_opt(column, None::<&[u8]>, None::<&[u8]>, &compact_everything());
        Ok(())
    }
}

/// Takes the rows of a rebuild. Nothing is synced on the way: until the trie is whole nobody reads them.
#[derive(Debug)]
pub struct TrieRebuild<'a> {
    store: &'a Store,
}

impl RebuildTarget for TrieRebuild<'_> {
    type Error = StoreError;

    fn write(&mut self, rows: &TrieUpdates) -> Result<(), StoreError> {
        let mut batch = self.store.batch();
        batch.put_trie(rows)?;
        batch.commit()
    }
}

impl Batch<'_> {
    /// Notes that the trie is that of the state: for a chain that is founded, with the rows of its genesis in the same
    /// batch. From then on every change of the state comes with one of the trie.
    pub fn set_trie_whole(&mut self) {
        self.put(Family::Meta, TRIE, TRIE_IS_WHOLE);
    }

    fn delete_all(&mut self, family: Family) {
        self.rows.delete_range_cf(self.store.column(family), FIRST_KEY, PAST_LAST_KEY);
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{B256, U256};
    use blockmill_trie::{BranchNodeCompact, Nibbles, StorageUpdates, TrieAccount};
    use rocksdb::properties;

    use super::*;
    use crate::StoreOptions;

    /// A row in each family.
    fn rows(byte: u8) -> TrieUpdates {
        let hash = B256::repeat_byte(byte);
        let branch = Some(BranchNodeCompact::new(3u16, 0u16, 1u16, vec![hash], None));
        let branches = vec![(Nibbles::unpack(hash), branch)];
        let slots = vec![(hash, U256::from(byte))];
        let storage = StorageUpdates { owner: hash, wiped: false, slots, branches: branches.clone() };
        TrieUpdates { accounts: vec![(hash, Some(TrieAccount::default()))], branches, storage: vec![storage] }
    }

    #[test]
    fn an_emptied_family_has_neither_rows_nor_tombstones() {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES };
        let mut store = Store::open(folder.path(), options).unwrap();
        // Once in a table, once in a memtable: the lowest and the highest keys among them.
        store.trie_rebuild().write(&rows(0)).unwrap();
        store.trie_rebuild().write(&rows(0xff)).unwrap();
        store.finish().unwrap();
        store = Store::open(folder.path(), options).unwrap();
        store.trie_rebuild().write(&rows(0x77)).unwrap();
        store.begin_trie_rebuild().unwrap();
        for family in Family::TRIE {
            let gauge = |name| store.db.property_int_value_cf(store.column(family), name).unwrap();
            assert_eq!(gauge(properties::TOTAL_SST_FILES_SIZE), Some(0), "{family:?}");
            assert_eq!(gauge(properties::NUM_DELETES_ACTIVE_MEM_TABLE), Some(0), "{family:?}");
            assert_eq!(gauge(properties::ESTIMATE_NUM_KEYS), Some(0), "{family:?}");
        }
    }
}
