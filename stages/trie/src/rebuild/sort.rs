//! Reads the flat state, hashes its keys on all cores, and writes it as sorted runs.

use std::path::Path;

use blockmill_chain::Cancel;
use rayon::slice::ParallelSliceMut;

use super::FlatState;
use super::budget::SortBudget;
use super::error::RebuildError;
use super::kind::{Entry, Kind};
use super::run::SortedRun;

/// Rows that one task hashes: some milliseconds of work.
const BATCH_ROWS: usize = 4096;

/// Rows that the buffer grows by: a small state does not touch all of a large budget.
const STEP_ROWS: usize = 64 * BATCH_ROWS;

/// Writes all rows of a kind as sorted runs. Returns these, and how many bytes were held at once.
pub(super) fn sort<K: Kind, F: FlatState>(
    flat: &F,
    folder: &Path,
    budget: &SortBudget,
    cancel: &Cancel,
) -> Result<(Vec<SortedRun<K>>, usize), RebuildError> {
    let mut rows = K::rows(flat).map(|row| row.map_err(RebuildError::flat));
    let mut entries: Vec<Entry<K>> = Vec::with_capacity(budget.sort_bytes / size_of::<Entry<K>>());
    let mut runs = Vec::new();
    loop {
        fill::<K>(&mut entries, &mut rows, cancel)?;
        if entries.is_empty() {
            break;
        }
        entries.par_sort_unstable_by_key(|(key, _)| *key);
        runs.push(SortedRun::write(folder, entries.iter().map(|entry| Ok(*entry)))?);
        if entries.len() < entries.capacity() {
            break;
        }
    }
    Ok((runs, entries.capacity() * size_of::<Entry<K>>()))
}

/// Fills the buffer, as far as its capacity goes, with rows under their hashed keys.
fn fill<K: Kind>(
    entries: &mut Vec<Entry<K>>,
    rows: &mut impl Iterator<Item = Result<Entry<K>, RebuildError>>,
    cancel: &Cancel,
) -> Result<(), RebuildError> {
    entries.clear();
    while entries.len() < entries.capacity() {
        let start = entries.len();
        let end = entries.capacity().min(start + STEP_ROWS);
        entries.resize(end, Entry::<K>::default());
        let filled = start + fill_step::<K>(&mut entries[start..], rows, cancel)?;
        entries.truncate(filled);
        if filled < end {
            break;
        }
    }
    Ok(())
}

/// Fills `step` from its front and says how far. This thread reads on while others hash what it has read.
fn fill_step<K: Kind>(
    step: &mut [Entry<K>],
    rows: &mut impl Iterator<Item = Result<Entry<K>, RebuildError>>,
    cancel: &Cancel,
) -> Result<usize, RebuildError> {
    rayon::in_place_scope(|scope| {
        let mut filled = 0;
        for batch in step.chunks_mut(BATCH_ROWS) {
            let mut read = 0;
            for (place, row) in batch.iter_mut().zip(rows.by_ref()) {
                *place = row?;
                read += 1;
            }
            filled += read;
            let is_last = read < batch.len();
            scope.spawn(move |_| K::hash(&mut batch[..read]));
            if is_last {
                break;
            }
            if cancel.is_cancelled() {
                return Err(RebuildError::Interrupted);
            }
        }
        Ok(filled)
    })
}
