//! Opening and closing the store, and single rows by key.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use blockmill_chain::durable_step;
use rocksdb::{
    Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBPinnableSlice, FlushOptions, ReadOptions, WriteBatch,
    WriteOptions, properties,
};
use tempfile::TempDir;

use crate::filters::Filters;
use crate::lock::{FolderLock, Reading};
use crate::{Batch, Family, RowError, RowId, StoreError, StoreOptions, format, options};

/// RocksDB's own folder inside the store's.
const DATABASE_FOLDER: &str = "rocksdb";
/// The file that every RocksDB database has.
const DATABASE_MARKER: &str = "CURRENT";

/// How often a reader catches up after it has opened, with what a writer moved meanwhile: twice, as the
/// second time is quick.
const CATCH_UPS: usize = 2;

/// An open store. Any number of threads may read and write; one process may have it open to write.
pub struct Store {
    pub(crate) db: DB,
    cache: Cache,
    folder: PathBuf,
    /// Bytes of the witnesses kept. Held while a batch that changes them is written.
    pub(crate) witness_bytes: Mutex<u64>,
    pub(crate) filters: Filters,
    /// Made once: RocksDB would make it for every read.
    single_reads: ReadOptions,
    // Fields drop in order: the database closes before the lock is released.
    hold: Hold,
}

/// What is held as long as a store is open.
enum Hold {
    /// No other process writes.
    Lock { _lock: FolderLock },
    /// The process with this id writes; RocksDB keeps its own log of the reading in the folder.
    Beside { writer: String, _log: TempDir },
}

/// What RocksDB takes from its budget right now, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUsage {
    /// Block cache: data, index and filter blocks.
    pub cache_bytes: u64,
    /// Memtables, those being flushed included.
    pub memtable_bytes: u64,
}

impl MemoryUsage {
    /// Block cache and memtables together.
    pub fn total_bytes(self) -> u64 {
        self.cache_bytes + self.memtable_bytes
    }
}

impl Store {
    /// Opens the store in `folder`, or creates it where there is none.
    ///
    /// # Errors
    /// A folder that cannot be written, is in use by another process, holds another format or something that is
    /// not a store; a database with damage in its log or its file list; a budget that is too small.
    pub fn open(folder: impl AsRef<Path>, options: StoreOptions) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        options.check()?;
        fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
            path: folder.into(),
            action: "create",
            source,
        })?;
        let lock = FolderLock::take(folder)?;
        let database = folder.join(DATABASE_FOLDER);
        format::check_or_write(folder, database.join(DATABASE_MARKER).exists())?;
        let cache = cache(options);
        let settings = options::database(options);
        let db = DB::open_cf_descriptors(&settings, &database, columns(options, &cache));
        let store = Self::opened(db, cache, folder, options, Hold::Lock { _lock: lock })?;
        store.look_at_filters()?;
        Ok(store)
    }

    /// Opens the store in `folder` to be read: nothing in the folder changes, so that it may lie on a disk or belong to a
    /// user who lets others read only. As long as it is open no process can open it to write. Beside a process that does
    /// already, it is as it was when it was opened, and files that the writer has replaced since can be missing: open it
    /// again then.
    ///
    /// # Errors
    /// A folder without a store of this format, a database that cannot be read, a budget that is too small. Writing to it.
    pub fn open_to_read(folder: impl AsRef<Path>, options: StoreOptions) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        options.check()?;
        format::check(folder)?;
        let (database, cache) = (folder.join(DATABASE_FOLDER), cache(options));
        let columns = columns(options, &cache);
        match FolderLock::share(folder)? {
            Reading::Alone(lock) => {
                let settings = options::database_to_read(options);
                let db = DB::open_cf_descriptors_read_only(&settings, &database, columns, false);
                Self::opened(db, cache, folder, options, Hold::Lock { _lock: lock })
            }
            Reading::Beside(writer) => {
                let log = tempfile::Builder::new().prefix("blockmill-").tempdir().map_err(|source| {
                    StoreError::Folder { path: env::temp_dir(), action: "make a folder in", source }
                })?;
                let log_path = log.path().to_path_buf();
                let settings = options::database_to_follow(options);
                let db = DB::open_cf_descriptors_as_secondary(&settings, &database, &log_path, columns);
                // RocksDB reads the list of files, then the log. What the writer moves from the log into a file in between is in
                // neither: the list is read again.
                let db = db.and_then(|db| {
                    (0..CATCH_UPS).try_for_each(|_| db.try_catch_up_with_primary())?;
                    Ok(db)
                });
                Self::opened(db, cache, folder, options, Hold::Beside { writer, _log: log })
            }
        }
    }

    fn opened(
        db: Result<DB, rocksdb::Error>,
        cache: Cache,
        folder: &Path,
        options: StoreOptions,
        hold: Hold,
    ) -> Result<Self, StoreError> {
        let db = db.map_err(|source| StoreError::Open { path: folder.into(), source })?;
        let filters = Filters::new(options);
        let store = Self {
            db,
            cache,
            folder: folder.into(),
            witness_bytes: Mutex::new(0),
            filters,
            single_reads: ReadOptions::default(),
            hold,
        };
        store.load_witness_bytes()?;
        Ok(store)
    }

    /// The id of the process that has the store in `folder` open to write, as far as that can be told.
    pub fn writer_of(folder: impl AsRef<Path>) -> Option<String> {
        match FolderLock::share(folder.as_ref()) {
            Ok(Reading::Beside(writer)) => Some(writer),
            _ => None,
        }
    }

    /// The id of the process that has it open to write, where it was opened to be read beside one.
    pub fn writer(&self) -> Option<&str> {
        match &self.hold {
            Hold::Lock { .. } => None,
            Hold::Beside { writer, .. } => Some(writer),
        }
    }

    /// The folder it was opened in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts collecting rows to be written together.
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(self)
    }

    /// Makes everything committed so far survive a power loss.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.db.flush_wal(true).map_err(|source| self.maintenance("flush", source))
    }

    /// Begins to write the memtables out, and does not wait for it: what [`finish`](Self::finish) would do is then done
    /// while others work.
    pub fn flush_in_background(&self) -> Result<(), StoreError> {
        let mut options = FlushOptions::default();
        options.set_wait(false);
        self.flush_memtables(&options)
    }

    /// Writes the memtables out, so that the next open has no log to replay, and closes the store.
    pub fn finish(self) -> Result<(), StoreError> {
        durable_step("before the memtables are written out");
        self.flush_memtables(&FlushOptions::default())
    }

    fn flush_memtables(&self, options: &FlushOptions) -> Result<(), StoreError> {
        let columns = Family::ALL.map(|family| self.column(family));
        self.db.flush_cfs_opt(&columns, options).map_err(|source| self.maintenance("flush", source))
    }

    /// What the cache and the memtables hold.
    pub fn memory(&self) -> Result<MemoryUsage, StoreError> {
        let mut memtable_bytes = 0;
        for family in Family::ALL {
            let bytes =
                self.db.property_int_value_cf(self.column(family), properties::CUR_SIZE_ALL_MEM_TABLES);
            memtable_bytes += bytes.map_err(|source| self.maintenance("measure", source))?.unwrap_or(0);
        }
        Ok(MemoryUsage { cache_bytes: self.cache.get_usage() as u64, memtable_bytes })
    }

    /// Bytes of the files that hold a family, as of the last flush.
    pub fn disk_bytes(&self, family: Family) -> Result<u64, StoreError> {
        let bytes = self.db.property_int_value_cf(self.column(family), properties::TOTAL_SST_FILES_SIZE);
        Ok(bytes.map_err(|source| self.maintenance("measure", source))?.unwrap_or(0))
    }

    pub(crate) fn column(&self, family: Family) -> &ColumnFamily {
        self.db.cf_handle(family.name()).expect("every family was opened with the database")
    }

    /// The value of a row, without copying it out of the cache.
    pub(crate) fn get(
        &self,
        family: Family,
        key: impl AsRef<[u8]>,
    ) -> Result<Option<DBPinnableSlice<'_>>, StoreError> {
        let value = self.db.get_pinned_cf_opt(self.column(family), key.as_ref(), &self.single_reads);
        value.map_err(|source| StoreError::Read { row: RowId::new(family, key), source })
    }

    /// Reads and decodes a row; `None` where it does not exist.
    pub(crate) fn get_decoded<T>(
        &self,
        family: Family,
        key: impl AsRef<[u8]>,
        decode: impl FnOnce(&[u8]) -> Result<T, RowError>,
    ) -> Result<Option<T>, StoreError> {
        let key = key.as_ref();
        let Some(value) = self.get(family, key)? else { return Ok(None) };
        let row =
            decode(&value).map_err(|source| StoreError::Row { row: RowId::new(family, key), source })?;
        Ok(Some(row))
    }

    /// All of `rows` or none of them.
    pub(crate) fn write(&self, rows: WriteBatch, sync: bool) -> Result<(), StoreError> {
        let (count, bytes) = (rows.len(), rows.size_in_bytes());
        let mut how = WriteOptions::default();
        how.set_sync(sync);
        durable_step("before a batch is written");
        let written = self.db.write_opt(rows, &how);
        durable_step("a batch is written");
        written.map_err(|source| StoreError::Write { rows: count, bytes, source })?;
        if self.filters.are_due(bytes) { self.look_at_filters() } else { Ok(()) }
    }

    pub(crate) fn maintenance(&self, action: &'static str, source: rocksdb::Error) -> StoreError {
        StoreError::Maintain { path: self.folder.clone(), action, source }
    }
}

/// The block cache of all families.
fn cache(options: StoreOptions) -> Cache {
    // Entry size 0: the cache finds out by itself.
    Cache::new_hyper_clock_cache(options.cache_bytes(), 0)
}

fn columns(options: StoreOptions, cache: &Cache) -> [ColumnFamilyDescriptor; Family::ALL.len()] {
    Family::ALL
        .map(|family| ColumnFamilyDescriptor::new(family.name(), options::family(family, options, cache)))
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("folder", &self.folder).finish_non_exhaustive()
    }
}
