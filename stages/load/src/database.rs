//! The database file: opened, asked, written in transactions, closed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use blockmill_chain::durable_step;
use blockmill_schemas::Dataset;
use blockmill_schemas::comments::comments_of_tables;
use blockmill_spill::{ROW_GROUP_ROWS, TableDigest};
use duckdb::{AccessMode, Connection, OptionalExt, Transaction};

use crate::create;
use crate::disk;
use crate::error::LoadError;
use crate::loaded::{self, LoadedUnit};
use crate::open::{LoadOptions, check_name, connect};
use crate::query::{TextRows, column_types, identifier, text_rows};

/// A DuckDB file with our tables. One process can have it open for writing, or any number for reading.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    options: LoadOptions,
    /// `None` once a COMMIT or CHECKPOINT has failed: what the file holds is then only known after opening it again,
    /// and nothing may be built on what this connection believes.
    connection: Option<Connection>,
    is_final_load: bool,
}

/// How much one table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableStats {
    /// The table's name.
    pub name: &'static str,
    /// Rows in it; `None` where it is not among those that the runs into this file fill.
    pub rows: Option<u64>,
    /// The digest of its rows as they were loaded: equal wherever the same blocks have the same rows.
    pub digest: [u8; 32],
}

/// Four row groups, of which a table may have any part.
const ROWS_WORTH_A_CHECKPOINT: u64 = 4 * ROW_GROUP_ROWS;

/// The fact of `_meta` that names the datasets which are filled, between commas.
const DATASETS: &str = "datasets";

/// Free bytes wanted beside the write-ahead log's size before a checkpoint, which writes what it holds to new blocks
/// before old ones are given back.
const CHECKPOINT_SPARE_BYTES: u64 = 64 << 20;

impl Database {
    /// Opens the database for writing; makes it where it does not exist. Macros and views become those of this
    /// version of the program.
    pub fn open(path: &Path, options: &LoadOptions) -> Result<Self, LoadError> {
        check_name(path)?;
        if !path.exists() {
            create::create(path, options)?;
            return Self::connect(path, options, AccessMode::ReadWrite);
        }
        let mut database = Self::connect(path, options, AccessMode::ReadWrite)?;
        let definitions = create::definitions();
        if database.meta(create::DEFINITIONS)?.as_ref() != Some(&create::digest(&definitions)) {
            let tables = database.meta(DATASETS)?.map_or(String::new(), |filled| comments_of_tables(&filled));
            let failed = database.failed("bring macros and views up to date");
            let script = [&definitions, &tables, &create::note(&definitions)].map(String::as_str).join("\n");
            database.transact(|connection| connection.execute_batch(&script).map_err(failed))?;
        }
        Ok(database)
    }

    /// Opens an existing database for questions only. A writer in another process must have closed it.
    pub fn open_read_only(path: &Path, options: &LoadOptions) -> Result<Self, LoadError> {
        if !path.exists() {
            return Err(LoadError::Missing { path: path.to_path_buf() });
        }
        Self::connect(path, options, AccessMode::ReadOnly)
    }

    fn connect(path: &Path, options: &LoadOptions, mode: AccessMode) -> Result<Self, LoadError> {
        let connection = connect(path, options, mode)?;
        create::recognise(&connection, path)?;
        Ok(Self {
            path: path.to_path_buf(),
            options: options.clone(),
            connection: Some(connection),
            is_final_load: false,
        })
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every loaded unit, sorted by its blocks.
    pub fn loaded(&self) -> Result<Vec<LoadedUnit>, LoadError> {
        loaded::read(self.connection()?, &self.path, 0)
    }

    /// The datasets that have been loaded, with rows or without.
    pub fn loaded_datasets(&self) -> Result<BTreeSet<Dataset>, LoadError> {
        Ok(self.loaded()?.iter().flat_map(|unit| &unit.segments).map(|segment| segment.dataset).collect())
    }

    /// The last block that is loaded, for every dataset of the database; `None` where nothing is.
    pub fn checkpoint(&self) -> Result<Option<u64>, LoadError> {
        const LAST_BLOCK: &str = "SELECT min(end_block) - 1 FROM
            (SELECT max(end_block) AS end_block FROM _loaded GROUP BY dataset)";
        self.connection()?
            .query_row(LAST_BLOCK, [], |row| row.get(0))
            .map_err(self.failed("read the checkpoint out of _loaded"))
    }

    /// A fact about the database as a whole.
    pub fn meta(&self, key: &str) -> Result<Option<String>, LoadError> {
        self.connection()?
            .query_row("SELECT value FROM _meta WHERE key = ?", [key], |row| row.get(0))
            .optional()
            .map_err(self.failed("read _meta"))
    }

    /// Sets a fact about the database as a whole.
    pub fn set_meta(&mut self, key: &str, value: &str) -> Result<(), LoadError> {
        self.set_metas(&[(key, value)])
    }

    /// Sets facts about the database as a whole, all in one transaction; those that are already so are not written again.
    pub fn set_metas(&mut self, facts: &[(&str, &str)]) -> Result<(), LoadError> {
        let mut new = Vec::new();
        for (key, value) in facts {
            if self.meta(key)?.as_deref() != Some(*value) {
                new.push((key, value));
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let failed = self.failed("write _meta");
        self.transact(|connection| {
            let set = |(key, value): &(&&str, &&str)| {
                connection.execute("DELETE FROM _meta WHERE key = ?", [key])?;
                connection.execute("INSERT INTO _meta VALUES (?, ?)", [key, value]).map(drop)
            };
            let filled = new.iter().find(|(key, _)| **key == DATASETS);
            let comments = filled.map_or(String::new(), |(_, filled)| comments_of_tables(filled));
            new.iter().try_for_each(set).and_then(|()| connection.execute_batch(&comments)).map_err(failed)
        })
    }

    /// Rows per table, and their digest, in the order of the datasets.
    pub fn table_stats(&self) -> Result<Vec<TableStats>, LoadError> {
        let filled = self.meta(DATASETS)?;
        let mut digests = BTreeMap::new();
        for segment in self.loaded()?.into_iter().flat_map(|unit| unit.segments) {
            let digest = digests.entry(segment.dataset).or_insert(TableDigest::NONE);
            *digest = TableDigest::join(*digest, segment.digest);
        }
        let is_filled =
            |name| filled.as_ref().is_none_or(|filled| filled.split(',').any(|dataset| dataset == name));
        let count = |dataset: Dataset| {
            if !is_filled(dataset.name()) {
                return Ok(TableStats { name: dataset.name(), rows: None, digest: TableDigest::NONE });
            }
            let count = format!("SELECT count(*) FROM {}", identifier(dataset.name()));
            let rows = self.connection()?.query_row(&count, [], |row| row.get(0));
            let rows = Some(rows.map_err(self.failed("count rows"))?);
            let digest = digests.get(&dataset).copied().unwrap_or(TableDigest::NONE);
            Ok(TableStats { name: dataset.name(), rows, digest })
        };
        Dataset::ALL.into_iter().map(count).collect()
    }

    /// Bytes of the file and of its write-ahead log.
    pub fn file_bytes(&self) -> u64 {
        disk::file_bytes(&self.path) + disk::file_bytes(&create::wal_of(&self.path))
    }

    /// Bytes that DuckDB's buffers take now: what its `memory_limit` is about.
    pub fn memory_bytes(&self) -> Result<u64, LoadError> {
        const MEMORY: &str = "SELECT coalesce(sum(memory_usage_bytes), 0)::UBIGINT FROM duckdb_memory()";
        self.connection()?.query_row(MEMORY, [], |row| row.get(0)).map_err(self.failed("measure memory"))
    }

    /// The result of a SELECT as text. It is held in memory: give it a LIMIT.
    pub fn query_text(&self, select: &str) -> Result<TextRows, LoadError> {
        text_rows(self.connection()?, select).map_err(self.failed("run a query"))
    }

    /// The name and the type of each column of a SELECT, as DuckDB writes them. The SELECT is not run.
    pub fn columns_of(&self, select: &str) -> Result<Vec<(String, String)>, LoadError> {
        column_types(self.connection()?, select).map_err(self.failed("describe a query"))
    }

    /// Moves the write-ahead log into the file: every few loads, and at the end, because DuckDB hardly ever does it by
    /// itself during bulk loads. After an error the database is closed.
    pub fn checkpoint_file(&mut self) -> Result<(), LoadError> {
        let wal_bytes = disk::file_bytes(&create::wal_of(&self.path));
        disk::require(&self.path, wal_bytes.saturating_mul(2).saturating_add(CHECKPOINT_SPARE_BYTES))?;
        durable_step("before a CHECKPOINT");
        match self.connection()?.execute_batch("CHECKPOINT") {
            Ok(()) => {
                durable_step("a CHECKPOINT is done");
                Ok(())
            }
            Err(source) => Err(self.close_unsettled("CHECKPOINT", source)),
        }
    }

    /// Checkpoints, closes and opens again. DuckDB keeps about a fifth of a byte for each row that it has written for as
    /// long as the file is open, outside of its memory limit; a file just opened has nothing of it.
    pub fn reopen(&mut self) -> Result<(), LoadError> {
        self.checkpoint_file()?;
        self.close()?;
        self.connection = Some(connect(&self.path, &self.options, AccessMode::ReadWrite)?);
        Ok(())
    }

    /// Prepares for the last loads of a run, beside which nothing else works: they take so many threads,
    /// and put rows where [`finish`](Self::finish) would.
    pub fn begin_final_load(&mut self, threads: usize) -> Result<(), LoadError> {
        self.is_final_load = true;
        let set = format!("SET threads TO {}", threads.max(1));
        self.connection()?.execute_batch(&set).map_err(self.failed("set the number of threads"))
    }

    /// Has the next COMMIT of so many rows put them into the tables, or into the write-ahead log first. A checkpoint
    /// compresses row groups that are not full anew each time: for a small load that is most of the work, for a large one
    /// less than to write it twice.
    pub(crate) fn prepare_commit(&self, rows: u64) -> Result<(), LoadError> {
        let waits = !self.is_final_load && rows < ROWS_WORTH_A_CHECKPOINT;
        let bytes = if waits { self.options.log_bytes() } else { 0 };
        let set = format!("SET checkpoint_threshold = '{bytes}B'");
        self.connection()?.execute_batch(&set).map_err(self.failed("set the size of the write-ahead log"))
    }

    /// Checkpoints and closes the file.
    pub fn finish(mut self) -> Result<(), LoadError> {
        self.checkpoint_file()?;
        self.close()
    }

    fn close(&mut self) -> Result<(), LoadError> {
        match self.connection.take().map(Connection::close) {
            Some(Err((_, source))) => Err(self.failed("close the database")(source)),
            _ => Ok(()),
        }
    }

    /// Runs `work` between BEGIN and COMMIT. Where it fails, or panics, everything is rolled back.
    pub(crate) fn transact<T, E: From<LoadError>>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let begin_failed = self.failed("begin a transaction");
        let closed = || LoadError::Closed { path: self.path.clone() };
        let transaction = self.connection.as_mut().ok_or_else(closed)?.transaction().map_err(begin_failed)?;
        match work(&transaction) {
            Ok(value) => match commit(transaction) {
                Ok(()) => Ok(value),
                Err(source) => Err(self.close_unsettled("COMMIT", source).into()),
            },
            Err(error) => {
                // A database that cannot even roll back is closed; the first error is the one to tell.
                if transaction.rollback().is_err() {
                    self.connection = None;
                }
                Err(error)
            }
        }
    }

    pub(crate) fn connection(&self) -> Result<&Connection, LoadError> {
        self.connection.as_ref().ok_or_else(|| LoadError::Closed { path: self.path.clone() })
    }

    /// Turns DuckDB's error into ours.
    pub(crate) fn failed(&self, doing: &str) -> impl FnOnce(duckdb::Error) -> LoadError + use<> {
        let (doing, path) = (doing.to_owned(), self.path.clone());
        move |source| LoadError::of_query(doing, &path, source)
    }

    fn close_unsettled(&mut self, statement: &'static str, source: duckdb::Error) -> LoadError {
        self.connection = None;
        LoadError::Unsettled { statement, path: self.path.clone(), source }
    }
}

fn commit(transaction: Transaction<'_>) -> duckdb::Result<()> {
    durable_step("before a COMMIT");
    transaction.commit()?;
    durable_step("a COMMIT is done");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn open(folder: &Path) -> Database {
        let options = LoadOptions { memory_bytes: 128 << 20, threads: 1, temp_dir: folder.join("temp") };
        Database::open(&folder.join("a.duckdb"), &options).unwrap()
    }

    const WRITE: &str = "INSERT INTO _meta VALUES ('written', 'yes')";

    #[test]
    fn what_fails_or_panics_before_the_commit_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = open(folder.path());
        let failed = database.transact(|connection| {
            connection.execute_batch(WRITE).unwrap();
            Err::<(), _>(LoadError::Missing { path: PathBuf::new() })
        });
        assert!(matches!(failed, Err(LoadError::Missing { .. })));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            database.transact::<(), LoadError>(|connection| {
                connection.execute_batch(WRITE).unwrap();
                panic!("in the middle of a load")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(database.meta("written").unwrap(), None);
        database.set_meta("written", "no").unwrap();
        drop(database);
        assert_eq!(open(folder.path()).meta("written").unwrap().as_deref(), Some("no"));
    }

    #[test]
    fn a_transaction_that_is_dropped_before_the_commit_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(folder.path());
        database.connection().unwrap().execute_batch(&format!("BEGIN; {WRITE}")).unwrap();
        assert_eq!(database.meta("written").unwrap().as_deref(), Some("yes"));
        drop(database);
        assert_eq!(open(folder.path()).meta("written").unwrap(), None);
    }

    #[test]
    fn after_a_failed_commit_the_database_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = open(folder.path());
        // Ends the transaction early, so that the COMMIT finds none.
        let unsettled = database.transact(|connection| {
            connection.execute_batch("ROLLBACK").unwrap();
            Ok::<_, LoadError>(())
        });
        assert!(matches!(unsettled, Err(LoadError::Unsettled { statement: "COMMIT", .. })));
        assert!(matches!(database.loaded(), Err(LoadError::Closed { .. })));
        assert!(matches!(database.load(&[]), Err(LoadError::Closed { .. })));
        assert!(matches!(database.checkpoint_file(), Err(LoadError::Closed { .. })));
        open(folder.path()).finish().unwrap();
    }
}
