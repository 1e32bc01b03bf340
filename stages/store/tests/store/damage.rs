//! Damaged files are refused, not silently used.

use std::fs;
use std::path::{Path, PathBuf};

use crate::crash::log_of;
use crate::samples::{OPTIONS, empty, empty_block};
use blockmill_store::{Store, StoreError};

const BLOCKS: u64 = 300;

fn fill(store: &Store) {
    for number in 0..BLOCKS {
        let mut batch = store.batch();
        batch.put_block(&empty_block(number)).unwrap();
        batch.set_source_checkpoint(number);
        batch.commit().unwrap();
    }
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 0x40;
    fs::write(file, bytes).unwrap();
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.join("rocksdb")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// Reads everything; what is read must be what was written.
fn read_all(folder: &Path) -> Result<(), StoreError> {
    let store = Store::open(folder, OPTIONS)?;
    for number in 0..BLOCKS {
        let block = store.block(number)?;
        assert_eq!(block, Some(empty_block(number)), "damage was taken for data");
        assert_eq!(store.number_of(empty_block(number).block.hash)?, Some(number));
    }
    assert_eq!(store.source_checkpoint()?, Some(BLOCKS - 1));
    Ok(())
}

#[test]
fn a_flipped_byte_in_the_middle_of_the_log_refuses_to_open() {
    let (folder, store) = empty();
    fill(&store);
    drop(store);
    let log = log_of(folder.path());
    flip(&log, fs::metadata(&log).unwrap().len() as usize / 2);
    let error = read_all(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(error.to_string().contains("delete its folder and rebuild"), "{error}");
}

#[test]
fn a_flipped_byte_in_a_table_is_an_error_when_it_is_read() {
    let (folder, store) = empty();
    fill(&store);
    store.finish().unwrap();
    read_all(folder.path()).unwrap();
    for table in files(folder.path(), "sst") {
        let whole = fs::read(&table).unwrap();
        flip(&table, 20);
        let error = read_all(folder.path()).expect_err("the first data block of each table is read");
        assert!(error.to_string().contains("rebuild"), "{error}");
        fs::write(&table, whole).unwrap();
    }
    read_all(folder.path()).unwrap();
}

#[test]
fn a_table_that_is_missing_refuses_to_open() {
    let (folder, store) = empty();
    fill(&store);
    store.finish().unwrap();
    fs::remove_file(&files(folder.path(), "sst")[0]).unwrap();
    assert!(matches!(read_all(folder.path()), Err(StoreError::Open { .. })));
}

#[test]
fn a_truncated_file_list_refuses_to_open() {
    let (folder, store) = empty();
    fill(&store);
    store.finish().unwrap();
    fs::write(folder.path().join("rocksdb").join("CURRENT"), "").unwrap();
    assert!(matches!(read_all(folder.path()), Err(StoreError::Open { .. })));
}
