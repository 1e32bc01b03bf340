//! A store that is opened to be read: beside no writer, beside one, and what it keeps away.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use alloy::primitives::Address;
use blockmill_chain::{Account, BlockChanges, StateReader};
use blockmill_store::{Store, StoreError};

use crate::samples::{OPTIONS, empty, empty_block, open};

fn put(store: &Store, number: u64) -> Result<(), StoreError> {
    let mut batch = store.batch();
    batch.put_block(&empty_block(number))?;
    batch.commit()
}

fn files(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let metadata = path.metadata().unwrap();
        if metadata.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path, (metadata.len(), metadata.modified().unwrap()));
        }
    }
    found
}

#[test]
fn reading_changes_nothing_and_cannot_write() {
    let (folder, store) = empty();
    put(&store, 1).unwrap();
    // Not flushed: the row is in the log only.
    drop(store);
    let before = files(folder.path());
    let store = Store::open_to_read(folder.path(), OPTIONS).unwrap();
    assert!(store.block(1).unwrap().is_some());
    assert_eq!(store.writer(), None);
    assert!(matches!(put(&store, 2), Err(StoreError::Write { .. })));
    drop(store);
    assert_eq!(files(folder.path()), before);
}

/// RocksDB has such a log in its file list, and read it through a null pointer.
#[test]
fn a_log_that_was_full_and_synced_when_the_process_was_killed_is_read() {
    let (folder, store) = empty();
    put(&store, 1).unwrap();
    for round in 0..20_u64 {
        // More than the memtable of the family: another log is begun, and the first is still needed for the block.
        let account =
            |number| (Address::left_padding_from(&u64::to_be_bytes(number)), Some(Account::default()));
        let accounts = (round * 5_000..(round + 1) * 5_000).map(account).collect();
        let mut batch = store.batch();
        batch.put_changes(&BlockChanges { accounts, ..BlockChanges::default() }).unwrap();
        batch.commit().unwrap();
    }
    let mut batch = store.batch();
    batch.put_block(&empty_block(2)).unwrap();
    batch.commit_synced().unwrap();
    drop(store);
    let store = Store::open_to_read(folder.path(), OPTIONS).unwrap();
    assert!([1, 2].into_iter().all(|number| store.block(number).unwrap().is_some()));
    let last = Address::left_padding_from(&u64::to_be_bytes(99_999));
    assert_eq!(store.account(last).unwrap(), Some(Account::default()));
}

#[test]
fn what_is_no_store_is_not_made_one() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open_to_read(folder.path(), OPTIONS).unwrap_err();
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    fs::write(folder.path().join("format"), "2\n").unwrap();
    let error = Store::open_to_read(folder.path(), OPTIONS).unwrap_err();
    assert!(matches!(error, StoreError::Format { .. }), "{error}");
}

#[test]
fn beside_a_writer_it_is_as_it_was_when_it_was_opened() {
    let (folder, store) = empty();
    put(&store, 1).unwrap();
    let reader = Store::open_to_read(folder.path(), OPTIONS).unwrap();
    assert_eq!(reader.writer(), Some(std::process::id().to_string().as_str()));
    put(&store, 2).unwrap();
    assert!(reader.block(1).unwrap().is_some());
    assert!(reader.block(2).unwrap().is_none());
    // Rows that were in the log are in a file now.
    store.flush_in_background().unwrap();
    assert!(reader.block(1).unwrap().is_some());
    assert!(matches!(put(&reader, 3), Err(StoreError::Write { .. })));
    drop(reader);
    let reader = Store::open_to_read(folder.path(), OPTIONS).unwrap();
    assert!(reader.block(2).unwrap().is_some());
    put(&store, 3).unwrap();
}

#[test]
fn a_writer_waits_for_a_short_look_and_is_told_of_a_long_one() {
    let (folder, store) = empty();
    drop(store);
    let readers = [0, 1].map(|_| Store::open_to_read(folder.path(), OPTIONS).unwrap());
    let error = Store::open(folder.path(), OPTIONS).unwrap_err();
    assert!(matches!(error, StoreError::Readers { .. }), "{error}");
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            drop(readers);
        });
        open(folder.path());
    });
}

#[test]
fn what_a_writer_moves_from_its_log_into_files_is_missed_by_no_reader() {
    let (folder, store) = empty();
    for number in 0..40 {
        put(&store, number).unwrap();
        store.flush_in_background().unwrap();
        let reader = Store::open_to_read(folder.path(), OPTIONS).unwrap();
        let missed = (0..=number).find(|number| reader.block(*number).unwrap().is_none());
        assert_eq!(missed, None, "of {number} blocks");
    }
}
