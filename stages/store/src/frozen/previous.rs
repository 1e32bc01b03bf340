//! Format 1, which is upgraded when it is opened.

use std::fs;
use std::path::Path;

use rocksdb::{Cache, ColumnFamilyDescriptor, DB};

use super::*;
use crate::{TrieState, options};

/// The families that format 1 lacked.
const NEW: [Family; 3] = [Family::AccountBranches, Family::StorageBranches, Family::ChangeSets];
/// `root_checkpoint`, a row that the fixture lacks and a store of format 1 may have.
const ROOT_CHECKPOINT: &str = "meta 726f6f745f636865636b706f696e74 0000000000000101";

/// A folder as the program that knew format 1 left it.
fn folder_of_format_1() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new_hyper_clock_cache(OPTIONS.cache_bytes(), 0);
    let old = Family::ALL.into_iter().filter(|family| !NEW.contains(family));
    let columns = old
        .map(|family| ColumnFamilyDescriptor::new(family.name(), options::family(family, OPTIONS, &cache)));
    let path = folder.path().join("rocksdb");
    let db = DB::open_cf_descriptors(&options::database(OPTIONS), path, columns).unwrap();
    for row in rows(FORMAT_1).chain(rows(ROOT_CHECKPOINT)) {
        let (family, key, value) = row;
        db.put_cf(db.cf_handle(family.name()).unwrap(), key, value).unwrap();
    }
    fs::write(folder.path().join("format"), "1\n").unwrap();
    folder
}

fn format_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("format")).unwrap()
}

#[test]
fn a_store_of_format_1_is_upgraded_when_it_is_opened() {
    let folder = folder_of_format_1();
    for _ in 0..2 {
        let store = Store::open(folder.path(), OPTIONS).unwrap();
        assert_eq!(format_of(folder.path()), "2\n");
        assert_flat_rows(&store);
        assert_eq!(store.trie_state().unwrap(), TrieState::Absent);
        assert_eq!(store.oldest_change_set().unwrap(), None);
        assert_eq!(dump(&store), FORMAT_1, "root_checkpoint is gone, all else is as it was");
    }
}

#[test]
fn an_upgrade_that_was_interrupted_is_finished() {
    let folder = folder_of_format_1();
    drop(Store::open(folder.path(), OPTIONS).unwrap());
    fs::write(folder.path().join("format"), "1\n").unwrap();
    fs::write(folder.path().join("format.tmp"), "").unwrap();
    let store = Store::open(folder.path(), OPTIONS).unwrap();
    assert_eq!(format_of(folder.path()), "2\n");
    assert_flat_rows(&store);
}

#[test]
fn the_hashed_rows_of_format_1_make_way_for_a_rebuild() {
    let folder = folder_of_format_1();
    let store = Store::open(folder.path(), OPTIONS).unwrap();
    assert!(store.hashed_accounts().next().unwrap().is_err(), "accounts without a storage root");
    store.begin_trie_rebuild().unwrap();
    assert_eq!((store.hashed_accounts().count(), store.hashed_slots().count()), (0, 0));
    assert_flat_rows(&store);
}
