//! Units into tables: in order, once, whole or not at all.

use std::fs;

use blockmill_chain::BlockRange;
use blockmill_load::{Database, LoadError, LoadStats};
use blockmill_schemas::Dataset;

use crate::chain::{unit, unit_of};
use crate::{Workbench, contents, options, value};

fn range(start: u64, end: u64) -> BlockRange {
    BlockRange::new(start, end)
}

#[test]
fn units_go_in_and_the_checkpoint_follows() {
    let bench = Workbench::new();
    let mut database = bench.open();
    assert_eq!(database.checkpoint().unwrap(), None);

    let units = [unit(bench.folder(), range(0, 3)), unit(bench.folder(), range(3, 5))];
    let stats = database.load(&units).unwrap();
    let rows: u64 = units.iter().map(|(unit, _)| unit.rows()).sum();
    assert_eq!((stats.units, stats.skipped_units, stats.rows), (2, 0, rows));
    assert_eq!(database.checkpoint().unwrap(), Some(4));

    database.load(&[unit(bench.folder(), range(5, 6))]).unwrap();
    assert_eq!(database.checkpoint().unwrap(), Some(5));
    let loaded = database.loaded().unwrap();
    assert_eq!(
        loaded.iter().map(|unit| unit.range).collect::<Vec<_>>(),
        [range(0, 3), range(3, 5), range(5, 6)]
    );
    assert_eq!(loaded[0].segments.iter().map(|s| s.dataset).collect::<Vec<_>>(), Dataset::ALL);
    let transactions = database.table_stats().unwrap().into_iter().find(|table| table.name == "transactions");
    assert_eq!(transactions.unwrap().rows, Some(15));
}

#[test]
fn what_was_loaded_is_there_after_a_reopen() {
    let bench = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), range(0, 4))]).unwrap();
    database.set_meta("kind", "chain").unwrap();
    let before = contents(&database);
    database.finish().unwrap();

    let reopened = bench.open();
    assert_eq!(contents(&reopened), before);
    assert_eq!(reopened.meta("kind").unwrap().as_deref(), Some("chain"));
    drop(reopened);
    let reader = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap();
    assert_eq!(contents(&reader), before);
}

#[test]
fn a_unit_loaded_twice_changes_nothing() {
    let bench = Workbench::new();
    let mut database = bench.open();
    let units = [unit(bench.folder(), range(0, 3)), unit(bench.folder(), range(3, 4))];
    database.load(&units).unwrap();
    let before = contents(&database);

    let stats = database.load(&units).unwrap();
    assert_eq!(stats, LoadStats { skipped_units: 2, ..LoadStats::default() });
    assert_eq!(contents(&database), before);
}

#[test]
fn a_loaded_unit_with_other_rows_is_refused() {
    let bench = Workbench::new();
    let other = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), range(0, 3))]).unwrap();
    let before = contents(&database);

    let changed = unit_of(other.folder(), range(0, 3), &Dataset::ALL, 1);
    let error = database.load(&[changed]).unwrap_err();
    assert!(matches!(error, LoadError::Differs { dataset: Dataset::Blocks, .. }), "{error}");
    assert_eq!(contents(&database), before);
}

#[test]
fn a_gap_and_an_overlap_are_refused() {
    let bench = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), range(0, 3))]).unwrap();
    let before = contents(&database);

    for (start, end) in [(4, 6), (2, 5), (0, 2), (1, 2)] {
        let error = database.load(&[unit(bench.folder(), range(start, end))]).unwrap_err();
        assert!(matches!(error, LoadError::Gap { expected: 3, .. }), "{start}:{end}: {error}");
    }
    let with_a_hole = [unit(bench.folder(), range(3, 4)), unit(bench.folder(), range(5, 6))];
    let error = database.load(&with_a_hole).unwrap_err();
    assert!(matches!(error, LoadError::Gap { expected: 4, .. }), "{error}");
    assert_eq!(contents(&database), before);
}

#[test]
fn a_unit_with_other_datasets_is_refused() {
    let bench = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), range(0, 3))]).unwrap();
    let error = database.load(&[unit_of(bench.folder(), range(3, 4), &[Dataset::Logs], 0)]).unwrap_err();
    assert!(matches!(error, LoadError::Datasets { .. }), "{error}");
    assert!(error.to_string().contains("logs"), "{error}");
}

#[test]
fn a_wrong_row_count_is_refused_and_nothing_is_published() {
    let bench = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), range(0, 3))]).unwrap();
    let before = contents(&database);

    let mut units = [unit(bench.folder(), range(3, 4)), unit(bench.folder(), range(4, 5))];
    units[1].0.segments.iter_mut().find(|segment| segment.dataset == Dataset::Traces).unwrap().rows += 1;
    let error = database.load(&units).unwrap_err();
    assert!(
        matches!(error, LoadError::RowCount { dataset: Dataset::Traces, expected: 17, found: 16, .. }),
        "{error}"
    );
    assert_eq!(contents(&database), before);
    drop(database);
    assert_eq!(contents(&bench.open()), before, "the transaction must not have been left open");
}

#[test]
fn a_missing_segment_is_named_and_nothing_is_published() {
    let bench = Workbench::new();
    let mut database = bench.open();
    let before = contents(&database);
    let (unit, folder) = unit(bench.folder(), range(0, 3));
    let logs = unit.segments.iter().find(|segment| segment.dataset == Dataset::Logs).unwrap();
    let file = folder.join(&logs.file_name);
    fs::remove_file(&file).unwrap();

    let error = database.load(&[(unit, folder)]).unwrap_err();
    assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    assert_eq!(contents(&database), before);
}

#[test]
fn folders_may_have_quotes_and_pattern_characters_in_their_names() {
    let bench = Workbench::new();
    let folder = bench.folder().join("it's [a] *chain*").join("kind=test");
    let spill = folder.join("wh?t \"now\"");
    fs::create_dir_all(&spill).unwrap();
    let path = folder.join("chain's.duckdb");
    let mut database = Database::open(&path, &options(&folder, 2)).unwrap();
    database.load(&[unit(&spill, range(0, 3))]).unwrap();
    assert_eq!(value(&database, "SELECT count(*) FROM blocks").as_deref(), Some("3"));
}

#[test]
fn rows_keep_their_order_whatever_the_number_of_threads() {
    let tables = |threads| {
        let bench = Workbench::new();
        let mut database = Database::open(&bench.database_path(), &options(bench.folder(), threads)).unwrap();
        let units: Vec<_> = (0..6).map(|i| unit(bench.folder(), range(50 * i, 50 * i + 50))).collect();
        database.load(&units).unwrap();
        contents(&database)
    };
    let one = tables(1);
    assert_eq!(tables(4), one);
    let numbers: Vec<u64> = one[0].rows.iter().map(|row| row[0].as_ref().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (0..300).collect::<Vec<_>>());
}

#[test]
fn several_loads_with_checkpoints_in_between_give_the_same_tables_as_one() {
    let (at_once, step_by_step) = (Workbench::new(), Workbench::new());
    let units =
        |bench: &Workbench| (0..4).map(|i| unit(bench.folder(), range(2 * i, 2 * i + 2))).collect::<Vec<_>>();
    let mut one = at_once.open();
    one.load(&units(&at_once)).unwrap();
    let mut many = step_by_step.open();
    for unit in units(&step_by_step) {
        many.load(&[unit]).unwrap();
        many.checkpoint_file().unwrap();
    }
    assert_eq!(contents(&many), contents(&one));
}
