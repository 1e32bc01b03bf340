//! Results of any size, in order, a page at a time.

use duckdb::Connection;

use crate::database::Database;
use crate::error::LoadError;

/// Rows of a page: with the largest code there is, a page takes 24 MiB.
const PAGE_ROWS: usize = 1_024;

impl Database {
    /// Gives `each` every row of a SELECT of two columns, `key` (BLOB) and `value` (BLOB), in ascending order of the key.
    /// DuckDB sorts within its memory limit, here a page is held.
    pub fn for_each_in_order<E: From<LoadError>>(
        &self,
        select: &str,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let connection = self.connection()?;
        let failed = || self.failed("sort the rows of a query");
        let sort = format!(
            "CREATE OR REPLACE TEMP TABLE _ordered AS SELECT key, value FROM (\n{select}\n) ORDER BY key"
        );
        connection.execute_batch(&sort).map_err(failed())?;
        for start in (0..).step_by(PAGE_ROWS) {
            let page = page(connection, start).map_err(failed())?;
            page.iter().try_for_each(|(key, value)| each(key, value))?;
            if page.len() < PAGE_ROWS {
                break;
            }
        }
        Ok(connection.execute_batch("DROP TABLE _ordered").map_err(failed())?)
    }
}

fn page(connection: &Connection, start: usize) -> duckdb::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    // A committed table that nothing was deleted from numbers its rows without a gap.
    const PAGE: &str = "SELECT key, value FROM _ordered WHERE rowid >= ? AND rowid < ? ORDER BY rowid";
    let mut statement = connection.prepare_cached(PAGE)?;
    let rows = statement.query_map([start, start + PAGE_ROWS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
