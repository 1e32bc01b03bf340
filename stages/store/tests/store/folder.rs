//! What a folder must be, and who may open it.

use std::fs;

use crate::samples::{OPTIONS, empty, empty_block, open};
use alloy::primitives::B256;
use blockmill_store::{Identity, Store, StoreError, StoreKind, StoreOptions};

#[test]
fn a_second_open_is_refused_and_names_the_process() {
    let (folder, store) = empty();
    let error = Store::open(folder.path(), OPTIONS).unwrap_err();
    assert!(
        matches!(&error, StoreError::Locked { pid, .. } if *pid == std::process::id().to_string()),
        "{error}"
    );
    drop(store);
    open(folder.path());
}

#[test]
fn a_lock_file_left_behind_does_not_lock() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lock"), "99999999 and more text than any process id has").unwrap();
    open(folder.path());
    assert_eq!(
        fs::read_to_string(folder.path().join("lock")).unwrap().trim(),
        std::process::id().to_string()
    );
}

#[test]
fn another_format_is_refused_and_left_as_it_is() {
    let (folder, store) = empty();
    drop(store);
    let format = folder.path().join("format");
    for other in ["0", "2", "12", "", "nonsense"] {
        fs::write(&format, other).unwrap();
        let error = Store::open(folder.path(), OPTIONS).unwrap_err();
        assert!(matches!(&error, StoreError::Format { found, .. } if found == other), "{error}");
        assert!(error.to_string().contains("rebuild into an empty folder"), "{error}");
        assert_eq!(fs::read_to_string(&format).unwrap(), other);
    }
}

#[test]
fn a_database_without_a_format_is_not_a_store() {
    let (folder, store) = empty();
    drop(store);
    fs::remove_file(folder.path().join("format")).unwrap();
    assert!(matches!(Store::open(folder.path(), OPTIONS), Err(StoreError::NotAStore { .. })));
}

#[test]
fn a_folder_that_cannot_be_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("occupied");
    fs::write(&file, "").unwrap();
    let error = Store::open(&file, OPTIONS).unwrap_err().to_string();
    assert!(error.contains("occupied") && error.contains("may write"), "{error}");
}

#[test]
fn a_creation_that_was_interrupted_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("format"), "1\n").unwrap();
    fs::write(folder.path().join("format.tmp"), "").unwrap();
    fs::create_dir(folder.path().join("rocksdb")).unwrap();
    assert_eq!(open(folder.path()).last_block().unwrap(), None);
    assert_eq!(fs::read_to_string(folder.path().join("format")).unwrap(), "1\n");
}

#[test]
fn too_little_memory_is_refused_with_the_least_that_works() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open(folder.path(), StoreOptions { budget_bytes: 1 << 20 }).unwrap_err().to_string();
    assert!(error.contains("16777216"), "{error}");
}

#[test]
fn the_identity_is_read_as_it_was_written() {
    for kind in [StoreKind::Chain, StoreKind::Witnesses] {
        let (folder, store) = empty();
        assert_eq!(store.identity().unwrap(), None);
        let identity = Identity {
            chain_id: u64::MAX,
            genesis_hash: B256::repeat_byte(7),
            kind,
            first_block: 15_000_000,
        };
        let mut batch = store.batch();
        batch.put_identity(&identity);
        batch.commit().unwrap();
        drop(store);
        assert_eq!(open(folder.path()).identity().unwrap(), Some(identity));
    }
}

#[test]
fn memory_stays_within_the_budget() {
    let (_folder, store) = empty();
    for number in 0..20_000 {
        let mut batch = store.batch();
        batch.put_block(&empty_block(number)).unwrap();
        batch.commit().unwrap();
    }
    for number in 0..20_000 {
        assert!(store.block(number).unwrap().is_some());
    }
    let memory = store.memory().unwrap();
    assert!(memory.memtable_bytes > 0 && memory.cache_bytes > 0, "{memory:?}");
    assert!(memory.total_bytes() <= OPTIONS.budget_bytes as u64, "{memory:?}");
}
