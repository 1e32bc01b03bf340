//! What is wrong is refused: with the right exit code, a message that says where and what to do, and nothing of it in the
//! tables. Where the input can be put right, the same run then succeeds.

mod damaged_files;
mod foreign_data;
mod gaps;
pub(crate) mod refused_blocks;
mod waiting_units;
mod witnesses;
mod wrong_places;
mod wrong_usage;

use std::fs;
use std::path::{Path, PathBuf};

use blockmill_pipeline::{ExitCode, Settings};
use blockmill_schemas::Dataset;

use crate::harness::{Tables, Workplace, run};

/// Asserts that a run ends with this code and a message that has all of these words.
#[track_caller]
fn assert_refused(settings: &Settings, code: ExitCode, words: &[&str]) {
    let error = run(settings).unwrap_err();
    let message = error.to_string();
    assert_eq!(error.exit_code(), code, "{message}");
    for word in words {
        assert!(message.contains(word), "'{word}' is not in: {message}");
    }
}

/// Asserts that a run succeeds, with this block as the last one in the tables.
#[track_caller]
fn assert_rebuilds(settings: &Settings, last_block: u64) {
    assert_eq!(run(settings).unwrap().last_block, Some(last_block));
    assert_eq!(Tables::open(&settings.out).broken_checks(), Vec::<String>::new());
}

/// Asserts that there is no DuckDB file, or one without a row.
#[track_caller]
fn assert_nothing_published(out: &Path) {
    if !out.exists() {
        return;
    }
    let tables = Tables::open(out);
    for table in Dataset::ALL.map(Dataset::name).into_iter().chain(["_loaded"]) {
        assert_eq!(tables.count(table), 0, "rows of {table}");
    }
}

/// A file of the workplace with these bytes.
fn file(place: &Workplace, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = place.path(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Asserts that a file with these bytes is refused as chain data that does not verify, and that the run goes through
/// once the file has the right ones.
#[track_caller]
fn assert_refused_until_repaired(
    settings: &Settings,
    bad: &[u8],
    good: &[u8],
    words: &[&str],
    last_block: u64,
) {
    let source = &settings.sources[0];
    fs::write(source, bad).unwrap();
    let name = source.file_name().unwrap().to_str().unwrap();
    for _run in ["first", "again"] {
        assert_refused(settings, ExitCode::NotVerified, &[words, &[name]].concat());
        assert_nothing_published(&settings.out);
    }
    fs::write(source, good).unwrap();
    assert_rebuilds(settings, last_block);
}
