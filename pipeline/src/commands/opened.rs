//! Opening what a rebuild has made, to look at it.

use std::path::Path;

use blockmill_load::{Database, LoadError, LoadOptions};
use blockmill_pipeline::store_dir;
use blockmill_store::{Store, StoreOptions};

use super::CommandError;
use crate::args::{default_memory, default_threads};

/// Memory for a look at single rows.
const LOOK_STORE_BYTES: usize = 64 << 20;

/// The store of a data directory; unlike a rebuild, a look does not make one.
pub(crate) fn store(data_dir: &Path) -> Result<Store, CommandError> {
    let folder = store_dir(data_dir);
    if !folder.exists() {
        return Err(CommandError::NoStore { path: data_dir.into() });
    }
    Ok(Store::open(folder, StoreOptions { budget_bytes: LOOK_STORE_BYTES })?)
}

/// The same; `None` where there is none.
pub(crate) fn store_if_any(data_dir: &Path) -> Result<Option<Store>, CommandError> {
    if store_dir(data_dir).exists() { store(data_dir).map(Some) } else { Ok(None) }
}

/// The DuckDB file, for questions only.
pub(crate) fn database(path: &Path, data_dir: &Path) -> Result<Database, CommandError> {
    Ok(Database::open_read_only(path, &options(data_dir))?)
}

/// The DuckDB file that a rebuild has made, to be added to.
pub(crate) fn database_to_write(path: &Path, data_dir: &Path) -> Result<Database, CommandError> {
    if !path.exists() {
        return Err(LoadError::Missing { path: path.into() }.into());
    }
    Ok(Database::open(path, &options(data_dir))?)
}

fn options(data_dir: &Path) -> LoadOptions {
    let threads = default_threads();
    LoadOptions { memory_bytes: default_memory(threads).0, threads, temp_dir: data_dir.join("duckdb-temp") }
}
