//! Filters and indexes: whole while they fit into the cache, and in parts from then on.
//!
//! A whole filter answers with one look; one in parts takes a look at its top level more. But where filters do not fit, a read
//! fetches what it needs of one anew: a part of 4 KiB, or megabytes. A store begins small, and may grow to mainnet's size in one
//! run, so that the change is made while it is open. It holds for files that are written from then on: older ones are rewritten
//! as the store grows.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rocksdb::properties;

use crate::options::IN_PARTS;
use crate::{Family, Store, StoreError, StoreOptions};

/// How filters are written.
pub(crate) struct Filters {
    most_rows: u64,
    are_in_parts: AtomicBool,
    /// Bytes written since rows were counted.
    uncounted: AtomicU64,
}

/// Rows are counted again after so many bytes were written.
const COUNT_EVERY_BYTES: u64 = 64 << 20;

impl Filters {
    pub(crate) fn new(options: StoreOptions) -> Self {
        Self {
            most_rows: options.rows_with_whole_filters(),
            are_in_parts: AtomicBool::new(false),
            uncounted: AtomicU64::new(0),
        }
    }

    /// Whether rows are to be counted again, so many bytes having been written.
    pub(crate) fn are_due(&self, bytes: usize) -> bool {
        let before = self.uncounted.fetch_add(bytes as u64, Ordering::Relaxed);
        before + bytes as u64 >= COUNT_EVERY_BYTES && !self.are_in_parts.load(Ordering::Relaxed)
    }
}

impl Store {
    /// Has filters written in parts, if whole ones do not fit.
    pub(crate) fn look_at_filters(&self) -> Result<(), StoreError> {
        self.filters.uncounted.store(0, Ordering::Relaxed);
        if self.rows()? > self.filters.most_rows {
            self.write_filters_in_parts()?;
        }
        Ok(())
    }

    /// About how many rows there are.
    fn rows(&self) -> Result<u64, StoreError> {
        let mut rows = 0;
        for family in Family::ALL {
            let of = self.db.property_int_value_cf(self.column(family), properties::ESTIMATE_NUM_KEYS);
            rows += of.map_err(|source| self.maintenance("measure", source))?.unwrap_or(0);
        }
        Ok(rows)
    }

    fn write_filters_in_parts(&self) -> Result<(), StoreError> {
        for family in Family::ALL {
            let set = self.db.set_options_cf(self.column(family), &[IN_PARTS]);
            set.map_err(|source| self.maintenance("change the filters of", source))?;
        }
        self.filters.are_in_parts.store(true, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, U256};
    use blockmill_chain::{Account, BlockChanges, StateReader};

    use super::*;

    fn accounts(numbers: std::ops::Range<u64>) -> BlockChanges {
        let account =
            |number| (Address::left_padding_from(&u64::to_be_bytes(number)), Some(Account::default()));
        BlockChanges { accounts: numbers.map(account).collect(), ..BlockChanges::default() }
    }

    /// How many parts the indexes of a family's files have; none where they are whole.
    fn parts(store: &Store) -> Option<u64> {
        let column = store.column(Family::Accounts);
        let all = store.db.property_value_cf(column, properties::AGGREGATED_TABLE_PROPERTIES).unwrap()?;
        all.split(';').find_map(|part| part.trim().strip_prefix("# index partitions=")?.trim().parse().ok())
    }

    #[test]
    fn files_are_written_in_parts_once_there_are_too_many_rows_and_both_kinds_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES };
        for (round, most_rows) in [(0, u64::MAX), (1, 1)] {
            let mut store = Store::open(folder.path(), options).unwrap();
            assert_eq!(parts(&store), None);
            store.filters.most_rows = most_rows;
            store.look_at_filters().unwrap();
            assert_eq!(store.filters.are_in_parts.load(Ordering::Relaxed), round == 1);
            let mut batch = store.batch();
            batch.put_changes(&accounts(round * 50_000..(round + 1) * 50_000)).unwrap();
            batch.commit().unwrap();
            store.finish().unwrap();
        }
        let store = Store::open(folder.path(), options).unwrap();
        assert!(parts(&store).is_some_and(|parts| parts > 1));
        for number in [0, 49_999, 50_000, 99_999] {
            let address = Address::left_padding_from(&u64::to_be_bytes(number));
            assert_eq!(
                store.account(address).unwrap(),
                Some(Account { balance: U256::ZERO, ..Account::default() })
            );
        }
        assert_eq!(store.account(Address::repeat_byte(7)).unwrap(), None);
    }
}
