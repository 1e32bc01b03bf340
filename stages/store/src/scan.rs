//! Sorted iteration over the rows of a family, decoded as they come.

use rocksdb::{DBRawIterator, ReadOptions};

use crate::{Family, RowError, RowId, Store, StoreError};

/// Turns a key and a value into what the scan yields.
pub(crate) type Decode<T> = fn(&[u8], &[u8]) -> Result<T, RowError>;

/// A scan; ends after its first error.
pub(crate) struct Scan<'a, T> {
    rows: DBRawIterator<'a>,
    family: Family,
    decode: Decode<T>,
    ended: bool,
}

impl Store {
    /// Scans the rows within the bounds of `options`.
    pub(crate) fn scan<T>(&self, family: Family, options: ReadOptions, decode: Decode<T>) -> Scan<'_, T> {
        let mut rows = self.db.raw_iterator_cf_opt(self.column(family), options);
        rows.seek_to_first();
        Scan { rows, family, decode, ended: false }
    }

    /// Scans the rows whose key starts with `prefix`, which is the family's whole prefix.
    pub(crate) fn scan_prefix<T>(&self, family: Family, prefix: &[u8], decode: Decode<T>) -> Scan<'_, T> {
        debug_assert_eq!(
            family.prefix_bytes(),
            Some(prefix.len()),
            "the prefix filter knows whole prefixes only"
        );
        let mut rows = self.db.raw_iterator_cf_opt(self.column(family), crate::options::read_prefix(prefix));
        // Not to the first: only a seek with the prefix asks the filter.
        rows.seek(prefix);
        Scan { rows, family, decode, ended: false }
    }
}

impl<T> Scan<'_, T> {
    fn take(&mut self) -> Option<Result<T, StoreError>> {
        let Some((key, value)) = self.rows.item() else {
            return self.rows.status().err().map(|source| {
                let row = RowId::new(self.family, b"");
                Err(StoreError::Read { row, source })
            });
        };
        let row = (self.decode)(key, value);
        Some(row.map_err(|source| StoreError::Row { row: RowId::new(self.family, key), source }))
    }
}

impl<T> Iterator for Scan<'_, T> {
    type Item = Result<T, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.take();
        match row {
            Some(Ok(_)) => self.rows.next(),
            _ => self.ended = true,
        }
        row
    }
}
