//! What DuckDB ran out of. Its own words advise settings that no user of this program can reach.

use std::fmt;

/// What did not suffice for a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortage {
    /// DuckDB's part of the memory.
    Memory {
        /// How much it had, as DuckDB writes sizes, where it says so.
        had: Option<String>,
        /// DuckDB's first line, which says what it was doing.
        reason: String,
    },
    /// The space for temporary files: they may take half of what is free when the database is opened.
    TempSpace {
        /// DuckDB's first line, which says what it was doing.
        reason: String,
    },
}

impl Shortage {
    /// DuckDB has one error type for everything; only its words tell. The first line is what happened, the others are advice.
    pub(crate) fn of(error: &duckdb::Error) -> Option<Self> {
        let words = error.to_string();
        let (_, what) = words.split_once("Out of Memory Error: ")?;
        let reason = what.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
        if words.contains("max_temp_directory_size") {
            return Some(Self::TempSpace { reason });
        }
        // "… (16.0 MiB/19.0 MiB used)"
        let used = reason.split_once(" used)").and_then(|(before, _)| before.rsplit_once('/'));
        let had = used.map(|(_, limit)| limit.to_owned());
        Some(Self::Memory { had, reason })
    }

    /// An error of DuckDB as people are told of it.
    pub(crate) fn or_words(error: &duckdb::Error) -> String {
        Self::of(error).map_or_else(|| error.to_string(), |shortage| shortage.to_string())
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { had, reason } => {
                let had = had.as_deref().unwrap_or("a part");
                write!(f, "DuckDB had {had} of the memory, which does not suffice: {reason}; ")?;
                write!(f, "give more memory, or fewer threads")
            }
            Self::TempSpace { reason } => {
                write!(
                    f,
                    "the disk with DuckDB's temporary files (duckdb-temp in the data directory) is too full, "
                )?;
                write!(
                    f,
                    "half of its free space was not enough: {reason}; make room and run again, or give more memory"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use duckdb::{Config, Connection};

    /// What the DuckDB that is linked says where it runs out of something.
    fn error(set: &str, query: &str) -> duckdb::Error {
        let folder = tempfile::tempdir().unwrap();
        let temp = folder.path().join("temp").display().to_string();
        let config = Config::default().max_memory("20MB").and_then(|config| config.threads(1));
        let config = config.and_then(|config| config.with("temp_directory", temp)).unwrap();
        let connection = Connection::open_with_flags(folder.path().join("a.duckdb"), config).unwrap();
        connection.execute_batch(set).unwrap();
        connection.execute_batch(query).unwrap_err()
    }

    fn is_ours(said: &str) -> bool {
        !["SET ", "PRAGMA", "memory_limit", "max_temp_directory_size", "http"]
            .iter()
            .any(|word| said.contains(word))
    }

    #[test]
    fn a_query_that_needs_more_memory_names_the_argument() {
        let error = error("", "SELECT string_agg(range::VARCHAR) FROM range(100000000)");
        assert!(!is_ours(&error.to_string()), "{error}");
        let shortage = Shortage::of(&error).unwrap();
        assert!(
            matches!(&shortage, Shortage::Memory { had: Some(had), .. } if had == "19.0 MiB"),
            "{shortage:?}"
        );
        let said = shortage.to_string();
        assert!(said.starts_with("DuckDB had 19.0 MiB of the memory, "), "{said}");
        assert!(said.ends_with("give more memory, or fewer threads") && is_ours(&said), "{said}");
    }

    #[test]
    fn temporary_files_without_room_are_a_full_disk() {
        let sort = "CREATE TABLE t AS SELECT range::VARCHAR || repeat('a', 20) AS x FROM range(3000000) ORDER BY hash(range)";
        let error = error("SET max_temp_directory_size = '1MB'", sort);
        let shortage = Shortage::of(&error).unwrap();
        let said = shortage.to_string();
        assert!(matches!(shortage, Shortage::TempSpace { .. }), "{said}");
        assert!(said.contains("duckdb-temp in the data directory") && is_ours(&said), "{said}");
    }

    #[test]
    fn other_errors_are_told_as_they_are() {
        let error = error("", "SELECT 1 FROM nowhere");
        assert_eq!(Shortage::of(&error), None);
        assert_eq!(Shortage::or_words(&error), error.to_string());
    }
}
