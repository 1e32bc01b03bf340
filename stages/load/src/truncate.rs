//! Removes units from the tables.

use blockmill_schemas::Dataset;
use duckdb::Connection;

use crate::database::Database;
use crate::error::LoadError;
use crate::query::identifier;

impl Database {
    /// Takes out every unit that reaches beyond block `end`, exclusive, in one transaction; returns where the tables end
    /// then, exclusive, or `None` where nothing is left. Derived tables that had taken up more are dropped: they
    /// are to be made anew.
    pub fn truncate(&mut self, end: u64) -> Result<Option<u64>, LoadError> {
        let units = self.loaded()?;
        let kept = units.iter().take_while(|unit| unit.range.end <= end).last().map(|unit| unit.range.end);
        if units.iter().all(|unit| unit.range.end <= end) {
            return Ok(kept);
        }
        let failed = self.failed(&format!("remove the blocks from {end} on"));
        let start = kept.unwrap_or(0);
        self.transact(|connection| take_out(connection, start).map_err(failed))?;
        self.checkpoint_file()?;
        Ok(kept)
    }
}

/// Removes all rows of blocks from `start` on.
fn take_out(connection: &Connection, start: u64) -> duckdb::Result<()> {
    for dataset in Dataset::ALL {
        let delete = format!("DELETE FROM {} WHERE block_number >= ?", identifier(dataset.name()));
        connection.execute(&delete, [start])?;
    }
    connection.execute("DELETE FROM _loaded WHERE start_block >= ?", [start])?;
    for name in derived_beyond(connection, start)? {
        connection.execute_batch(&format!("DROP TABLE {}", identifier(&name)))?;
    }
    connection.execute("DELETE FROM _derived WHERE end_block > ?", [start])?;
    Ok(())
}

/// Derived tables that have taken up blocks from `start` on.
fn derived_beyond(connection: &Connection, start: u64) -> duckdb::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM _derived WHERE end_block > ?")?;
    statement.query_map([start], |row| row.get(0))?.collect()
}
