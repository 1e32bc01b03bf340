//! How many files may be open at once.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// From so many on, RocksDB keeps all files open: a store of mainnet has some three thousand.
const MANY_FILES: u64 = 8_192;

/// Raises the limit of this process to the most that the system lets it have; what is in force then.
pub fn raise_open_files() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    let limit =
        if current != maximum && setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { current };
    limit.unwrap_or(u64::MAX)
}

/// Whether a limit is too low for a store of mainnet's size: files are then opened anew for reads, over and over.
pub fn are_few_open_files(limit: u64) -> bool {
    limit < MANY_FILES
}

/// RocksDB's part; the rest is for sockets, logs, DuckDB and sorts.
pub(crate) fn rocksdb_files() -> i32 {
    match raise_open_files() {
        limit if are_few_open_files(limit) => i32::try_from(limit / 2).unwrap_or(i32::MAX),
        _ => -1,
    }
}
