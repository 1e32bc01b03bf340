//! Sealed units into DuckDB.

use std::cell::RefCell;

use blockmill_chain::{BlockRange, Context, Progress, Stage, StageError, StageId};
use blockmill_load::{Database, LoadError, LoadStats};
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, SpillError, Unit};

use crate::error::RunError;

/// The open DuckDB file. The trace stage asks it how far the tables are: what is loaded is not in the spill any more.
pub(crate) struct Tables(RefCell<Database>);

impl Tables {
    pub(crate) fn new(database: Database) -> Self {
        Self(RefCell::new(database))
    }

    /// The last block whose rows are in every table.
    pub(crate) fn last_loaded(&self) -> Result<Option<u64>, StageError> {
        self.0.borrow().checkpoint().map_err(failed)
    }

    /// Closes the file with everything in it.
    pub(crate) fn finish(self) -> Result<(), RunError> {
        Ok(self.0.into_inner().finish()?)
    }
}

/// Loads units in order, several in one transaction, and removes them afterwards.
pub(crate) struct LoadStage<'a> {
    pub(crate) spill: &'a SpillDir,
    pub(crate) tables: &'a Tables,
    /// Transactions since the file was last checkpointed.
    pub(crate) commits: u32,
}

/// Rows that are worth a transaction: eight of DuckDB's row groups of 122,880 rows. A small commit leaves a short row
/// group behind in every table.
const ROWS_PER_COMMIT: u64 = 8 * 122_880;
/// Segments of one dataset that one statement reads.
const UNITS_PER_COMMIT: usize = 256;
/// Commits after which the write-ahead log is moved into the file.
const COMMITS_PER_CHECKPOINT: u32 = 8;

impl Stage for LoadStage<'_> {
    fn id(&self) -> StageId {
        StageId::Load
    }

    fn checkpoint(&self) -> Result<Option<u64>, StageError> {
        self.tables.last_loaded()
    }

    fn execute(&mut self, range: BlockRange, cx: &Context<'_>) -> Result<(), StageError> {
        let (units, is_full) = self.next_units(range)?;
        if units.is_empty() || !(is_full || cx.is_last) {
            return Ok(());
        }
        units.iter().try_for_each(|unit| self.spill.check_bytes(unit)).map_err(unspilled)?;
        let stats = self.load(&units)?;
        for unit in &units {
            self.spill.remove(unit.range).map_err(unspilled)?;
        }
        let last_block = units.last().map_or(range.start, |unit| unit.range.end - 1);
        let blocks = units.iter().map(blocks_in).sum();
        let progress =
            Progress { last_block, blocks, rows: stats.rows, bytes: stats.bytes, ..Progress::default() };
        cx.monitor.advanced(StageId::Load, progress);
        Ok(())
    }
}

impl LoadStage<'_> {
    fn load(&mut self, units: &[Unit]) -> Result<LoadStats, StageError> {
        let folders: Vec<_> =
            units.iter().map(|unit| (unit.clone(), self.spill.folder(unit.range))).collect();
        let mut database = self.tables.0.borrow_mut();
        let stats = database.load(&folders).map_err(failed)?;
        self.commits += 1;
        if self.commits.is_multiple_of(COMMITS_PER_CHECKPOINT) {
            database.checkpoint_file().map_err(failed)?;
        }
        Ok(stats)
    }

    /// The units that continue the tables, up to a transaction's worth; whether it is one.
    fn next_units(&self, range: BlockRange) -> Result<(Vec<Unit>, bool), StageError> {
        let (mut units, mut next, mut rows): (Vec<Unit>, _, _) = (Vec::new(), range.start, 0);
        for unit in self.spill.units().map_err(unspilled)? {
            if unit.range.start != next || unit.range.end > range.end {
                continue;
            }
            next = unit.range.end;
            rows += unit.rows();
            units.push(unit);
            if rows >= ROWS_PER_COMMIT || units.len() >= UNITS_PER_COMMIT {
                return Ok((units, true));
            }
        }
        Ok((units, false))
    }
}

/// The blocks of a unit: single blocks from witness files leave gaps in its range.
fn blocks_in(unit: &Unit) -> u64 {
    unit.segment(Dataset::Blocks).map_or(unit.range.len(), |segment| segment.rows)
}

fn failed(error: LoadError) -> StageError {
    StageError::failed(StageId::Load, error)
}

fn unspilled(error: SpillError) -> StageError {
    StageError::failed(StageId::Load, error)
}
