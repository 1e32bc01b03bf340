//! Sealed units into DuckDB.

use std::sync::{Mutex, MutexGuard};

use blockmill_chain::{BlockRange, Context, Progress, Stage, StageError, StageId, unpoisoned};
use blockmill_load::{Database, LoadError, LoadStats};
use blockmill_schemas::Dataset;
use blockmill_spill::{ROW_GROUP_ROWS, SpillDir, SpillError, Unit};

use crate::error::RunError;
use crate::flow::Flow;
use crate::memory::{Ledger, Owner};

/// The open DuckDB file, and how far it is: others ask for that while a load goes on.
pub(crate) struct Tables {
    database: Mutex<Database>,
    last_loaded: Mutex<Option<u64>>,
}

impl Tables {
    pub(crate) fn new(database: Database) -> Result<Self, RunError> {
        let last_loaded = Mutex::new(database.checkpoint()?);
        Ok(Self { database: Mutex::new(database), last_loaded })
    }

    /// The last block whose rows are in every table.
    pub(crate) fn last_loaded(&self) -> Option<u64> {
        *unpoisoned(self.last_loaded.lock())
    }

    /// Closes the file with everything in it.
    pub(crate) fn finish(self) -> Result<(), RunError> {
        Ok(unpoisoned(self.database.into_inner()).finish()?)
    }

    fn lock(&self) -> MutexGuard<'_, Database> {
        unpoisoned(self.database.lock())
    }
}

/// Loads units in order, several in one transaction, and removes them afterwards.
pub(crate) struct LoadStage<'a> {
    pub(crate) spill: &'a SpillDir,
    pub(crate) tables: &'a Tables,
    pub(crate) ledger: &'a Ledger,
    pub(crate) flow: &'a Flow<'a>,
    /// All threads of the run.
    pub(crate) threads: usize,
    /// Rows loaded since the file was opened.
    pub(crate) rows: u64,
}

/// Rows after which the write-ahead log is moved into the file, and the file opened anew: eight transactions of the largest
/// kind.
const ROWS_PER_REOPENING: u64 = 64 * ROW_GROUP_ROWS;

impl Stage for LoadStage<'_> {
    fn id(&self) -> StageId {
        StageId::Load
    }

    fn checkpoint(&self) -> Result<Option<u64>, StageError> {
        Ok(self.tables.last_loaded())
    }

    /// Loads the units of the range: they are one transaction.
    fn execute(&mut self, range: BlockRange, cx: &Context<'_>) -> Result<u64, StageError> {
        let ranges = self.flow.look(|state| state.sealed_units().map(|unit| unit.range).collect::<Vec<_>>());
        let wanted = ranges.into_iter().take_while(|unit| unit.end <= range.end);
        let units: Vec<_> =
            wanted.map(|unit| self.spill.unit(unit)).collect::<Result<_, _>>().map_err(unspilled)?;
        // A disk may have changed them since.
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
        Ok(stats.bytes)
    }
}

impl LoadStage<'_> {
    fn load(&mut self, units: &[Unit]) -> Result<LoadStats, StageError> {
        let folders: Vec<_> =
            units.iter().map(|unit| (unit.clone(), self.spill.folder(unit.range))).collect();
        let mut database = self.tables.lock();
        if self.flow.look(|state| state.is_finished(StageId::Trace)) {
            database.begin_final_load(self.threads).map_err(failed)?;
        }
        let stats = database.load(&folders).map_err(failed)?;
        // What is loaded is loaded, whether or not its memory can be measured.
        if let Ok(bytes) = database.memory_bytes() {
            self.ledger.gauge(Owner::Tables).measured(bytes);
        }
        self.rows += stats.rows;
        if self.rows >= ROWS_PER_REOPENING {
            self.rows = 0;
            database.reopen().map_err(failed)?;
        }
        let last_loaded = database.checkpoint().map_err(failed)?;
        *unpoisoned(self.tables.last_loaded.lock()) = last_loaded;
        Ok(stats)
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
