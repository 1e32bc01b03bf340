//! `_loaded`: which units are in the tables, with the digests of their rows.

use std::path::Path;

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::Unit;
use duckdb::types::Value;
use duckdb::{Connection, Row, params_from_iter};

use crate::error::LoadError;

/// A unit whose rows are in the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedUnit {
    /// The blocks of the unit.
    pub range: BlockRange,
    /// Format number of the unit the rows came from.
    pub format: u32,
    /// Version of the program that extracted the rows.
    pub program_version: String,
    /// What went to each table, sorted by dataset.
    pub segments: Vec<LoadedSegment>,
}

/// The rows of one dataset in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedSegment {
    /// The dataset, which names the table.
    pub dataset: Dataset,
    /// Number of rows.
    pub rows: u64,
    /// Digest of the rows, made when they were extracted.
    pub digest: [u8; 32],
}

/// The loaded units that reach beyond block `start`, sorted by their blocks, and in any case the last one.
pub(crate) fn read(connection: &Connection, path: &Path, start: u64) -> Result<Vec<LoadedUnit>, LoadError> {
    const ENTRIES: &str = "SELECT start_block, end_block, dataset, rows, digest, format, program_version
        FROM _loaded WHERE end_block > ? OR end_block = (SELECT max(end_block) FROM _loaded)
        ORDER BY start_block, end_block, dataset";
    let query = |source| LoadError::of_query("read _loaded".to_owned(), path, source);
    let mut statement = connection.prepare(ENTRIES).map_err(query)?;
    let mut entries = statement.query([start]).map_err(query)?;
    let mut units: Vec<LoadedUnit> = Vec::new();
    while let Some(row) = entries.next().map_err(query)? {
        let (unit, segment) = entry(row)
            .map_err(query)?
            .map_err(|reason| LoadError::BadLoadedTable { path: path.to_path_buf(), reason })?;
        if units.last().is_none_or(|last| last.range != unit.range) {
            units.push(unit);
        }
        if let Some(unit) = units.last_mut() {
            unit.segments.push(segment);
        }
    }
    for unit in &mut units {
        unit.segments.sort_by_key(|segment| segment.dataset);
    }
    Ok(units)
}

/// One row of `_loaded`, or what is wrong with it.
fn entry(row: &Row<'_>) -> duckdb::Result<Result<(LoadedUnit, LoadedSegment), String>> {
    let range = BlockRange { start: row.get(0)?, end: row.get(1)? };
    let name: String = row.get(2)?;
    let rows = row.get(3)?;
    let digest: Vec<u8> = row.get(4)?;
    let unit = LoadedUnit { range, format: row.get(5)?, program_version: row.get(6)?, segments: Vec::new() };
    let Some(dataset) = Dataset::by_name(&name) else {
        return Ok(Err(format!("it names a dataset '{name}' that this version does not know")));
    };
    Ok(match digest.try_into() {
        _ if range.end <= range.start => Err(format!("the unit {range} of {name} has no blocks")),
        Ok(digest) => Ok((unit, LoadedSegment { dataset, rows, digest })),
        Err(digest) => Err(format!("a digest of {name} has {} bytes instead of 32", digest.len())),
    })
}

/// Enters a unit, in the transaction that adds its rows: all of its datasets in one statement, as DuckDB plans each anew.
pub(crate) fn enter(connection: &Connection, unit: &Unit) -> duckdb::Result<()> {
    if unit.segments.is_empty() {
        return Ok(());
    }
    let entries = vec!["(?, ?, ?, ?, ?, ?, ?)"; unit.segments.len()].join(", ");
    let values = unit.segments.iter().flat_map(|segment| {
        [
            Value::Text(segment.dataset.name().to_owned()),
            Value::UBigInt(unit.range.start),
            Value::UBigInt(unit.range.end),
            Value::UBigInt(segment.rows),
            Value::Blob(segment.digest.to_vec()),
            Value::UInt(unit.format),
            Value::Text(unit.program_version.clone()),
        ]
    });
    connection.execute(&format!("INSERT INTO _loaded VALUES {entries}"), params_from_iter(values)).map(drop)
}
