//! Sealed units of rows that an interrupted run left, and a next run that is not the same.

use std::fs;
use std::path::PathBuf;

use blockmill_chain::StageId;
use blockmill_pipeline::{ExitCode, Settings, UnitLimits};

use super::{assert_nothing_published, assert_rebuilds, assert_refused};
use crate::harness::{Workplace, run_until};

/// A run of execution-apis that was interrupted with units sealed and none loaded.
fn sealed(place: &Workplace) -> Option<Settings> {
    let units = UnitLimits { blocks: 7, gas: u64::MAX };
    let settings = Settings { units, threads: 1, ..place.chain("execution-apis")? };
    run_until(&settings, StageId::Trace, 48);
    assert!(segments(place).len() > 6, "more than one unit is sealed");
    assert_nothing_published(&place.out());
    Some(settings)
}

fn segments(place: &Workplace) -> Vec<PathBuf> {
    let units = fs::read_dir(place.data_dir().join("spill/units")).unwrap();
    let files = units.flat_map(|unit| fs::read_dir(unit.unwrap().path()).unwrap());
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "parquet"));
    paths.sort();
    paths
}

#[test]
fn a_segment_that_was_damaged_after_sealing_is_not_loaded() {
    let place = Workplace::new();
    let Some(settings) = sealed(&place) else { return };
    let segment = segments(&place).swap_remove(0);
    let whole = fs::read(&segment).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&segment, damaged).unwrap();
    let name = segment.file_name().unwrap().to_str().unwrap();
    assert_refused(&settings, ExitCode::Failed, &[name, "does not hold the bytes it was written with"]);
    assert_nothing_published(&place.out());
    fs::write(&segment, whole).unwrap();
    assert_rebuilds(&settings, 54);
}

#[test]
fn units_are_not_loaded_into_another_file_than_they_were_made_for() {
    let place = Workplace::new();
    let Some(settings) = sealed(&place) else { return };
    let elsewhere = Settings { out: place.path("other.duckdb"), ..settings.clone() };
    assert_refused(
        &elsewhere,
        ExitCode::Failed,
        &["other.duckdb", "sealed units", "give the --out of that run"],
    );
    assert_rebuilds(&settings, 54);
}

#[test]
fn units_are_loaded_also_where_the_next_run_would_have_cut_others() {
    let place = Workplace::new();
    let Some(settings) = sealed(&place) else { return };
    let units = UnitLimits { blocks: 4, gas: u64::MAX };
    assert_rebuilds(&Settings { units, ..settings }, 54);
}

#[test]
fn a_range_that_ends_inside_a_sealed_unit_is_refused_and_not_passed_over() {
    let place = Workplace::new();
    let Some(settings) = sealed(&place) else { return };
    let shorter = Settings { range: ":20".parse().unwrap(), ..settings.clone() };
    assert_refused(
        &shorter,
        ExitCode::Failed,
        &["sealed the rows of blocks 14:", "beyond block 20", "--range"],
    );
    assert_rebuilds(&settings, 54);
}
