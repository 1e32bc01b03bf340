//! Witnesses, and the count of their bytes.
//!
//! The counter bounds the buffer between execute and trace, so it must be exact: it is corrected in the batch that
//! adds or removes witnesses, under a lock, because execute adds while older ones are pruned.

use std::sync::MutexGuard;

use blockmill_chain::{BlockRange, WitnessReads, unpoisoned};

use crate::codec::decode_u64;
use crate::identity::WITNESS_BYTES;
use crate::keys::BlockKey;
use crate::options::read_between;
use crate::{Batch, Family, RowError, RowId, Store, StoreError};

impl Store {
    /// The witness of a block, or `None` where it was not made yet or is pruned.
    pub fn witness(&self, number: u64) -> Result<Option<WitnessReads>, StoreError> {
        let key = BlockKey::new(number);
        self.get_decoded(Family::Witnesses, key, |bytes| Ok(WitnessReads::decode(bytes)?))
    }

    /// The blocks within `range` whose witness is kept, ascending.
    pub fn witness_numbers(&self, range: BlockRange) -> impl Iterator<Item = Result<u64, StoreError>> + '_ {
        let bounds = read_between(BlockKey::new(range.start).as_ref(), BlockKey::new(range.end).as_ref());
        self.scan(Family::WitnessSizes, bounds, |key, _| BlockKey::decode(key))
    }

    /// Encoded bytes of all witnesses that are kept.
    pub fn witness_bytes(&self) -> u64 {
        *self.counter()
    }

    /// Encoded bytes of one witness, zero where there is none.
    pub fn witness_size(&self, number: u64) -> Result<u64, StoreError> {
        let size = self.get_decoded(Family::WitnessSizes, BlockKey::new(number), decode_u64)?;
        Ok(size.unwrap_or(0))
    }

    pub(crate) fn load_witness_bytes(&self) -> Result<(), StoreError> {
        let counted = self.get_decoded(Family::Meta, WITNESS_BYTES, decode_u64)?;
        *self.counter() = counted.unwrap_or(0);
        Ok(())
    }

    /// The counter is set only after a write that succeeded, so a panic elsewhere leaves it right.
    fn counter(&self) -> MutexGuard<'_, u64> {
        unpoisoned(self.witness_bytes.lock())
    }
}

impl Batch<'_> {
    /// Stores the witness of a block; returns its encoded bytes.
    pub fn put_witness(&mut self, number: u64, reads: &WitnessReads) -> usize {
        let encoded = reads.encode();
        self.put(Family::Witnesses, BlockKey::new(number), &encoded);
        self.witness_sizes.insert(number, encoded.len() as u64);
        encoded.len()
    }

    /// Removes witnesses; numbers that have none are passed over.
    pub fn prune_witnesses(&mut self, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            self.delete(Family::Witnesses, BlockKey::new(number));
            self.witness_sizes.insert(number, 0);
        }
    }

    /// Writes the rows; where they change what witnesses are kept, with the new count among them.
    pub(crate) fn write(mut self, sync: bool) -> Result<(), StoreError> {
        if self.witness_sizes.is_empty() {
            return self.store.write(self.rows, sync);
        }
        let mut counter = self.store.counter();
        let counted = self.put_witness_sizes(*counter)?;
        self.store.write(self.rows, sync)?;
        *counter = counted;
        Ok(())
    }

    /// Puts the size rows and the counter; returns the counter.
    fn put_witness_sizes(&mut self, mut counted: u64) -> Result<u64, StoreError> {
        for (number, size) in std::mem::take(&mut self.witness_sizes) {
            let removed = self.store.witness_size(number)?;
            counted = (counted + size).checked_sub(removed).ok_or_else(|| StoreError::Row {
                row: RowId::new(Family::Meta, WITNESS_BYTES),
                source: RowError::Count { counted: counted + size, removed },
            })?;
            match size {
                0 => self.delete(Family::WitnessSizes, BlockKey::new(number)),
                _ => self.put(Family::WitnessSizes, BlockKey::new(number), size.to_be_bytes()),
            }
        }
        self.put(Family::Meta, WITNESS_BYTES, counted.to_be_bytes());
        Ok(counted)
    }
}
