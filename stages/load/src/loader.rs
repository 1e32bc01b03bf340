//! One load: sealed segments into their tables, all of it in one transaction or none of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::Unit;
use duckdb::Connection;

use crate::database::Database;
use crate::error::LoadError;
use crate::query::{identifier, path_text, quoted};
use crate::{disk, loaded, plan};

/// What a load did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadStats {
    /// Units whose rows are now in the tables.
    pub units: u64,
    /// Units that had been loaded before, with the same rows.
    pub skipped_units: u64,
    /// Rows added, over all tables.
    pub rows: u64,
    /// Bytes of the segments read.
    pub bytes: u64,
}

/// Free bytes wanted per byte of Parquet: measured, tables take 1.1 to 1.4 times the space of their segments, and the
/// rows of small ones 3.4 times in the write-ahead log before that.
const FREE_BYTES_PER_SEGMENT_BYTE: u64 = 5;

impl Database {
    /// Loads units, each given with the folder that holds its segments, in one transaction: their rows and their
    /// `_loaded` rows, or nothing. Units that are loaded already are skipped; the others must continue what is there.
    ///
    /// After [`LoadError::Unsettled`] the database is closed: open it again and ask what is
    /// [`loaded`](Self::loaded). After every other error it is as it was before.
    pub fn load(&mut self, units: &[(Unit, PathBuf)]) -> Result<LoadStats, LoadError> {
        // A long chain has a million rows of `_loaded`, and is loaded in thousands of transactions.
        let start = units.iter().map(|(unit, _)| unit.range.start).min().unwrap_or_default();
        let loaded = loaded::read(self.connection()?, self.path(), start)?;
        let new = plan::new_units(&loaded, units)?;
        let skipped_units = (units.len() - new.len()) as u64;
        let (Some(first), Some(last)) = (new.first(), new.last()) else {
            return Ok(LoadStats { skipped_units, ..LoadStats::default() });
        };
        let range = BlockRange::new(first.0.range.start, last.0.range.end);
        let bytes = new.iter().map(|(unit, _)| unit.bytes()).sum();
        disk::require(self.path(), FREE_BYTES_PER_SEGMENT_BYTE.saturating_mul(bytes))?;
        self.prepare_commit(new.iter().map(|(unit, _)| unit.rows()).sum())?;
        let path = self.path().to_path_buf();
        let rows = self.transact(|connection| insert_units(connection, &path, range, &new))?;
        Ok(LoadStats { units: new.len() as u64, skipped_units, rows, bytes })
    }
}

fn insert_units(
    connection: &Connection,
    path: &Path,
    range: BlockRange,
    units: &[&(Unit, PathBuf)],
) -> Result<u64, LoadError> {
    let query = |doing: String| move |source| LoadError::of_query(doing, path, source);
    let selections = selections(connection).map_err(query("read the tables' columns".to_owned()))?;
    let mut rows = 0;
    for dataset in Dataset::ALL {
        let segments = Segments::of(dataset, units)?;
        if segments.files.is_empty() {
            continue;
        }
        let selection = selections.get(dataset.name()).map_or("", String::as_str);
        let found = insert(connection, dataset, selection, &segments.files)
            .map_err(query(format!("load units {range} into {dataset}")))?;
        if found != segments.rows {
            return Err(LoadError::RowCount { range, dataset, expected: segments.rows, found });
        }
        rows += found;
    }
    for (unit, _) in units {
        loaded::enter(connection, unit).map_err(query(format!("enter unit {} into _loaded", unit.range)))?;
    }
    Ok(rows)
}

/// The segments of one dataset, in block order.
struct Segments {
    files: Vec<String>,
    rows: u64,
}

impl Segments {
    fn of(dataset: Dataset, units: &[&(Unit, PathBuf)]) -> Result<Self, LoadError> {
        let mut all = Self { files: Vec::new(), rows: 0 };
        for (unit, folder) in units {
            // A segment without rows has no file.
            for segment in unit.segments.iter().filter(|s| s.dataset == dataset && s.rows > 0) {
                all.files.push(path_text(&folder.join(&segment.file_name))?.to_owned());
                all.rows += segment.rows;
            }
        }
        Ok(all)
    }
}

/// Explicit files, never a pattern: what is loaded is what the manifests name, in that order.
fn insert(
    connection: &Connection,
    dataset: Dataset,
    selection: &str,
    files: &[String],
) -> duckdb::Result<u64> {
    let files = files.iter().map(|file| quoted(file)).collect::<Vec<_>>().join(", ");
    let statement = format!(
        "INSERT INTO {} SELECT {selection} FROM read_parquet([{files}], hive_partitioning = false)",
        identifier(dataset.name()),
    );
    connection.execute(&statement, []).map(|rows| rows as u64)
}

/// The columns of each table in its order, each cast to its type: ENUMs arrive as text.
fn selections(connection: &Connection) -> duckdb::Result<BTreeMap<String, String>> {
    const COLUMNS: &str = "SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = current_database() AND schema_name = 'main'
        ORDER BY table_name, column_index";
    let mut statement = connection.prepare(COLUMNS)?;
    let columns = statement.query_map([], |row| {
        let (table, name, data_type): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((table, format!("CAST({} AS {data_type})", identifier(&name))))
    })?;
    let mut selections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in columns {
        let (table, column) = column?;
        selections.entry(table).or_default().push(column);
    }
    Ok(selections.into_iter().map(|(table, columns)| (table, columns.join(", "))).collect())
}
