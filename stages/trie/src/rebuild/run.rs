//! Sorted rows in a temporary file without a name: nothing is left of it after a kill.
//!
//! A row is the number of bytes that its key shares with the key before (u8), the length of its value (u8), the rest of the key,
//! and the value. There are no checksums: whoever rebuilds compares the root, which depends on every byte.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::error::RebuildError;
use super::kind::{Entry, Kind, MAX_VALUE_BYTES};

/// Written at a time: it fits into what the smallest budget leaves beside the rows to be sorted.
const WRITE_BYTES: usize = 8 << 10;

/// A sorted run, which can be read once.
pub(super) struct SortedRun<K> {
    file: File,
    /// The folder that the file is in.
    folder: PathBuf,
    pub(super) rows: u64,
    kind: PhantomData<K>,
}

impl<K: Kind> SortedRun<K> {
    /// Writes rows, which ascend.
    pub(super) fn write(
        folder: &Path,
        rows: impl Iterator<Item = Result<Entry<K>, RebuildError>>,
    ) -> Result<Self, RebuildError> {
        let failed = || RebuildError::io("write a temporary file in", folder);
        let file = tempfile::tempfile_in(folder).map_err(failed())?;
        let mut out = BufWriter::with_capacity(WRITE_BYTES, file);
        let (mut row_bytes, mut before, mut count) = (Vec::new(), None, 0);
        for row in rows {
            let row = row?;
            row_bytes.clear();
            put_row::<K>(&mut row_bytes, before.as_ref(), &row);
            out.write_all(&row_bytes).map_err(failed())?;
            before = Some(row.0);
            count += 1;
        }
        let mut file = out.into_inner().map_err(|error| failed()(error.into_error()))?;
        file.rewind().map_err(failed())?;
        Ok(Self { file, folder: folder.to_owned(), rows: count, kind: PhantomData })
    }

    /// Reads the rows, through a buffer of so many bytes.
    pub(super) fn read(self, buffer_bytes: usize) -> RunReader<K> {
        let file = BufReader::with_capacity(buffer_bytes, self.file);
        RunReader { file, folder: self.folder, key: K::Key::default(), rows_left: self.rows }
    }
}

/// A run that is being read.
pub(super) struct RunReader<K: Kind> {
    file: BufReader<File>,
    folder: PathBuf,
    /// The last key that was read.
    key: K::Key,
    rows_left: u64,
}

impl<K: Kind> RunReader<K> {
    /// The next row; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Entry<K>>, RebuildError> {
        if self.rows_left == 0 {
            return Ok(None);
        }
        self.rows_left -= 1;
        let value = take_row::<K>(&mut self.file, &mut self.key)
            .map_err(RebuildError::io("read a temporary file in", &self.folder))?;
        Ok(Some((self.key, value)))
    }
}

fn put_row<K: Kind>(out: &mut Vec<u8>, before: Option<&K::Key>, (key, value): &Entry<K>) {
    let key = key.as_ref();
    let shared = before.map_or(0, |before| {
        before.as_ref().iter().zip(key).take_while(|(theirs, ours)| theirs == ours).count()
    });
    // Keys have 64 bytes at most, values MAX_VALUE_BYTES.
    out.extend([shared as u8, 0]);
    out.extend_from_slice(&key[shared..]);
    let value_at = out.len();
    K::encode(value, out);
    out[1] = (out.len() - value_at) as u8;
}

/// Reads a row; `key` is that of the row before and becomes its own.
fn take_row<K: Kind>(rows: &mut impl Read, key: &mut K::Key) -> io::Result<K::Value> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "its bytes have changed");
    let mut lengths = [0; 2];
    rows.read_exact(&mut lengths)?;
    let [shared, value_length] = lengths.map(usize::from);
    rows.read_exact(key.as_mut().get_mut(shared..).ok_or_else(damaged)?)?;
    let mut value = [0; MAX_VALUE_BYTES];
    let value = value.get_mut(..value_length).ok_or_else(damaged)?;
    rows.read_exact(value)?;
    K::decode(value).ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::kind::Slots;
    use alloy::primitives::{B512, U256};

    #[test]
    fn rows_leave_out_what_they_share_with_the_one_before() {
        let mut second = B512::repeat_byte(1);
        second[63] = 2;
        let entries = [(B512::repeat_byte(1), U256::from(5)), (second, U256::from(600))];
        let folder = tempfile::tempdir().unwrap();
        let run = SortedRun::<Slots>::write(folder.path(), entries.into_iter().map(Ok)).unwrap();
        assert_eq!(run.file.metadata().unwrap().len(), (2 + 64 + 1) + (2 + 1 + 2));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it has no name");
        let mut reader = run.read(4_096);
        for entry in entries {
            assert_eq!(reader.next().unwrap(), Some(entry));
        }
        assert_eq!(reader.next().unwrap(), None);
    }
}
