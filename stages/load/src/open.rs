//! How a DuckDB connection is opened: limits set before the file is touched, reasons for a refusal told apart.

use std::path::{Path, PathBuf};

use duckdb::{AccessMode, Config, Connection};

use crate::disk;
use crate::error::LoadError;
use crate::query::path_text;

/// What DuckDB may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOptions {
    /// DuckDB's `memory_limit` in bytes. It covers the buffer manager only: leave it room.
    pub memory_bytes: u64,
    /// Threads for queries and loads.
    pub threads: usize,
    /// Folder for what does not fit into memory; made when needed, emptied afterwards.
    pub temp_dir: PathBuf,
}

/// Opens the file with everything set beforehand: replay of the write-ahead log happens inside open and must already
/// keep to the limits.
pub(crate) fn connect(path: &Path, options: &LoadOptions, mode: AccessMode) -> Result<Connection, LoadError> {
    let refused = |source| refusal(path, source);
    let config = config(options, mode)?;
    Connection::open_with_flags(database_text(path)?, config.map_err(refused)?).map_err(refused)
}

/// DuckDB takes what follows a question mark for options, and would expect the write-ahead log somewhere
/// else.
fn database_text(path: &Path) -> Result<&str, LoadError> {
    let text = path_text(path)?;
    if text.contains('?') {
        let why = "has a question mark, which DuckDB takes for the start of options";
        return Err(LoadError::UnusablePath { path: path.to_path_buf(), why });
    }
    Ok(text)
}

/// The schemas of a database besides `main`.
const SCHEMAS: [&str; 3] = ["hex", "etl", "cryo"];

/// DuckDB calls a database by the name of its file; a schema of that name could not be told from it.
pub(crate) fn check_name(path: &Path) -> Result<(), LoadError> {
    match path.file_stem() {
        Some(stem) if SCHEMAS.iter().any(|schema| stem.eq_ignore_ascii_case(schema)) => {
            let why = "has the name of a schema in it (hex, etl, cryo)";
            Err(LoadError::UnusablePath { path: path.to_path_buf(), why })
        }
        _ => Ok(()),
    }
}

/// The spilling of large joins may take this share of the free space, the rest belongs to the database.
const TEMP_SHARE_OF_FREE_SPACE: u64 = 2;

/// A part of DuckDB's memory for rows that are in the write-ahead log and in no row group that is full.
const LOG_SHARE_OF_MEMORY: u64 = 8;
/// DuckDB's own default.
const LEAST_LOG_BYTES: u64 = 16 << 20;
/// What a killed run leaves is replayed when the file is opened: it must not take long.
const MOST_LOG_BYTES: u64 = 256 << 20;

impl LoadOptions {
    /// The size of the write-ahead log at which a COMMIT of a small load moves it into the tables.
    pub(crate) fn log_bytes(&self) -> u64 {
        (self.memory_bytes / LOG_SHARE_OF_MEMORY).clamp(LEAST_LOG_BYTES, MOST_LOG_BYTES)
    }
}

fn config(options: &LoadOptions, mode: AccessMode) -> Result<duckdb::Result<Config>, LoadError> {
    let temp_dir = path_text(&options.temp_dir)?;
    let temp_bytes = disk::free_bytes(&options.temp_dir)? / TEMP_SHARE_OF_FREE_SPACE;
    let threads = i64::try_from(options.threads.max(1)).unwrap_or(i64::MAX);
    Ok(Config::default()
        .access_mode(mode)
        // Nothing is fetched from the network behind the user's back.
        .and_then(|config| config.enable_autoload_extension(false))
        .and_then(|config| config.threads(threads))
        .and_then(|config| config.max_memory(&format!("{}B", options.memory_bytes)))
        .and_then(|config| config.with("temp_directory", temp_dir))
        .and_then(|config| config.with("max_temp_directory_size", format!("{temp_bytes}B")))
        // Segments are read once. DuckDB would keep them, ten times their size, until its memory is full of them.
        .and_then(|config| config.with("enable_external_file_cache", "false"))
        // Units are sorted by block, and tables must come out in that order whatever the thread count.
        .and_then(|config| config.with("preserve_insertion_order", "true")))
}

/// DuckDB has one error type for all of these; only its words tell them apart.
fn refusal(path: &Path, source: duckdb::Error) -> LoadError {
    let path = path.to_path_buf();
    let words = source.to_string();
    if words.contains("Could not set lock on file") {
        let holder = words.split_once("held in ").map_or(words.as_str(), |(_, holder)| holder);
        // What follows is advice for DuckDB's own shell: to open the file with -readonly, which is not ours to pass on.
        let advice = [". However", ". See also"].into_iter().filter_map(|advice| holder.find(advice)).min();
        LoadError::Locked { path, holder: advice.map_or(holder, |end| &holder[..end]).to_owned() }
    } else if words.contains("not a valid DuckDB database file") {
        LoadError::NotDuckDb { path }
    } else if ["Permission denied", "Read-only file system"].iter().any(|reason| words.contains(reason)) {
        LoadError::NoAccess { path, source }
    } else {
        LoadError::of_query("open the database".to_owned(), &path, source)
    }
}
