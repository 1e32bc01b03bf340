//! The files that are opened, and what is said about those that are not.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use blockmill_load::{Database, LoadError};
use duckdb::Connection;

use crate::{Workbench, contents};

fn refused(bench: &Workbench) -> LoadError {
    Database::open(&bench.database_path(), &bench.options()).unwrap_err()
}

/// Changes a database without the program.
pub(crate) fn tamper(path: &Path, script: &str) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(script).unwrap();
    connection.close().unwrap();
}

#[test]
fn a_new_database_is_empty_and_opens_again() {
    let bench = Workbench::new();
    let database = bench.open();
    assert!(database.table_stats().unwrap().iter().all(|table| table.rows == Some(0)));
    assert!(database.loaded().unwrap().is_empty());
    let before = contents(&database);
    database.finish().unwrap();
    assert_eq!(contents(&bench.open()), before);
}

#[test]
fn facts_about_the_database_are_kept_and_replaced() {
    let bench = Workbench::new();
    let mut database = bench.open();
    assert_eq!(database.meta("kind").unwrap(), None);
    for kind in ["blocks", "chain", "chain"] {
        database.set_meta("kind", kind).unwrap();
        assert_eq!(database.meta("kind").unwrap().as_deref(), Some(kind));
    }
    database.set_meta("quote", "it's").unwrap();
    assert_eq!(database.meta("quote").unwrap().as_deref(), Some("it's"));
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let bench = Workbench::new();
    for text in ["", "not a database", &"x".repeat(100_000)] {
        fs::write(bench.database_path(), text).unwrap();
        let error = refused(&bench);
        assert!(matches!(error, LoadError::NotDuckDb { .. }), "{error}");
        assert_eq!(fs::read_to_string(bench.database_path()).unwrap(), text);
    }
}

#[test]
fn a_database_of_somebody_else_is_left_alone() {
    let bench = Workbench::new();
    tamper(&bench.database_path(), "CREATE TABLE blocks (number INTEGER); INSERT INTO blocks VALUES (1)");
    let error = refused(&bench);
    assert!(matches!(error, LoadError::NotOurs { .. }), "{error}");
    tamper(&bench.database_path(), "SELECT number FROM blocks");
}

#[test]
fn another_table_format_is_refused_by_number() {
    let bench = Workbench::new();
    bench.open().finish().unwrap();
    tamper(&bench.database_path(), "UPDATE _meta SET value = '99' WHERE key = 'format'");
    let error = refused(&bench);
    assert!(matches!(&error, LoadError::Format { found, expected: 1, .. } if found == "99"), "{error}");
}

#[test]
fn there_is_nothing_to_read_where_nothing_was_made() {
    let bench = Workbench::new();
    let error = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap_err();
    assert!(matches!(error, LoadError::Missing { .. }), "{error}");
    assert!(!bench.database_path().exists());
}

#[test]
fn a_reader_cannot_write() {
    let bench = Workbench::new();
    bench.open().finish().unwrap();
    let mut reader = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap();
    assert!(reader.set_meta("kind", "chain").is_err());
    assert_eq!(reader.meta("kind").unwrap(), None, "a refused write must not break the connection");
}

#[test]
fn what_an_interrupted_creation_left_is_swept() {
    let bench = Workbench::new();
    fs::write(bench.folder().join("chain.duckdb.new"), "half a database").unwrap();
    fs::write(bench.folder().join("chain.duckdb.new.wal"), "half a log").unwrap();
    bench.open().finish().unwrap();
    let left: Vec<_> = fs::read_dir(bench.folder()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["chain.duckdb"]);
}

#[test]
fn a_log_without_its_database_is_not_replayed_into_a_new_one() {
    let bench = Workbench::new();
    fs::write(bench.folder().join("chain.duckdb.wal"), "of another time").unwrap();
    let error = refused(&bench);
    assert!(matches!(error, LoadError::StrayWal { .. }), "{error}");
}

#[test]
fn a_question_mark_in_the_file_name_is_refused() {
    let bench = Workbench::new();
    let error = Database::open(&bench.folder().join("chain?.duckdb"), &bench.options()).unwrap_err();
    assert!(matches!(error, LoadError::UnusablePath { .. }), "{error}");
}

#[test]
fn a_file_with_the_name_of_a_schema_is_refused() {
    let bench = Workbench::new();
    for name in ["hex.duckdb", "ETL.db", "cryo"] {
        let error = Database::open(&bench.folder().join(name), &bench.options()).unwrap_err();
        assert!(matches!(error, LoadError::UnusablePath { .. }), "{error}");
        assert!(!bench.folder().join(name).exists());
    }
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let bench = Workbench::new();
    let path = bench.folder().join("nowhere").join("chain.duckdb");
    let error = Database::open(&path, &bench.options()).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}

/// Where the other process finds the database that it is to hold open.
const HOLD: &str = "BLOCKMILL_TEST_HOLD";

#[test]
fn a_second_writer_is_refused_and_told_who_the_first_is() {
    let bench = Workbench::new();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "opening::holds_a_database_open", "--ignored", "--nocapture"])
        .env(HOLD, bench.database_path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(holder.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("holding")), "the holder did not start");

    let error = refused(&bench);
    assert!(matches!(&error, LoadError::Locked { .. }), "{error}");
    assert!(error.to_string().contains(&holder.id().to_string()), "{error}");
    let error = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap_err();
    assert!(matches!(&error, LoadError::Locked { .. }), "{error}");
    let said = error.to_string();
    assert!(
        said.contains("close it") && !said.contains("read-only") && !said.contains("readonly"),
        "DuckDB's advice is for its own shell: {said}"
    );

    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success());
    bench.open();
}

#[test]
#[ignore = "the other process of a_second_writer_is_refused_and_told_who_the_first_is"]
fn holds_a_database_open() {
    let Some(path) = std::env::var_os(HOLD) else { return };
    let path = Path::new(&path);
    let database = Database::open(path, &crate::options(path.parent().unwrap(), 1)).unwrap();
    println!("holding");
    let _ = std::io::stdin().lines().count();
    database.finish().unwrap();
}
