//! Change sets come and go.

use crate::samples::{empty, open, witness};
use blockmill_chain::{BlockRange, ChangeSet};
use blockmill_store::Store;
use proptest::prelude::*;

fn put(store: &Store, numbers: &[u64]) {
    let mut batch = store.batch();
    for &number in numbers {
        batch.put_change_set(number, &ChangeSet::default());
    }
    batch.commit().unwrap();
}

fn delete(store: &Store, start: u64, end: u64) {
    let mut batch = store.batch();
    batch.delete_change_sets(BlockRange::new(start, end)).unwrap();
    batch.commit().unwrap();
}

fn kept(store: &Store) -> Vec<u64> {
    (0..300).filter(|&number| store.change_set(number).unwrap().is_some()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_change_set_is_read_as_it_was_written(reads in witness()) {
        let (folder, store) = empty();
        let set = ChangeSet { accounts: reads.accounts };
        let mut batch = store.batch();
        batch.put_change_set(7, &set);
        batch.commit().unwrap();
        store.finish().unwrap();
        prop_assert_eq!(open(folder.path()).change_set(7).unwrap(), Some(set));
    }
}

#[test]
fn the_oldest_is_the_lowest_that_is_kept() {
    let (_folder, store) = empty();
    assert_eq!(store.oldest_change_set().unwrap(), None);
    put(&store, &[256, 255, 257]);
    assert_eq!(store.oldest_change_set().unwrap(), Some(255));
    delete(&store, 0, 256);
    assert_eq!(store.oldest_change_set().unwrap(), Some(256));
    delete(&store, 0, u64::MAX);
    assert_eq!(store.oldest_change_set().unwrap(), None);
}

#[test]
fn a_range_is_deleted_without_its_end() {
    let (_folder, store) = empty();
    put(&store, &[1, 2, 3, 255, 256]);
    delete(&store, 2, 255);
    assert_eq!(kept(&store), [1, 255, 256]);
    delete(&store, 3, 3);
    assert_eq!(kept(&store), [1, 255, 256]);
}
