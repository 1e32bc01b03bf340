//! How much of the trie is there, and making it anew from the flat state.
//!
//! A rebuild goes through the hashed addresses in order. Each of its writes says in the same batch how far it came, so
//! that one that was killed goes on from there.

use alloy::primitives::B256;
use blockmill_trie::{Nibbles, RebuildTarget, TrieAccount, TrieReader, TrieUpdates, Visit};

use crate::codec::{decode_trie_state, encode_trie_state};
use crate::identity::TRIE;
use crate::options::compact_everything;
use crate::{Batch, Family, Store, StoreError};

/// The range of a whole family: no key is as long as its end.
const FIRST_KEY: &[u8] = &[];
const BEHIND_LAST_KEY: &[u8] = &[0xff; 66];

/// How much of the trie is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrieState {
    /// Its rows are not to be trusted: the store is new, or one of format 1.
    Absent,
    /// It is being made anew from the flat state.
    Rebuilding {
        /// Rows up to this hashed address, itself included, are there; none where it is `None`.
        through: Option<B256>,
    },
    /// It is that of the state.
    Whole,
}

impl Store {
    /// How much of the trie is there.
    pub fn trie_state(&self) -> Result<TrieState, StoreError> {
        let state = self.get_decoded(Family::Meta, TRIE, decode_trie_state)?;
        Ok(state.unwrap_or(TrieState::Absent))
    }

    /// Whether the trie is that of the state. Only then may it be read through
    /// [`TrieReader`](blockmill_trie::TrieReader), or be changed with the state.
    pub fn trie_is_whole(&self) -> Result<bool, StoreError> {
        Ok(self.trie_state()? == TrieState::Whole)
    }

    /// Empties the families of the trie and notes that they are being rebuilt.
    ///
    /// A rebuild that has come somewhere ([`TrieState::Rebuilding`] with an address) is better continued: this begins
    /// it again. Synced: the rows are gone for good when the note is there, however the process ends. What follows
    /// only gives their space back, and takes the tombstones away that would slow down every later read.
    pub fn begin_trie_rebuild(&self) -> Result<(), StoreError> {
        let mut batch = self.batch();
        batch.set_trie_state(TrieState::Rebuilding { through: None });
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
        let dropped = self.db.delete_file_in_range_cf(column, FIRST_KEY, BEHIND_LAST_KEY);
        dropped.map_err(|source| self.maintenance("empty a family of", source))?;
        self.db.compact_range_cf_opt(column, None::<&[u8]>, None::<&[u8]>, &compact_everything());
        Ok(())
    }
}

/// Takes the rows of a rebuild. How far it came cannot be ahead of the rows, so nothing is synced on the way.
#[derive(Debug)]
pub struct TrieRebuild<'a> {
    store: &'a Store,
}

impl RebuildTarget for TrieRebuild<'_> {
    type Error = StoreError;

    fn through(&self) -> Result<Option<B256>, StoreError> {
        match self.store.trie_state()? {
            TrieState::Rebuilding { through } => Ok(through),
            TrieState::Absent | TrieState::Whole => Ok(None),
        }
    }

    fn written_accounts(&self, visit: &mut dyn FnMut(B256, TrieAccount) -> Visit) -> Result<(), StoreError> {
        self.store.account_leaves(&Nibbles::new(), visit)
    }

    fn write(&mut self, rows: &TrieUpdates, through: Option<B256>) -> Result<(), StoreError> {
        let mut batch = self.store.batch();
        batch.put_trie(rows)?;
        batch.set_trie_state(TrieState::Rebuilding { through });
        batch.commit()
    }
}

impl Batch<'_> {
    /// Notes that the trie is that of the state: for a chain that is founded, with the rows of its genesis in the same
    /// batch. From then on every change of the state comes with one of the trie.
    pub fn set_trie_whole(&mut self) {
        self.set_trie_state(TrieState::Whole);
    }

    fn set_trie_state(&mut self, state: TrieState) {
        match encode_trie_state(state) {
            Some(row) => self.put(Family::Meta, TRIE, row),
            None => self.delete(Family::Meta, TRIE),
        }
    }

    fn delete_all(&mut self, family: Family) {
        self.rows.delete_range_cf(self.store.column(family), FIRST_KEY, BEHIND_LAST_KEY);
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::U256;
    use blockmill_trie::{BranchNodeCompact, StorageUpdates};
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
        store.trie_rebuild().write(&rows(0), None).unwrap();
        store.trie_rebuild().write(&rows(0xff), None).unwrap();
        store.finish().unwrap();
        store = Store::open(folder.path(), options).unwrap();
        store.trie_rebuild().write(&rows(0x77), None).unwrap();
        store.begin_trie_rebuild().unwrap();
        for family in Family::TRIE {
            let gauge = |name| store.db.property_int_value_cf(store.column(family), name).unwrap();
            assert_eq!(gauge(properties::TOTAL_SST_FILES_SIZE), Some(0), "{family:?}");
            assert_eq!(gauge(properties::NUM_DELETES_ACTIVE_MEM_TABLE), Some(0), "{family:?}");
            assert_eq!(gauge(properties::ESTIMATE_NUM_KEYS), Some(0), "{family:?}");
        }
    }
}
