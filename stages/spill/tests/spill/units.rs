//! A unit is there whole or not at all.

use std::fs;
use std::path::Path;

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::{FORMAT, SpillDir, SpillError, UnitWriter};

use crate::rows::{BUDGET_BYTES, logs, publish, transactions};

const RANGE: BlockRange = BlockRange { start: 100, end: 200 };

/// Asserts that nothing lies in the spill but units.
#[track_caller]
fn assert_only_units(spill: &Path) {
    let names: Vec<_> = fs::read_dir(spill).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["units"]);
}

#[test]
fn a_unit_appears_when_it_is_sealed_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let mut writer = UnitWriter::create(&spill, RANGE, &[Dataset::Logs], BUDGET_BYTES).unwrap();
    writer.write(Dataset::Logs, &logs(10)).unwrap();
    assert_eq!(spill.units().unwrap(), []);
    assert!(!spill.folder(RANGE).exists());
    let unit = writer.seal().unwrap();
    assert_eq!((spill.units().unwrap(), spill.unit(RANGE).unwrap()), (vec![unit.clone()], unit));
    assert_only_units(folder.path());
}

#[test]
fn a_unit_says_what_it_holds_and_a_dataset_without_rows_has_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let unit = publish(&spill, RANGE);
    assert_eq!((unit.range, unit.format, unit.rows()), (RANGE, FORMAT, 10));
    let datasets: Vec<_> = unit.segments.iter().map(|segment| (segment.dataset, segment.rows)).collect();
    assert_eq!(datasets, [(Dataset::Ommers, 0), (Dataset::Logs, 10)]);
    assert_eq!(spill.path(&unit, Dataset::Ommers), None);
    let file = spill.path(&unit, Dataset::Logs).unwrap();
    assert_eq!(file, folder.path().join("units/000000000100-000000000200/logs.parquet"));
    assert_eq!(fs::metadata(file).unwrap().len(), unit.bytes());
    let mut names: Vec<_> =
        fs::read_dir(spill.folder(RANGE)).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort_unstable();
    assert_eq!(names, ["logs.parquet", "manifest.json"]);
    spill.check(&unit).unwrap();
}

#[test]
fn units_come_in_block_order() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let far = 1_000_000_000_000;
    for (start, end) in [(far, far + 1), (20, 30), (0, 20)] {
        publish(&spill, BlockRange::new(start, end));
    }
    let starts: Vec<_> = spill.units().unwrap().iter().map(|unit| unit.range.start).collect();
    assert_eq!(starts, [0, 20, far]);
}

#[test]
fn the_same_rows_make_the_same_unit() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let publish = |folder: &tempfile::TempDir| publish(&SpillDir::open(folder.path()).unwrap(), RANGE);
    assert_eq!(publish(&one), publish(&two));
}

#[test]
fn leftovers_of_a_killed_run_are_swept_and_units_stay() {
    let folder = tempfile::tempdir().unwrap();
    let unit = publish(&SpillDir::open(folder.path()).unwrap(), RANGE);
    // Killed before the rename, in the middle of a file, and in the middle of a removal.
    let aside = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    fs::write(aside(".tmp-200-300").join("manifest.json"), "{}").unwrap();
    fs::write(aside(".tmp-300-400").join("logs.parquet"), "PAR1").unwrap();
    aside(".tmp-removed-0-100");
    assert_eq!(SpillDir::open_read_only(folder.path()).units().unwrap(), std::slice::from_ref(&unit));
    assert!(folder.path().join(".tmp-200-300").exists(), "reading removes nothing");
    let spill = SpillDir::open(folder.path()).unwrap();
    assert_eq!(spill.units().unwrap(), [unit]);
    assert_only_units(folder.path());
    publish(&spill, BlockRange::new(200, 300));
}

#[test]
fn a_dropped_writer_leaves_nothing_and_can_be_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let mut writer = UnitWriter::create(&spill, RANGE, &[Dataset::Logs], BUDGET_BYTES).unwrap();
    writer.write(Dataset::Logs, &logs(10)).unwrap();
    drop(writer);
    assert_only_units(folder.path());
    publish(&spill, RANGE);
}

#[test]
fn a_sealed_unit_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let late = UnitWriter::create(&spill, RANGE, &[Dataset::Logs], BUDGET_BYTES).unwrap();
    // Another writer of the same range cannot even begin.
    let second = UnitWriter::create(&spill, RANGE, &[Dataset::Logs], BUDGET_BYTES);
    assert!(matches!(second, Err(SpillError::Io { action: "create", .. })));
    // Sealed by another process meanwhile.
    let elsewhere = tempfile::tempdir().unwrap();
    let other = SpillDir::open(elsewhere.path()).unwrap();
    let unit = publish(&other, RANGE);
    fs::rename(other.folder(RANGE), spill.folder(RANGE)).unwrap();
    assert!(matches!(late.seal(), Err(SpillError::UnitExists { .. })));
    let again = UnitWriter::create(&spill, RANGE, &[Dataset::Logs], BUDGET_BYTES);
    assert!(matches!(again, Err(SpillError::UnitExists { .. })));
    assert_eq!(spill.units().unwrap(), [unit]);
    assert_only_units(folder.path());
}

#[test]
fn a_unit_is_removed_once_and_removing_it_again_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    publish(&spill, RANGE);
    let kept = publish(&spill, BlockRange::new(200, 300));
    spill.remove(BlockRange::new(100, 150)).unwrap();
    assert_eq!(spill.units().unwrap().len(), 2, "only the exact range is removed");
    spill.remove(RANGE).unwrap();
    spill.remove(RANGE).unwrap();
    assert_eq!(spill.units().unwrap(), [kept]);
    assert_only_units(folder.path());
    publish(&spill, RANGE);
}

#[test]
fn rows_that_do_not_belong_to_the_unit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = UnitWriter::create(folder.path(), RANGE, &[Dataset::Logs], BUDGET_BYTES).unwrap();
    let absent = writer.write(Dataset::Transactions, &transactions(1)).unwrap_err();
    assert!(matches!(absent, SpillError::NotInUnit { dataset: Dataset::Transactions, .. }));
    let other = writer.write(Dataset::Logs, &transactions(1)).unwrap_err();
    assert!(matches!(other, SpillError::WrongColumns { dataset: Dataset::Logs, .. }));
    let empty = UnitWriter::create(folder.path(), BlockRange::new(5, 5), &[Dataset::Logs], BUDGET_BYTES);
    assert!(matches!(empty, Err(SpillError::EmptyRange { .. })));
}

/// `BLOCKMILL_SEEDS` names the folder of the seeds, with one below it for each target.
#[test]
#[ignore = "not a test: writes the name and manifest that coverage-guided fuzzing starts from"]
fn write_seeds() {
    let Some(seeds) = std::env::var_os("BLOCKMILL_SEEDS") else { return };
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    publish(&spill, RANGE);
    let unit = spill.folder(RANGE);
    let name = unit.file_name().unwrap().to_str().unwrap();
    let manifest = fs::read_to_string(unit.join("manifest.json")).unwrap();
    let seeds = Path::new(&seeds).join("spill");
    fs::create_dir_all(&seeds).unwrap();
    fs::write(seeds.join("seed-0"), format!("{name}\n{manifest}")).unwrap();
}
