//! Writes the rows of a block range aside; one rename makes them a unit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;
use blockmill_chain::{BlockRange, durable};
use blockmill_schemas::Dataset;

use crate::error::SpillError;
use crate::manifest;
use crate::name::{move_unit, require_absent, unit_folder, units_folder, writing_folder};
use crate::segment::SegmentWriter;
use crate::unit::{FORMAT, Unit};

/// Takes the rows of one unit. Dropping it without [`seal`](Self::seal) leaves no unit.
pub struct UnitWriter {
    range: BlockRange,
    segments: BTreeMap<Dataset, SegmentWriter>,
    budget_bytes: usize,
    folder: WritingFolder,
    sealed: PathBuf,
}

impl UnitWriter {
    /// Starts the unit of `range` in a spill folder. Row groups end early where all of them together would take more
    /// than `budget_bytes` of memory; a batch that is larger than that is written by itself.
    pub fn create(
        spill_dir: impl AsRef<Path>,
        range: BlockRange,
        datasets: &[Dataset],
        budget_bytes: usize,
    ) -> Result<Self, SpillError> {
        let spill_dir = spill_dir.as_ref();
        if range.is_empty() {
            return Err(SpillError::EmptyRange { range });
        }
        let units = units_folder(spill_dir);
        fs::create_dir_all(&units).map_err(SpillError::io("create", &units))?;
        let sealed = unit_folder(&units, range);
        require_absent(&sealed)?;
        let folder = WritingFolder::create(writing_folder(spill_dir, range))?;
        let segment = |&dataset: &Dataset| (dataset, SegmentWriter::new(&folder.path, dataset));
        let segments = datasets.iter().map(segment).collect();
        Ok(Self { range, segments, budget_bytes, folder, sealed })
    }

    /// Appends rows of one dataset, which must come in chain order.
    pub fn write(&mut self, dataset: Dataset, batch: &RecordBatch) -> Result<(), SpillError> {
        let range = self.range;
        let segment = self.segments.get_mut(&dataset).ok_or(SpillError::NotInUnit { range, dataset })?;
        if batch.schema_ref() != segment.schema() {
            return Err(SpillError::WrongColumns { range, dataset });
        }
        segment.digest(batch).map_err(|source| SpillError::Digest { range, source })?;
        segment.write(batch)?;
        self.keep_budget()
    }

    /// Bytes that the row groups under construction take in memory.
    pub fn memory_bytes(&self) -> usize {
        self.segments.values().map(SegmentWriter::memory_bytes).sum()
    }

    /// Makes the files durable, then gives them the name of a unit.
    pub fn seal(self) -> Result<Unit, SpillError> {
        let Self { range, segments, folder, sealed, .. } = self;
        let segments = segments.into_values().map(SegmentWriter::finish).collect::<Result<_, _>>()?;
        let program_version = env!("CARGO_PKG_VERSION").to_owned();
        let unit = Unit { range, segments, format: FORMAT, program_version };
        manifest::write(&folder.path, &unit)?;
        durable::sync_folder(&folder.path).map_err(SpillError::io("sync", &folder.path))?;
        move_unit(&folder.path, &sealed)?;
        Ok(unit)
    }

    /// Ends row groups, the largest first: that frees the most and leaves the fewest small groups.
    fn keep_budget(&mut self) -> Result<(), SpillError> {
        while self.memory_bytes() > self.budget_bytes {
            match self.segments.values_mut().max_by_key(|segment| segment.memory_bytes()) {
                Some(largest) => largest.flush()?,
                None => break,
            }
        }
        Ok(())
    }
}

/// The folder that a unit is written in; it goes with the writer unless it is sealed.
struct WritingFolder {
    path: PathBuf,
}

impl WritingFolder {
    fn create(path: PathBuf) -> Result<Self, SpillError> {
        fs::create_dir(&path).map_err(SpillError::io("create", &path))?;
        Ok(Self { path })
    }
}

impl Drop for WritingFolder {
    /// After the rename the name is gone; what cannot be removed is swept when the spill is opened again.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
