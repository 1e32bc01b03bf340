//! Several runs as one ascending sequence.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::path::Path;

use alloy::primitives::hex;
use blockmill_chain::Cancel;

use super::budget::SortBudget;
use super::error::RebuildError;
use super::kind::{Entry, Kind};
use super::run::{RunReader, SortedRun};

/// Runs that are read together.
pub(super) struct RunMerge<K: Kind> {
    readers: Vec<RunReader<K>>,
    /// The current value of each reader.
    values: Vec<K::Value>,
    /// The current key of each reader that is not at its end, with the reader's number.
    keys: BinaryHeap<Reverse<(K::Key, usize)>>,
    reader_bytes: usize,
}

impl<K: Kind> RunMerge<K> {
    /// Opens runs side by side. Where there are more than may be open at once, the shortest are merged into fewer first.
    pub(super) fn open(
        mut runs: Vec<SortedRun<K>>,
        folder: &Path,
        budget: &SortBudget,
        cancel: &Cancel,
    ) -> Result<Self, RebuildError> {
        while runs.len() > budget.joined_runs {
            let count = budget.pass_runs.min(runs.len() - budget.joined_runs + 1);
            runs.sort_by_key(|run| run.rows);
            let longer = runs.split_off(count);
            let rows = Self::of(runs, budget)?.into_rows();
            let rows =
                rows.map(|row| if cancel.is_cancelled() { Err(RebuildError::Interrupted) } else { row });
            runs = vec![SortedRun::write(folder, rows)?];
            runs.extend(longer);
        }
        Self::of(runs, budget)
    }

    fn of(runs: Vec<SortedRun<K>>, budget: &SortBudget) -> Result<Self, RebuildError> {
        let mut readers: Vec<_> = runs.into_iter().map(|run| run.read(budget.reader_bytes)).collect();
        let mut values = vec![K::Value::default(); readers.len()];
        let mut keys = BinaryHeap::with_capacity(readers.len());
        for (number, reader) in readers.iter_mut().enumerate() {
            if let Some((key, value)) = reader.next()? {
                values[number] = value;
                keys.push(Reverse((key, number)));
            }
        }
        Ok(Self { readers, values, keys, reader_bytes: budget.reader_bytes })
    }

    /// The row with the smallest key; `None` at the end.
    pub(super) fn head(&self) -> Option<Entry<K>> {
        let Reverse((key, number)) = self.keys.peek()?;
        Some((*key, self.values[*number]))
    }

    /// Passes the row at the head.
    pub(super) fn advance(&mut self) -> Result<(), RebuildError> {
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
            Some(Reverse((key, _))) if *key <= passed => {
                Err(RebuildError::Repeated { kind: K::NAME, key: hex::encode_prefixed(key) })
            }
            _ => Ok(()),
        }
    }

    /// Memory of the read buffers, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.readers.len() * self.reader_bytes
    }

    /// The rest of the rows.
    fn into_rows(mut self) -> impl Iterator<Item = Result<Entry<K>, RebuildError>> {
        std::iter::from_fn(move || {
            let head = self.head()?;
            Some(self.advance().map(|()| head))
        })
    }
}
