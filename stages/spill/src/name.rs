//! Names inside a spill folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use blockmill_chain::{BlockRange, durable};
use blockmill_schemas::Dataset;

use crate::error::SpillError;

/// The manifest inside a unit's folder.
pub(crate) const MANIFEST: &str = "manifest.json";

/// What is not a unit yet, or not any more, starts like this. It is swept when the spill is opened.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// The folder of units.
pub(crate) fn units_folder(spill: &Path) -> PathBuf {
    spill.join("units")
}

/// The folder of a unit among others. Names sort as the units do, up to block 10^12.
pub(crate) fn unit_folder(units: &Path, range: BlockRange) -> PathBuf {
    units.join(unit_name(range))
}

/// Where a unit is written.
pub(crate) fn writing_folder(spill: &Path, range: BlockRange) -> PathBuf {
    spill.join(format!("{TEMPORARY}{}-{}", range.start, range.end))
}

/// Where a unit goes to be deleted.
pub(crate) fn removing_folder(spill: &Path, range: BlockRange) -> PathBuf {
    spill.join(format!("{TEMPORARY}removed-{}-{}", range.start, range.end))
}

/// The file of a dataset inside a unit's folder.
pub(crate) fn segment_file(dataset: Dataset) -> String {
    format!("{dataset}.parquet")
}

/// The range that a unit's folder name stands for.
pub(crate) fn parse_unit(name: &str) -> Option<BlockRange> {
    let (start, end) = name.split_once('-')?;
    let (start, end) = (start.parse().ok()?, end.parse().ok()?);
    let range = BlockRange::new(start, end);
    (start < end && unit_name(range) == name).then_some(range)
}

fn unit_name(range: BlockRange) -> String {
    format!("{:012}-{:012}", range.start, range.end)
}

/// Gives a unit's folder its name, where no other unit has it.
pub(crate) fn move_unit(from: &Path, to: &Path) -> Result<(), SpillError> {
    require_absent(to)?;
    match durable::rename(from, to) {
        Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {
            Err(SpillError::UnitExists { path: to.to_path_buf() })
        }
        renamed => renamed.map_err(SpillError::io("rename", from)),
    }
}

/// Refuses a name that a unit has.
pub(crate) fn require_absent(path: &Path) -> Result<(), SpillError> {
    match path.try_exists().map_err(SpillError::io("look at", path))? {
        true => Err(SpillError::UnitExists { path: path.to_path_buf() }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_one_name() {
        assert_eq!(unit_name(BlockRange::new(0, 8192)), "000000000000-000000008192");
        let far = BlockRange::new(u64::MAX - 1, u64::MAX);
        for range in [BlockRange::new(0, 1), BlockRange::new(15_537_394, 15_545_586), far] {
            assert_eq!(parse_unit(&unit_name(range)), Some(range));
        }
        for other in [
            "0-1",
            "000000000001-000000000001",
            "000000000002-000000000001",
            "+00000000001-000000000002",
            "units",
        ] {
            assert_eq!(parse_unit(other), None, "{other}");
        }
    }
}
