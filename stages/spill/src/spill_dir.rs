//! The folder of units.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use blockmill_chain::{BlockRange, durable, durable_step};
use blockmill_schemas::Dataset;

use crate::error::SpillError;
use crate::manifest;
use crate::name::{TEMPORARY, parse_unit, removing_folder, unit_folder, units_folder};
use crate::segment_check;
use crate::unit::Unit;

/// A folder of units. One process at a time owns it.
#[derive(Debug, Clone)]
pub struct SpillDir {
    path: PathBuf,
}

impl AsRef<Path> for SpillDir {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl SpillDir {
    /// Opens or creates the folder, and removes what was being written when an earlier run ended.
    pub fn open(path: &Path) -> Result<Self, SpillError> {
        let units = units_folder(path);
        fs::create_dir_all(&units).map_err(SpillError::io("create", &units))?;
        for entry in entries(path)? {
            if is_temporary(entry.file_name()) {
                fs::remove_dir_all(&entry).map_err(SpillError::io("remove", &entry))?;
            }
        }
        durable::sync_folder(path).map_err(SpillError::io("sync", path))?;
        Ok(Self { path: path.to_path_buf() })
    }

    /// A folder to read: nothing is created or removed, and another process may own it.
    pub fn open_read_only(path: &Path) -> Self {
        Self { path: path.to_path_buf() }
    }

    /// The sealed units by block; there may be gaps between them. Each manifest is read, and each segment must have the length it
    /// says.
    pub fn units(&self) -> Result<Vec<Unit>, SpillError> {
        units_in(units_folder(&self.path))
    }

    /// The unit of exactly this range, as [`units`](Self::units) lists it.
    pub fn unit(&self, range: BlockRange) -> Result<Unit, SpillError> {
        manifest::read(&self.folder(range), range)
    }

    /// Where the unit of a range is, or would be.
    pub fn folder(&self, range: BlockRange) -> PathBuf {
        unit_folder(&units_folder(&self.path), range)
    }

    /// The Parquet file of a dataset, where the unit has rows of it.
    pub fn path(&self, unit: &Unit, dataset: Dataset) -> Option<PathBuf> {
        let segment = unit.segment(dataset).filter(|segment| segment.rows > 0)?;
        Some(self.folder(unit.range).join(&segment.file_name))
    }

    /// Reads every row of a unit again and compares with its digests.
    pub fn check(&self, unit: &Unit) -> Result<(), SpillError> {
        let folder = self.folder(unit.range);
        unit.segments.iter().try_for_each(|segment| segment_check::check(&folder, segment, unit.range))
    }

    /// Reads the bytes of a unit's segments again and compares with their digests: enough to know that they are what
    /// was sealed, at the speed of the disk.
    pub fn check_bytes(&self, unit: &Unit) -> Result<(), SpillError> {
        let folder = self.folder(unit.range);
        unit.segments.iter().try_for_each(|segment| segment_check::check_bytes(&folder, segment))
    }

    /// Removes the unit of exactly this range; one that is not there is fine, so that an interrupted removal can be
    /// repeated. The unit goes in one step: no reader finds half of it.
    pub fn remove(&self, range: BlockRange) -> Result<(), SpillError> {
        let (folder, aside) = (self.folder(range), removing_folder(&self.path, range));
        if !folder.try_exists().map_err(SpillError::io("read", &folder))? {
            return Ok(());
        }
        durable::rename(&folder, &aside).map_err(SpillError::io("rename", &folder))?;
        durable_step("before a unit's files are removed");
        fs::remove_dir_all(&aside).map_err(SpillError::io("remove", &aside))
    }

    /// Removes every unit that reaches beyond block `end`, exclusive.
    pub fn remove_beyond(&self, end: u64) -> Result<(), SpillError> {
        for unit in self.units()?.into_iter().filter(|unit| unit.range.end > end) {
            self.remove(unit.range)?;
        }
        Ok(())
    }
}

fn units_in(path: PathBuf) -> Result<Vec<Unit>, SpillError> {
    let mut units = Vec::new();
    for entry in entries(&path)? {
        let range = entry.file_name().and_then(OsStr::to_str).and_then(parse_unit);
        let range = range.ok_or_else(|| SpillError::ForeignName { path: entry.clone() })?;
        match manifest::read(&entry, range) {
            Ok(unit) => units.push(unit),
            // Loaded and removed since the folder was listed.
            Err(_) if matches!(entry.try_exists(), Ok(false)) => {}
            Err(error) => return Err(error),
        }
    }
    units.sort_by_key(|unit| unit.range.start);
    match units.windows(2).find(|pair| pair[0].range.end > pair[1].range.start) {
        Some(pair) => Err(SpillError::Overlap { path, first: pair[0].range, second: pair[1].range }),
        None => Ok(units),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, SpillError> {
    let paths = |entries: fs::ReadDir| entries.map(|entry| entry.map(|e| e.path())).collect();
    fs::read_dir(folder).and_then(paths).map_err(SpillError::io("list", folder))
}

fn is_temporary(name: Option<&OsStr>) -> bool {
    name.is_some_and(|name| name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes()))
}
