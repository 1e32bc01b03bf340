//! The database from outside: units go in, tables, macros, views and verdicts come out.
#![allow(clippy::unwrap_used, reason = "in the helpers of a test, what is not there fails the test")]

mod chain;
mod chain_state;
mod chain_tokens;
mod deriving;
mod examples;
mod exporting;
mod frozen;
mod loading;
mod macros;
mod opening;
mod tables;
mod tools;
mod verifying;
mod views;

use std::path::{Path, PathBuf};

use blockmill_load::{Database, LoadOptions};
use blockmill_schemas::Dataset;

/// A folder with a spill and a database in it.
struct Workbench {
    folder: tempfile::TempDir,
}

impl Workbench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn database_path(&self) -> PathBuf {
        self.folder().join("chain.duckdb")
    }

    fn options(&self) -> LoadOptions {
        options(self.folder(), 2)
    }

    fn open(&self) -> Database {
        Database::open(&self.database_path(), &self.options()).unwrap()
    }
}

fn options(folder: &Path, threads: usize) -> LoadOptions {
    LoadOptions { memory_bytes: 256 << 20, threads, temp_dir: folder.join("duckdb-temp") }
}

/// Every table as text, in stored order.
fn contents(database: &Database) -> Vec<blockmill_load::TextRows> {
    let tables = Dataset::ALL.map(Dataset::name).into_iter().chain(["_loaded", "_meta"]);
    tables.map(|table| database.query_text(&format!("SELECT * FROM {table}")).unwrap()).collect()
}

/// The only value of a query.
fn value(database: &Database, select: &str) -> Option<String> {
    let found = database.query_text(select).unwrap();
    assert_eq!((found.columns.len(), found.rows.len()), (1, 1), "{select}");
    found.rows[0][0].clone()
}
