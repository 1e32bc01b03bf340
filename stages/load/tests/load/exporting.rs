//! Parquet files that hold what the tables hold.

use std::fs;
use std::path::Path;

use blockmill_chain::BlockRange;
use blockmill_load::{Database, ExportStats};
use blockmill_schemas::Dataset;

use crate::chain::unit;
use crate::{Workbench, value};

fn loaded(bench: &Workbench) -> Database {
    let mut database = bench.open();
    let ranges = [BlockRange::new(0, 3), BlockRange::new(3, 5)];
    database.load(&ranges.map(|range| unit(bench.folder(), range))).unwrap();
    database
}

/// The exported rows as a table of the query.
fn exported(folder: &Path, dataset: Dataset) -> String {
    format!("read_parquet('{}/{dataset}/*/*.parquet', hive_partitioning = true)", folder.display())
}

#[test]
fn exported_files_have_the_rows_of_the_tables_and_their_types() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let folder = bench.folder().join("export's");
    for dataset in Dataset::ALL {
        let stats = database.export(dataset, &folder, 2).unwrap();
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
    let stats = database.export(Dataset::Logs, &folder, 2).unwrap();
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
    let stale = folder.join("ommers/first_block=4");
    fs::create_dir_all(&stale).unwrap();
    fs::write(stale.join("rows.parquet"), "of another time").unwrap();
    let place = folder.join("ommers/first_block=2");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("rows.parquet"), "of another time").unwrap();
    fs::write(place.join("rows.parquet.partial"), "of a run that was killed").unwrap();
    let stats = database.export(Dataset::Ommers, &folder, 2).unwrap();
    assert_eq!((stats.files, stats.rows), (3, 1), "one block has an ommer");
    let empty = format!(
        "(SELECT * EXCLUDE (first_block) FROM read_parquet('{}'))",
        stale.join("rows.parquet").display()
    );
    let columns = |from: &str| database.columns_of(&format!("SELECT * FROM {from}")).unwrap();
    assert_eq!(columns(&empty), columns("ommers"));
    assert_eq!(value(&database, &format!("SELECT count(*) FROM {empty}")).as_deref(), Some("0"));
    let files: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["rows.parquet"]);
    let count = format!("SELECT count(*) FROM {}", exported(&folder, Dataset::Ommers));
    assert_eq!(value(&database, &count).as_deref(), Some("1"));
}

#[test]
fn what_was_not_loaded_is_not_exported() {
    let bench = Workbench::new();
    let database = bench.open();
    let folder = bench.folder().join("export");
    assert_eq!(database.export(Dataset::Blocks, &folder, 10).unwrap(), ExportStats::default());
    assert!(!folder.exists());
}
