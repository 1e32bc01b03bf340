//! Writes the rows of a block range aside, and publishes them by one rename.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;
use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;

use crate::durable;
use crate::error::SpillError;
use crate::manifest;
use crate::name::{unit_folder, units_folder, writing_folder};
use crate::segment::SegmentWriter;
use crate::unit::{FORMAT, Unit};

/// Takes the rows of one unit. Dropping it without [`finish`](Self::finish) leaves no unit.
pub struct UnitWriter {
    range: BlockRange,
    segments: BTreeMap<Dataset, SegmentWriter>,
    budget_bytes: usize,
    folder: WritingFolder,
    target: PathBuf,
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
        let target = unit_folder(spill_dir, range);
        require_absent(&target)?;
        let folder = WritingFolder::create(writing_folder(spill_dir, range))?;
        let segment = |&dataset: &Dataset| (dataset, SegmentWriter::new(&folder.path, dataset));
        let segments = datasets.iter().map(segment).collect();
        Ok(Self { range, segments, budget_bytes, folder, target })
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

    /// Makes the files durable and publishes them as a unit.
    pub fn finish(self) -> Result<Unit, SpillError> {
        let Self { range, segments, folder, target, .. } = self;
        let segments = segments.into_values().map(SegmentWriter::finish).collect::<Result<_, _>>()?;
        let program_version = env!("CARGO_PKG_VERSION").to_owned();
        let unit = Unit { range, segments, format: FORMAT, program_version };
        manifest::write(&folder.path, &unit)?;
        durable::sync_folder(&folder.path)?;
        folder.publish(&target)?;
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

/// The folder that a unit is written in; it goes with the writer unless it is published.
struct WritingFolder {
    path: PathBuf,
}

impl WritingFolder {
    fn create(path: PathBuf) -> Result<Self, SpillError> {
        fs::create_dir(&path).map_err(SpillError::io("create", &path))?;
        Ok(Self { path })
    }

    fn publish(self, target: &Path) -> Result<(), SpillError> {
        require_absent(target)?;
        match durable::rename(&self.path, target) {
            Err(SpillError::Io { source, .. })
                if matches!(source.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) =>
            {
                Err(SpillError::UnitExists { path: target.to_path_buf() })
            }
            renamed => renamed,
        }
    }
}

impl Drop for WritingFolder {
    /// After the rename the name is gone; what cannot be removed is swept when the spill is opened again.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn require_absent(target: &Path) -> Result<(), SpillError> {
    match target.try_exists().map_err(SpillError::io("look at", target))? {
        true => Err(SpillError::UnitExists { path: target.to_path_buf() }),
        false => Ok(()),
    }
}
