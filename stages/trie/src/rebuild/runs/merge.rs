//! Several runs as one ascending sequence.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::path::{Path, PathBuf};

use alloy::primitives::hex;

use super::folder::Run;
use super::reader::{READER_BYTES, RunReader};
use crate::rebuild::error::RebuildError;
use crate::rebuild::kind::{Entry, Kind};

/// Runs that are read together.
pub(in crate::rebuild) struct Merge<K: Kind> {
    readers: Vec<RunReader<K>>,
    /// The current value of each reader.
    values: Vec<K::Value>,
    /// The current key of each reader that is not at its end, with the reader's number.
    keys: BinaryHeap<Reverse<(K::Key, usize)>>,
    folder: PathBuf,
}

impl<K: Kind> Merge<K> {
    pub(in crate::rebuild) fn open(runs: &[Run<K>]) -> Result<Self, RebuildError> {
        let folder = runs.first().and_then(|run| run.path.parent()).unwrap_or(Path::new("")).to_owned();
        let readers = runs.iter().map(|run| RunReader::open(&run.path, &run.footer));
        let mut readers = readers.collect::<Result<Vec<_>, _>>()?;
        let mut values = vec![K::Value::default(); readers.len()];
        let mut keys = BinaryHeap::with_capacity(readers.len());
        for (number, reader) in readers.iter_mut().enumerate() {
            if let Some((key, value)) = reader.next()? {
                values[number] = value;
                keys.push(Reverse((key, number)));
            }
        }
        Ok(Self { readers, values, keys, folder })
    }

    /// The row with the smallest key; `None` at the end.
    pub(in crate::rebuild) fn head(&self) -> Option<Entry<K>> {
        let Reverse((key, number)) = self.keys.peek()?;
        Some((*key, self.values[*number]))
    }

    /// Passes the row at the head.
    pub(in crate::rebuild) fn advance(&mut self) -> Result<(), RebuildError> {
        let Some(mut top) = self.keys.peek_mut() else { return Ok(()) };
        let Reverse((passed, number)) = *top;
        match self.readers[number].next()? {
            Some((key, value)) => {
                self.values[number] = value;
                *top = Reverse((key, number));
                drop(top);
            }
            None => drop(PeekMut::pop(top)),
        }
        match self.keys.peek() {
            Some(Reverse((key, _))) if *key <= passed => Err(self.repeated(*key)),
            _ => Ok(()),
        }
    }

    /// What the read buffers take.
    pub(in crate::rebuild) fn bytes(&self) -> usize {
        self.readers.len() * READER_BYTES
    }

    /// The rest of the rows.
    pub(super) fn into_rows(mut self) -> impl Iterator<Item = Result<Entry<K>, RebuildError>> {
        std::iter::from_fn(move || {
            let head = self.head()?;
            Some(self.advance().map(|()| head))
        })
    }

    fn repeated(&self, key: K::Key) -> RebuildError {
        RebuildError::Repeated { kind: K::NAME, key: hex::encode_prefixed(key), folder: self.folder.clone() }
    }
}
