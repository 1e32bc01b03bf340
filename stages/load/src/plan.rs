//! The offered units that are to be loaded: those that continue what is there. A pure function of `_loaded`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::{Segment, Unit};

use crate::error::LoadError;
use crate::loaded::LoadedUnit;

/// The units that are not loaded yet, in order. `loaded` are those that reach beyond the first one that is offered, and the last
/// one. One that is loaded must have the same rows; one that is not must
/// start at the block that comes next and hold the same datasets as the others.
pub(crate) fn new_units<'a>(
    loaded: &[LoadedUnit],
    offered: &'a [(Unit, PathBuf)],
) -> Result<Vec<&'a (Unit, PathBuf)>, LoadError> {
    let by_start: BTreeMap<u64, &LoadedUnit> = loaded.iter().map(|unit| (unit.range.start, unit)).collect();
    let mut next = loaded.iter().map(|unit| unit.range.end).max();
    let mut datasets = loaded.first().map(|unit| unit.segments.iter().map(|s| s.dataset).collect());
    let mut new = Vec::new();
    for entry in offered {
        let unit = &entry.0;
        match by_start.get(&unit.range.start) {
            Some(before) if before.range == unit.range => require_equal(before, unit)?,
            _ => {
                require_next(unit.range, next)?;
                require_datasets(unit, datasets.get_or_insert_with(|| datasets_of(unit)))?;
                next = Some(unit.range.end);
                new.push(entry);
            }
        }
    }
    Ok(new)
}

fn require_next(range: BlockRange, next: Option<u64>) -> Result<(), LoadError> {
    match next {
        Some(expected) if expected != range.start => Err(LoadError::Gap { range, expected }),
        _ if range.is_empty() => Err(LoadError::Gap { range, expected: range.start }),
        _ => Ok(()),
    }
}

fn require_equal(loaded: &LoadedUnit, offered: &Unit) -> Result<(), LoadError> {
    require_datasets(offered, &loaded.segments.iter().map(|s| s.dataset).collect::<Vec<_>>())?;
    for (before, now) in loaded.segments.iter().zip(sorted(offered)) {
        if before.digest != now.digest || before.rows != now.rows {
            return Err(LoadError::Differs {
                range: offered.range,
                dataset: now.dataset,
                loaded: hex(&before.digest),
                offered: hex(&now.digest),
            });
        }
    }
    Ok(())
}

fn require_datasets(unit: &Unit, expected: &[Dataset]) -> Result<(), LoadError> {
    let offered = datasets_of(unit);
    if offered == expected {
        return Ok(());
    }
    Err(LoadError::Datasets { range: unit.range, loaded: names(expected), offered: names(&offered) })
}

fn datasets_of(unit: &Unit) -> Vec<Dataset> {
    sorted(unit).iter().map(|segment| segment.dataset).collect()
}

fn sorted(unit: &Unit) -> Vec<&Segment> {
    let mut segments: Vec<_> = unit.segments.iter().collect();
    segments.sort_by_key(|segment| segment.dataset);
    segments
}

fn names(datasets: &[Dataset]) -> String {
    datasets.iter().map(|dataset| dataset.name()).collect::<Vec<_>>().join(", ")
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
