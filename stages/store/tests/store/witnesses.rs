//! Witnesses come and go, and their bytes are counted.

use std::collections::BTreeMap;

use crate::samples::{empty, open, witness, witness_of};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_witness_is_read_as_it_was_written(reads in witness()) {
        let (_folder, store) = empty();
        let mut batch = store.batch();
        prop_assert_eq!(batch.put_witness(5, &reads), reads.encode().len());
        batch.commit().unwrap();
        prop_assert_eq!(store.witness(5).unwrap(), Some(reads));
        prop_assert_eq!(store.witness(6).unwrap(), None);
    }

    #[test]
    fn the_bytes_of_witnesses_are_counted_over_puts_and_prunes(
        batches in vec((vec((0u64..8, 1u8..9, any::<bool>()), 1..6), any::<bool>()), 1..8),
    ) {
        let (folder, mut store) = empty();
        let mut kept = BTreeMap::new();
        for (steps, reopen) in batches {
            let mut batch = store.batch();
            for (number, accounts, prune) in steps {
                if prune {
                    batch.prune_witnesses([number, number + 100]);
                    kept.remove(&number);
                } else {
                    kept.insert(number, batch.put_witness(number, &witness_of(accounts)) as u64);
                }
            }
            batch.commit().unwrap();
            if reopen {
                drop(store);
                store = open(folder.path());
            }
            prop_assert_eq!(store.witness_bytes(), kept.values().sum::<u64>());
            for number in 0..8 {
                prop_assert_eq!(store.witness(number).unwrap().is_some(), kept.contains_key(&number));
            }
        }
    }
}

#[test]
fn two_threads_that_put_and_prune_lose_no_byte() {
    const BLOCKS: u64 = 200;
    let (_folder, store) = empty();
    let put = |numbers: std::ops::Range<u64>| {
        for number in numbers {
            let mut batch = store.batch();
            batch.put_witness(number, &witness_of(2));
            batch.commit().unwrap();
        }
    };
    let prune = |numbers: std::ops::Range<u64>| {
        for number in numbers {
            let mut batch = store.batch();
            batch.prune_witnesses([number]);
            batch.commit().unwrap();
        }
    };
    put(0..BLOCKS);
    std::thread::scope(|threads| {
        threads.spawn(|| put(BLOCKS..2 * BLOCKS));
        threads.spawn(|| prune(0..BLOCKS));
    });
    assert_eq!(store.witness_bytes(), BLOCKS * witness_of(2).encode().len() as u64);
}

#[test]
fn a_dropped_batch_does_not_count() {
    let (_folder, store) = empty();
    let mut batch = store.batch();
    batch.put_witness(1, &witness_of(3));
    drop(batch);
    assert_eq!(store.witness_bytes(), 0);
}
