//! Change sets: the way back from a block.

use blockmill_chain::{BlockRange, ChangeSet};

use crate::keys::BlockKey;
use crate::options::{read_between, read_first};
use crate::{Batch, Family, Store, StoreError};

impl Store {
    /// What a block replaced, or `None` where that is not kept.
    pub fn change_set(&self, number: u64) -> Result<Option<ChangeSet>, StoreError> {
        self.get_decoded(Family::ChangeSets, BlockKey::new(number), |bytes| Ok(ChangeSet::decode(bytes)?))
    }

    /// Encoded bytes of the change set of a block, zero where there is none.
    pub fn change_set_size(&self, number: u64) -> Result<u64, StoreError> {
        let changes = self.get(Family::ChangeSets, BlockKey::new(number))?;
        Ok(changes.map_or(0, |encoded| encoded.len() as u64))
    }

    /// The lowest block whose change set is kept.
    pub fn oldest_change_set(&self) -> Result<Option<u64>, StoreError> {
        self.scan(Family::ChangeSets, read_first(), |key, _| BlockKey::decode(key)).next().transpose()
    }
}

impl Batch<'_> {
    /// Keeps what a block replaced.
    pub fn put_change_set(&mut self, number: u64, set: &ChangeSet) {
        self.put(Family::ChangeSets, BlockKey::new(number), set.encode());
    }

    /// Removes the change sets of `numbers` that the store has, one by one.
    pub fn delete_change_sets(&mut self, numbers: BlockRange) -> Result<(), StoreError> {
        let store = self.store;
        let bounds = read_between(BlockKey::new(numbers.start).as_ref(), BlockKey::new(numbers.end).as_ref());
        for number in store.scan(Family::ChangeSets, bounds, |key, _| BlockKey::decode(key)) {
            self.delete(Family::ChangeSets, BlockKey::new(number?));
        }
        Ok(())
    }
}
