//! Blocks go in and come out again.

use crate::samples::{block, empty, empty_block, open};
use blockmill_chain::BlockRange;
use blockmill_store::{Batch, StoredBlock};
use proptest::prelude::*;

fn put(mut batch: Batch<'_>, blocks: &[StoredBlock]) {
    for block in blocks {
        batch.put_block(block).unwrap();
    }
    batch.commit().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_block_is_read_as_it_was_written(stored in block()) {
        let (_folder, store) = empty();
        put(store.batch(), std::slice::from_ref(&stored));
        let (number, hash) = (stored.block.number(), stored.block.hash);
        prop_assert_eq!(store.header(number).unwrap(), Some(stored.block.header().clone()));
        prop_assert_eq!(store.block_hash(number).unwrap(), Some(hash));
        prop_assert_eq!(store.number_of(hash).unwrap(), Some(number));
        prop_assert_eq!(store.transaction_senders(number).unwrap(), Some(stored.block.senders.clone()));
        prop_assert_eq!(store.block(number).unwrap(), Some(stored));
    }
}

#[test]
fn an_empty_store_has_no_blocks() {
    let (_folder, store) = empty();
    assert_eq!(store.block(0).unwrap(), None);
    assert_eq!(store.last_block().unwrap(), None);
    assert_eq!(store.source_checkpoint().unwrap(), None);
    assert_eq!(store.numbers(BlockRange::new(0, u64::MAX)).count(), 0);
}

#[test]
fn the_numbers_of_a_range_skip_its_gaps() {
    let (_folder, store) = empty();
    put(store.batch(), &[1000, 3, 255, 256].map(empty_block));
    let numbers =
        |start, end| store.numbers(BlockRange::new(start, end)).map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(numbers(0, 2000), [3, 255, 256, 1000]);
    assert_eq!(numbers(4, 1000), [255, 256]);
    assert!(numbers(300, 300).is_empty());
    assert_eq!(store.last_block().unwrap(), Some(1000));
}

#[test]
fn a_block_that_replaces_another_takes_its_hash_away() {
    let (_folder, store) = empty();
    let first = empty_block(7);
    let mut second = empty_block(7);
    second.block.block.header.gas_limit = 1;
    second.block.hash = second.block.block.header.hash_slow();
    put(store.batch(), std::slice::from_ref(&first));
    put(store.batch(), std::slice::from_ref(&second));
    assert_eq!(store.number_of(first.block.hash).unwrap(), None);
    assert_eq!(store.number_of(second.block.hash).unwrap(), Some(7));
    assert_eq!(store.block(7).unwrap(), Some(second));
}

#[test]
fn a_batch_that_is_dropped_writes_nothing() {
    let (folder, store) = empty();
    let mut batch = store.batch();
    batch.put_block(&empty_block(1)).unwrap();
    batch.set_source_checkpoint(1);
    assert!(batch.bytes() > 500, "the rows are in the batch");
    drop(batch);
    assert_eq!(store.block(1).unwrap(), None);
    store.finish().unwrap();
    let store = open(folder.path());
    assert_eq!((store.last_block().unwrap(), store.source_checkpoint().unwrap()), (None, None));
}

#[test]
fn a_reopened_store_has_everything_that_was_committed() {
    let (folder, store) = empty();
    put(store.batch(), &[1, 2].map(empty_block));
    let mut batch = store.batch();
    batch.set_source_checkpoint(2);
    batch.commit_synced().unwrap();
    // Once out of the log, once out of the tables.
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.block(2).unwrap(), Some(empty_block(2)));
    store.finish().unwrap();
    let store = open(folder.path());
    assert_eq!(store.block(1).unwrap(), Some(empty_block(1)));
    assert_eq!(store.source_checkpoint().unwrap(), Some(2));
}
