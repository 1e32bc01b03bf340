//! SQL text: quoting, and small results as text.

use std::path::Path;

use duckdb::Connection;

use crate::error::LoadError;

/// A small result as text, for people and for tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRows {
    /// Column names, in order.
    pub columns: Vec<String>,
    /// Values per row, in the order of the columns; `None` for NULL.
    pub rows: Vec<Vec<Option<String>>>,
}

impl TextRows {
    /// Each row as `column=value` pairs.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.rows.iter().map(|row| {
            let pair = |(name, value): (&String, &Option<String>)| {
                format!("{name}={}", value.as_deref().unwrap_or("NULL"))
            };
            self.columns.iter().zip(row).map(pair).collect::<Vec<_>>().join(", ")
        })
    }
}

/// Runs a SELECT and casts every column to text. The result is held in memory: give it a LIMIT.
pub(crate) fn text_rows(connection: &Connection, select: &str) -> duckdb::Result<TextRows> {
    let mut statement = connection.prepare(&format!("SELECT COLUMNS(*)::VARCHAR FROM (\n{select}\n)"))?;
    let mut found = statement.query([])?;
    let columns = found.as_ref().map(|statement| statement.column_names()).unwrap_or_default();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push((0..columns.len()).map(|column| row.get(column)).collect::<duckdb::Result<_>>()?);
    }
    Ok(TextRows { columns, rows })
}

/// The names and types of a SELECT's columns. It is planned, not run.
pub(crate) fn column_types(connection: &Connection, select: &str) -> duckdb::Result<Vec<(String, String)>> {
    let mut statement = connection
        .prepare(&format!("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM (\n{select}\n))"))?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The text as a literal of SQL.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name as a quoted identifier of SQL.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The path as text that SQL and DuckDB's settings can carry.
pub(crate) fn path_text(path: &Path) -> Result<&str, LoadError> {
    path.to_str().ok_or_else(|| LoadError::UnusablePath {
        path: path.to_path_buf(),
        why: "is not UTF-8, which DuckDB needs",
    })
}
