//! Opening what a rebuild has made, to look at it. Nothing is changed by that: another user may do it, on a disk that is
//! read-only too, and what does not need the DuckDB file beside a rebuild that fills it.

use std::env;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use blockmill_load::{Database, LoadError, LoadOptions};
use blockmill_pipeline::{CommandBudget, RunError, RunProgress, store_dir};
use blockmill_store::{Store, StoreError, StoreOptions};
use rustix::fs::{Access, access};

use super::CommandError;
use crate::args::Resources;

/// Memory for reading single rows.
const READ_STORE_BYTES: usize = 64 << 20;

/// The store of a data directory, to read; unlike a rebuild, this does not create one.
pub(crate) fn store(data_dir: &Path) -> Result<Store, CommandError> {
    store_with(data_dir, READ_STORE_BYTES)
}

/// Like [`store`], with so much memory.
pub(crate) fn store_with(data_dir: &Path, budget_bytes: usize) -> Result<Store, CommandError> {
    store_if_any(data_dir, budget_bytes)?.ok_or_else(|| CommandError::NoStore { path: data_dir.into() })
}

/// Like [`store_with`]; `None` where there is no store.
pub(crate) fn store_if_any(data_dir: &Path, budget_bytes: usize) -> Result<Option<Store>, CommandError> {
    let folder = store_dir(data_dir);
    Ok(if folder.exists() { Some(Store::open_to_read(folder, StoreOptions { budget_bytes })?) } else { None })
}

/// Reads again where that failed beside a process that writes: files of the store that it has replaced are
/// gone then.
pub(crate) fn retry_read<T>(
    data_dir: &Path,
    read: impl Fn() -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    const TIMES: usize = 5;
    const PAUSE: Duration = Duration::from_millis(200);
    for _ in 1..TIMES {
        match read() {
            Err(CommandError::Run(RunError::Store(
                StoreError::Open { .. } | StoreError::Read { .. } | StoreError::NotAStore { .. },
            ))) if Store::writer_of(store_dir(data_dir)).is_some() => sleep(PAUSE),
            done => return done,
        }
    }
    read()
}

/// The DuckDB file, for questions only. One that a run fills is not even tried: the run closes it now and then, and would
/// find it taken.
pub(crate) fn database(
    path: &Path,
    data_dir: &Path,
    options: &LoadOptions,
) -> Result<Database, CommandError> {
    if let Some(process) = Store::writer_of(store_dir(data_dir)) {
        let other = RunProgress::read(data_dir, &process).filter(|run| !run.fills(path));
        if path.exists() && other.is_none() {
            return Err(CommandError::BeingFilled { path: path.into(), process });
        }
    }
    Ok(Database::open_read_only(path, options)?)
}

/// Whether temporary files can lie in a data directory; else they go where the system has them.
pub(crate) fn is_writable(data_dir: &Path) -> bool {
    access(data_dir, Access::WRITE_OK).is_ok()
}

/// The DuckDB file that a rebuild has made, to be added to.
pub(crate) fn database_to_write(path: &Path, options: &LoadOptions) -> Result<Database, CommandError> {
    if !path.exists() {
        return Err(LoadError::Missing { path: path.into() }.into());
    }
    Ok(Database::open(path, options)?)
}

/// How DuckDB is opened with a part of the memory.
pub(crate) fn options(resources: &Resources, memory_bytes: u64, data_dir: &Path) -> LoadOptions {
    let temp_dir = match is_writable(data_dir) {
        true => data_dir.join("duckdb-temp"),
        false => env::temp_dir().join(format!("blockmill-duckdb-{}", std::process::id())),
    };
    LoadOptions { memory_bytes, threads: resources.threads, temp_dir }
}

/// The options of a command without arguments for them: most of what a run gets by default.
pub(crate) fn default_options(data_dir: &Path) -> LoadOptions {
    let resources = Resources::of_this_machine();
    options(&resources, CommandBudget::tables(resources.memory).load, data_dir)
}
