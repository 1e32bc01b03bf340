//! Merges runs into fewer, where there are more than can be read at once.

use std::fs;

use blockmill_chain::Cancel;

use super::folder::{Folder, Run};
use super::merge::Merge;
use crate::rebuild::budget::Budget;
use crate::rebuild::error::RebuildError;
use crate::rebuild::kind::Kind;

/// Merges runs until so few are left that a join can read them all.
///
/// Neighbours are merged, no more than needed, and those whose files are smallest: few rows are then written twice.
pub(in crate::rebuild) fn reduce<K: Kind>(
    folder: &Folder,
    mut runs: Vec<Run<K>>,
    budget: &Budget,
    cancel: &Cancel,
) -> Result<Vec<Run<K>>, RebuildError> {
    while runs.len() > budget.joined_runs {
        let count = budget.pass_runs.min(runs.len() - budget.joined_runs + 1);
        let start = smallest_window(&runs, count)?;
        let merged = merge(folder, &runs[start..start + count], cancel)?;
        let replaced: Vec<_> = runs.splice(start..start + count, [merged]).collect();
        for run in replaced {
            run.remove()?;
        }
    }
    Ok(runs)
}

/// Where the `count` neighbours begin that have the fewest bytes.
fn smallest_window<K: Kind>(runs: &[Run<K>], count: usize) -> Result<usize, RebuildError> {
    let lengths = runs.iter().map(|run| {
        let metadata = fs::metadata(&run.path).map_err(RebuildError::io("measure", &run.path));
        metadata.map(|metadata| metadata.len())
    });
    let lengths = lengths.collect::<Result<Vec<u64>, _>>()?;
    let sums = lengths.windows(count).map(|window| window.iter().sum::<u64>());
    Ok(sums.enumerate().min_by_key(|(_, bytes)| *bytes).map_or(0, |(start, _)| start))
}

fn merge<K: Kind>(folder: &Folder, runs: &[Run<K>], cancel: &Cancel) -> Result<Run<K>, RebuildError> {
    let [first, .., last] = runs else { unreachable!("a pass merges two runs at least") };
    let rows = Merge::open(runs)?
        .into_rows()
        .map(|row| if cancel.is_cancelled() { Err(RebuildError::Interrupted) } else { row });
    folder.write((first.first, last.last), (first.footer.from, last.footer.next), rows)
}
