//! Why loading or reading the database failed, with the place and the remedy.

use std::path::{Path, PathBuf};

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::SpillError;

use crate::shortage::Shortage;

/// What went wrong with the database file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Another process holds the file.
    #[error("{}: another process has the database open ({holder}); close it (a duckdb shell counts) and run again", path.display())]
    Locked {
        /// The database file.
        path: PathBuf,
        /// What DuckDB says about the holder.
        holder: String,
    },
    /// The system does not let us have the file.
    #[error("{}: cannot be opened ({source}); check that it lies on a disk that you may write to, and whose it is", path.display())]
    NoAccess {
        /// The database file.
        path: PathBuf,
        /// DuckDB's error.
        source: duckdb::Error,
    },
    /// The file is not a DuckDB database.
    #[error("{}: the file is there but is not a DuckDB database; move it away or choose another output file", path.display())]
    NotDuckDb {
        /// The path of the file.
        path: PathBuf,
    },
    /// A DuckDB database that another program made.
    #[error("{}: the DuckDB database was not made by blockmill; move it away or choose another output file", path.display())]
    NotOurs {
        /// The database file.
        path: PathBuf,
    },
    /// A database with another table layout.
    #[error("{}: the tables have format {found}, this version of blockmill has format {expected}; rebuild into a new file, or use the version that made this one", path.display())]
    Format {
        /// The database file.
        path: PathBuf,
        /// The format in the file.
        found: String,
        /// The format that this program reads and writes.
        expected: u32,
    },
    /// There is no database to read.
    #[error("{}: there is no such database", path.display())]
    Missing {
        /// The database file.
        path: PathBuf,
    },
    /// A write-ahead log lies there without its database.
    #[error("{}: this write-ahead log belongs to a database that is gone; bring the database back, or remove the log", wal.display())]
    StrayWal {
        /// The path of the log.
        wal: PathBuf,
    },
    /// A link that leads into a folder that is not there, or in a circle.
    #[error("{}: leads to {}, whose folder does not exist; make the folder, or choose another output file", path.display(), target.display())]
    LinkToNowhere {
        /// The path that was given.
        path: PathBuf,
        /// The path that the link leads to.
        target: PathBuf,
    },
    /// A path that DuckDB does not take.
    #[error("{}: the path {why}; choose another name", path.display())]
    UnusablePath {
        /// The path that was given.
        path: PathBuf,
        /// What is in the way, as in "the path …".
        why: &'static str,
    },
    /// A file could not be created, renamed or measured.
    #[error("{}: cannot {doing}: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot …".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// DuckDB cannot read what it wrote.
    #[error("{}: the database is damaged: {source}", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// DuckDB's error, which says what is damaged.
        source: duckdb::Error,
    },
    /// DuckDB refused a statement; the transaction around it was rolled back.
    #[error("{}: cannot {doing}: {source}", path.display())]
    Query {
        /// What was tried, as in "cannot …".
        doing: String,
        /// The database file.
        path: PathBuf,
        /// DuckDB's error.
        source: duckdb::Error,
    },
    /// Memory, or space for temporary files, did not suffice for a statement; the transaction around it was rolled back.
    #[error("{}: cannot {doing}: {shortage}", path.display())]
    Shortage {
        /// What was tried, as in "cannot …".
        doing: String,
        /// The database file.
        path: PathBuf,
        /// The resource that did not suffice.
        shortage: Shortage,
    },
    /// A COMMIT or CHECKPOINT failed: whether it took effect is only known after opening the file again.
    #[error("{}: {statement} failed: {}; the database was closed, run again to go on from what it holds", path.display(), Shortage::or_words(source))]
    Unsettled {
        /// The statement that failed, `COMMIT` or `CHECKPOINT`.
        statement: &'static str,
        /// The database file.
        path: PathBuf,
        /// DuckDB's error.
        source: duckdb::Error,
    },
    /// The database was closed by an earlier failure.
    #[error("{}: the database was closed after a failed COMMIT or CHECKPOINT; open it again", path.display())]
    Closed {
        /// The database file.
        path: PathBuf,
    },
    /// A row of `_loaded` that cannot be understood.
    #[error("{}: _loaded is damaged: {reason}; rebuild into a new file", path.display())]
    BadLoadedTable {
        /// The database file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A unit that does not continue what is loaded.
    #[error(
        "unit {range} does not continue what is loaded: block {expected} comes next; load the units in order, or trace the missing blocks again"
    )]
    Gap {
        /// The unit's blocks.
        range: BlockRange,
        /// The block that must come next.
        expected: u64,
    },
    /// A unit that was loaded before, with other rows.
    #[error(
        "unit {range}: {dataset} was loaded before with other rows (digest {loaded}, now {offered}); the same blocks must give the same rows, rebuild into a new file"
    )]
    Differs {
        /// The unit's blocks.
        range: BlockRange,
        /// The dataset whose rows differ.
        dataset: Dataset,
        /// Digest of the rows in the database, in hex.
        loaded: String,
        /// Digest of the rows in the unit, in hex.
        offered: String,
    },
    /// A unit with other datasets than the database holds.
    #[error(
        "unit {range} holds the datasets {offered}, the database {loaded}; choose the same datasets, or rebuild into a new file"
    )]
    Datasets {
        /// The unit's blocks.
        range: BlockRange,
        /// Names of the datasets loaded so far.
        loaded: String,
        /// Names of the datasets in the unit.
        offered: String,
    },
    /// The files hold another number of rows than their manifests say.
    #[error(
        "units {range}: the segments of {dataset} hold {found} rows, their manifests say {expected}; nothing was loaded, remove these units and run again"
    )]
    RowCount {
        /// Blocks of the units that were being loaded.
        range: BlockRange,
        /// The dataset whose rows were counted.
        dataset: Dataset,
        /// Rows by the manifests.
        expected: u64,
        /// Rows in the files.
        found: u64,
    },
    /// Rows that were written out to be digested could not be read again.
    #[error("{}: digesting the rows: {source}", path.display())]
    Digest {
        /// The database file.
        path: PathBuf,
        /// Why the rows could not be digested.
        source: Box<SpillError>,
    },
    /// Another process exports into the same folder.
    #[error("{}: another export writes into this folder; wait until it has ended, or choose another folder", path.display())]
    ExportInUse {
        /// The path of the folder.
        path: PathBuf,
    },
    /// Something that export did not write has the name of what it writes.
    #[error("{}: this name is needed for an export and was not given by one; move it away, or choose another folder", path.display())]
    ExportInTheWay {
        /// What is in the way.
        path: PathBuf,
    },
    /// The file system is too full to go on safely.
    #[error("{}: {needed} bytes of free space are needed, there are {free}; make room and run again", path.display())]
    DiskFull {
        /// The database file.
        path: PathBuf,
        /// Bytes of free space that are needed.
        needed: u64,
        /// Bytes of free space that there are.
        free: u64,
    },
}

impl LoadError {
    /// Whether a query failed on a value in the tables, and not for want of memory, disk or anything else around them. DuckDB has
    /// one error type for everything; only its words tell.
    pub fn is_about_values(&self) -> bool {
        const KINDS: [&str; 3] = ["Conversion Error", "Out of Range Error", "Invalid Input Error"];
        match self {
            Self::Query { source, .. } => {
                let words = source.to_string();
                KINDS.iter().any(|kind| words.starts_with(kind))
            }
            _ => false,
        }
    }

    /// What DuckDB says about a statement. It has one error type for everything; only its words tell damage and shortage apart.
    pub(crate) fn of_query(doing: String, path: &Path, source: duckdb::Error) -> Self {
        let path = path.to_path_buf();
        if let Some(shortage) = Shortage::of(&source) {
            return Self::Shortage { doing, path, shortage };
        }
        match source.to_string().to_lowercase().contains("corrupt") {
            true => Self::Damaged { path, source },
            false => Self::Query { doing, path, source },
        }
    }
}
