//! Folders and databases that cannot be used.

use std::fs;
use std::path::PathBuf;

use blockmill_pipeline::{ExitCode, Settings, UnitLimits, dry_run};
use blockmill_schemas::Dataset;

use super::{assert_nothing_published, assert_rebuilds, assert_refused, file};
use crate::harness::{Workplace, command};

/// A folder without write permission would not keep root out; /proc keeps everyone out.
#[test]
fn a_data_directory_that_cannot_be_written_is_refused() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let readonly = Settings { data_dir: PathBuf::from("/proc/blockmill"), ..settings.clone() };
    assert_refused(&readonly, ExitCode::Failed, &["cannot create /proc/blockmill", "exists and is writable"]);
    let taken = Settings { data_dir: file(&place, "taken", ""), ..settings };
    assert_refused(&taken, ExitCode::Failed, &["cannot create", "taken", "exists and is writable"]);
    assert_nothing_published(&place.out());
}

#[test]
fn a_second_process_on_the_same_data_directory_is_told_which_process_has_it() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    assert_rebuilds(&settings, 54);
    let before = place.tables().contents();
    let store = place.store();
    let second = command(&settings).output().unwrap();
    drop(store);
    let message = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{message}");
    let named = format!("is in use by process {}: wait until it ends, or stop it", std::process::id());
    assert!(message.contains(&named), "{message}");
    assert_eq!(place.tables().contents(), before);
    assert!(command(&settings).output().unwrap().status.success());
}

#[test]
fn a_file_that_is_no_database_is_not_overwritten() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let out = file(&place, "notes.txt", "not a database");
    let wrong = Settings { out: out.clone(), ..settings.clone() };
    assert_refused(
        &wrong,
        ExitCode::Failed,
        &["notes.txt", "is not a DuckDB database", "choose another output file"],
    );
    assert_eq!(fs::read_to_string(out).unwrap(), "not a database");
    assert_rebuilds(&settings, 54);
}

#[test]
fn datasets_cannot_change_between_runs_into_the_same_tables() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let few = Settings { datasets: vec![Dataset::Blocks, Dataset::Logs], ..settings.clone() };
    assert_rebuilds(&few, 54);
    let before = place.tables().contents();
    let words = ["out.duckdb", "made with datasets = blocks,logs", "give the same --datasets"];
    assert_refused(&settings, ExitCode::Failed, &words);
    for (datasets, difference) in [
        (vec![Dataset::Blocks, Dataset::Logs, Dataset::Traces], ", this run adds traces:"),
        (vec![Dataset::Logs], ", this run leaves out blocks:"),
        (vec![Dataset::Logs, Dataset::Ommers], ", this run adds ommers and leaves out blocks:"),
    ] {
        let settings = Settings { datasets, ..settings.clone() };
        assert_refused(&settings, ExitCode::Failed, &[difference]);
        let refused = dry_run(&settings).unwrap_err().to_string();
        assert!(refused.contains(difference), "{refused}");
    }
    assert!(dry_run(&few).is_ok());
    assert_eq!(place.tables().contents(), before);
    assert_rebuilds(&few, 54);
}

#[test]
fn tables_that_are_gone_are_missed_and_not_silently_made_without_their_rows() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    // Several units, so that several threads miss their witnesses at once.
    let units = UnitLimits { blocks: 7, gas: 3_000_000 };
    let settings = Settings { units, ..settings };
    assert_rebuilds(&settings, 54);
    let aside = place.path("aside.duckdb");
    fs::rename(&settings.out, &aside).unwrap();
    let words = ["out.duckdb has no rows", "give the --out of the run", "--tables-only"];
    for _run in 0..10 {
        assert_refused(&settings, ExitCode::Failed, &words);
        assert!(!settings.out.exists(), "a refused run leaves a database");
    }
    fs::rename(&aside, &settings.out).unwrap();
    assert_rebuilds(&settings, 54);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_to_no_file_yet_leads_to_the_tables_then() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let (disk, link) = (place.path("disk"), place.path("link.duckdb"));
    fs::create_dir(&disk).unwrap();
    std::os::unix::fs::symlink("disk/tables.duckdb", &link).unwrap();
    let linked = Settings { out: link.clone(), ..settings.clone() };
    assert_refused(
        &Settings { range: "100:200".parse().unwrap(), ..linked.clone() },
        ExitCode::Usage,
        &["no block of"],
    );
    assert!(fs::read_dir(&disk).unwrap().next().is_none(), "a refused run leaves a database");
    assert_rebuilds(&linked, 54);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && disk.join("tables.duckdb").is_file());
    assert_rebuilds(&linked, 54);
    let nowhere = place.path("nowhere.duckdb");
    std::os::unix::fs::symlink("gone/tables.duckdb", &nowhere).unwrap();
    let nowhere = Settings { out: nowhere, data_dir: place.path("other"), ..settings };
    assert_refused(
        &nowhere,
        ExitCode::Failed,
        &["nowhere.duckdb: leads to", "gone/tables.duckdb", "does not exist"],
    );
}
