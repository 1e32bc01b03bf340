//! Parquet files that hold what the tables hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use blockmill_chain::BlockRange;
use blockmill_load::{Database, ExportStats, ExportTable, LoadError};
use blockmill_schemas::Dataset;

use crate::chain::unit;
use crate::deriving::derive_tokens;
use crate::{Workbench, value};

fn loaded(bench: &Workbench) -> Database {
    let mut database = bench.open();
    let ranges = [BlockRange::new(0, 3), BlockRange::new(3, 5)];
    database.load(&ranges.map(|range| unit(bench.folder(), range))).unwrap();
    database
}

/// Exports these tables, and returns what was written of each.
fn export(
    database: &Database,
    folder: &Path,
    partition_blocks: u64,
    tables: &[ExportTable],
) -> Result<Vec<ExportStats>, Box<LoadError>> {
    let export = database.export(folder, partition_blocks)?;
    let written = tables.iter().map(|table| Ok(export.write(*table)?)).collect();
    export.publish()?;
    written
}

/// Exports one table.
fn export_one(database: &Database, folder: &Path, partition_blocks: u64, dataset: Dataset) -> ExportStats {
    export(database, folder, partition_blocks, &[ExportTable::Loaded(dataset)]).unwrap()[0]
}

/// The exported rows as a table of the query.
fn exported(folder: &Path, table: impl std::fmt::Display) -> String {
    format!("read_parquet('{}/{table}/**/*.parquet', hive_partitioning = true)", folder.display())
}

/// Every file below a folder, by its name inside it.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false => _ = found.insert(entry.strip_prefix(folder).unwrap().to_path_buf()),
            }
        }
    }
    found
}

/// Asserts that a folder has the rows of a table, each as often as the table.
#[track_caller]
fn assert_same_rows(database: &Database, folder: &Path, table: impl std::fmt::Display) {
    let of_table = format!("SELECT columns(*)::VARCHAR FROM {table}");
    let from = exported(folder, &table);
    let is_loaded = Dataset::by_name(&table.to_string()).is_some();
    let exclude = if is_loaded { " EXCLUDE (first_block)" } else { "" };
    let of_files = format!("SELECT columns(*)::VARCHAR FROM (SELECT *{exclude} FROM {from})");
    for (some, others) in [(&of_table, &of_files), (&of_files, &of_table)] {
        let missing = value(database, &format!("SELECT count(*) FROM ({some} EXCEPT ALL {others})"));
        assert_eq!(missing.as_deref(), Some("0"), "{table}");
    }
}

#[test]
fn exported_files_have_the_rows_of_the_tables_and_their_types() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let folder = bench.folder().join("export's");
    for dataset in Dataset::ALL {
        let stats = export_one(&database, &folder, 2, dataset);
        let rows = value(&database, &format!("SELECT count(*) FROM {dataset}")).unwrap();
        assert_eq!(stats.rows.to_string(), rows, "{dataset}");
        let files = exported(&folder, dataset).replace("export's", "export''s");
        let text = |from: &str| format!("SELECT columns(*)::VARCHAR FROM {from}");
        let exported = text(&format!("(SELECT * EXCLUDE (first_block) FROM {files})"));
        for (some, others) in [(text(dataset.name()), &exported), (exported.clone(), &text(dataset.name()))] {
            let missing = value(&database, &format!("SELECT count(*) FROM ({some} EXCEPT ALL {others})"));
            assert_eq!(missing.as_deref(), Some("0"), "{dataset}");
        }
        let types = |from: &str| database.columns_of(&format!("SELECT * FROM {from}")).unwrap();
        let of_table = types(dataset.name()).into_iter().map(|(name, of)| {
            // Parquet has no ENUM.
            let plain = if of.starts_with("ENUM") { "VARCHAR".to_owned() } else { of };
            (name, plain)
        });
        let of_files = types(&files).into_iter().filter(|(name, _)| name != "first_block");
        assert!(of_table.eq(of_files), "{dataset}");
    }
}

#[test]
fn a_file_holds_so_many_blocks_and_keeps_their_order() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let folder = bench.folder().join("export");
    let stats = export_one(&database, &folder, 2, Dataset::Logs);
    assert_eq!((stats.files, stats.rows), (3, 28));
    let mut partitions: Vec<_> =
        fs::read_dir(folder.join("logs")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    partitions.sort();
    assert_eq!(partitions, ["first_block=0", "first_block=2", "first_block=4"]);
    let files = exported(&folder, Dataset::Logs);
    let strays = format!("SELECT count(*) FROM {files} WHERE block_number // 2 * 2 <> first_block");
    assert_eq!(value(&database, &strays).as_deref(), Some("0"));
    let found = database.query_text(&format!("SELECT block_number, log_index FROM {files}")).unwrap();
    let numbers = |row: &Vec<Option<String>>| -> Vec<u64> {
        row.iter().map(|number| number.as_deref().unwrap().parse().unwrap()).collect()
    };
    assert!(found.rows.iter().map(numbers).is_sorted());
}

#[test]
fn blocks_without_rows_have_a_file_with_their_columns_and_what_was_there_is_replaced() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let folder = bench.folder().join("export");
    // As an earlier version named its files, and as a killed run of it left them.
    for stale in ["ommers/first_block=4", "ommers/first_block=2", "ommers/first_block=6"] {
        fs::create_dir_all(folder.join(stale)).unwrap();
        fs::write(folder.join(stale).join("rows.parquet"), "of another time").unwrap();
        fs::write(folder.join(stale).join("rows.parquet.partial"), "of a run that was killed").unwrap();
    }
    let stats = export_one(&database, &folder, 2, Dataset::Ommers);
    assert_eq!((stats.files, stats.rows), (3, 1), "one block has an ommer");
    let left = files(&folder);
    let of_four: Vec<_> = left.iter().filter(|file| file.starts_with("ommers/first_block=4")).collect();
    assert_eq!((left.len(), of_four.len()), (3, 1), "{left:?}");
    let empty = format!(
        "(SELECT * EXCLUDE (first_block) FROM read_parquet('{}'))",
        folder.join(of_four[0]).display()
    );
    let columns = |from: &str| database.columns_of(&format!("SELECT * FROM {from}")).unwrap();
    assert_eq!(columns(&empty), columns("ommers"));
    assert_eq!(value(&database, &format!("SELECT count(*) FROM {empty}")).as_deref(), Some("0"));
    assert_same_rows(&database, &folder, Dataset::Ommers);
}

#[test]
fn what_was_not_loaded_is_not_exported() {
    let bench = Workbench::new();
    let database = bench.open();
    assert_eq!(database.exportable().unwrap(), []);
    let folder = bench.folder().join("export");
    assert_eq!(export_one(&database, &folder, 10, Dataset::Blocks), ExportStats::default());
    assert_eq!(files(&folder), BTreeSet::new());
}

#[test]
fn a_folder_holds_the_last_export_and_nothing_of_earlier_ones() {
    let bench = Workbench::new();
    let mut database = loaded(&bench);
    let folder = bench.folder().join("export");
    let some = [Dataset::Blocks, Dataset::Logs, Dataset::Traces];
    let tables = some.map(ExportTable::Loaded);
    export(&database, &folder, 2, &tables).unwrap();
    let before = files(&folder);
    export(&database, &folder, 2, &tables).unwrap();
    assert_eq!(files(&folder), before, "the same rows have the same names");
    for partition_blocks in [3, 1, 100, 2] {
        let stats = export(&database, &folder, partition_blocks, &tables).unwrap();
        assert_eq!(files(&folder).len() as u64, stats.iter().map(|stats| stats.files).sum::<u64>());
        some.iter().for_each(|dataset| assert_same_rows(&database, &folder, dataset));
    }
    assert_eq!(database.truncate(3).unwrap(), Some(3));
    export(&database, &folder, 2, &tables).unwrap();
    some.iter().for_each(|dataset| assert_same_rows(&database, &folder, dataset));
    let export = database.export(&folder, 2).unwrap();
    export.write(tables[1]).unwrap();
    assert_eq!(export.publish().unwrap(), [tables[0], tables[2]]);
    assert!(files(&folder).iter().all(|file| file.starts_with("logs")), "{:?}", files(&folder));
    assert_eq!(database.truncate(0).unwrap(), None);
    database.export(&folder, 2).unwrap().publish().unwrap();
    assert_eq!(files(&folder), BTreeSet::new());
}

#[test]
fn derived_tables_are_exported_as_a_file_each() {
    let bench = Workbench::new();
    let mut database = loaded(&bench);
    database.set_meta("kind", "chain").unwrap();
    database.derive(|_| {}).unwrap();
    derive_tokens(&mut database);
    let folder = bench.folder().join("export");
    let derived: Vec<_> = database.exportable().unwrap().into_iter().skip(Dataset::ALL.len()).collect();
    let names: Vec<_> = derived.iter().map(ExportTable::name).collect();
    assert_eq!(names, ["account_balances", "erc20_balances", "daily_stats", "contract_stats", "tokens"]);
    for _round in ["first", "again"] {
        let stats = export(&database, &folder, 2, &derived).unwrap();
        assert!(stats.iter().all(|stats| stats.files == 1 && stats.rows > 0), "{stats:?}");
        names.iter().for_each(|name| assert_same_rows(&database, &folder, name));
    }
    assert_eq!(files(&folder).len(), 5);
}

#[test]
fn files_that_export_did_not_write_stay_where_they_are() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let folder = bench.folder().join("export");
    export(&database, &folder, 2, &[Dataset::Logs, Dataset::Blocks].map(ExportTable::Loaded)).unwrap();
    let others = [
        "README",
        "mine/a.parquet",
        "logs/notes",
        "logs/first_block=0/notes",
        "logs/rows.parquet",
        "blocks/a/b/c",
    ];
    for other in others {
        fs::create_dir_all(folder.join(other).parent().unwrap()).unwrap();
        fs::write(folder.join(other), other).unwrap();
    }
    for partition_blocks in [2, 3] {
        let stats = export_one(&database, &folder, partition_blocks, Dataset::Logs);
        assert!(others.iter().all(|other| fs::read_to_string(folder.join(other)).unwrap() == *other));
        assert_eq!(files(&folder).len(), others.len() + stats.files as usize);
    }
    fs::write(folder.join("traces"), "a file").unwrap();
    let refused = export(&database, &folder, 2, &[ExportTable::Loaded(Dataset::Traces)]).unwrap_err();
    assert!(matches!(*refused, LoadError::ExportInTheWay { .. }), "{refused}");
    assert_eq!(fs::read_to_string(folder.join("traces")).unwrap(), "a file");
    let beside: Vec<_> =
        fs::read_dir(bench.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| !name.to_string_lossy().contains("blockmill-export")), "{beside:?}");
}

#[test]
fn a_folder_takes_one_export_at_a_time() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let folder = bench.folder().join("export");
    let first = database.export(&folder, 2).unwrap();
    assert!(matches!(database.export(&folder, 2), Err(LoadError::ExportInUse { .. })));
    drop(first);
    database.export(&folder, 2).unwrap();
}

#[test]
fn a_reader_sees_no_row_twice_and_no_block_in_part_while_exports_go_on() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let folder = bench.folder().join("export");
    export_one(&database, &folder, 1, Dataset::Traces);
    let by_block = |table: &str| {
        format!("SELECT block_number, count(*), count(error) FROM {table} GROUP BY block_number ORDER BY ALL")
    };
    let expected = database.query_text(&by_block("traces")).unwrap().rows;
    let is_done = AtomicBool::new(false);
    let (read, whole) = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let reader = Workbench::new();
            let (database, mut read, mut whole) = (reader.open(), 0, 0);
            let rows = by_block(&exported(&folder, Dataset::Traces));
            while !is_done.load(Ordering::Relaxed) {
                // One that finds what it has listed replaced has to read again.
                let Ok(found) = database.query_text(&rows) else { continue };
                // One that lists while folders change places finds some of the new partitions.
                assert!(found.rows.iter().all(|row| expected.contains(row)), "{:?}", found.rows);
                read += 1;
                whole += u32::from(found.rows == expected);
            }
            database.finish().unwrap();
            (read, whole)
        });
        for round in 0..40 {
            export_one(&database, &folder, [2, 5, 1, 3][round % 4], Dataset::Traces);
        }
        is_done.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(read > 0 && whole * 2 > read, "{whole} of {read}");
}
