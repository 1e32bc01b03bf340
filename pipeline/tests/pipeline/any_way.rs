//! The tables are the same however they are made: whatever the threads, the budget, the slices, the queues, and where a
//! run was stopped and by which other one it was finished.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use blockmill_chain::{BlockRange, Cancel, Monitor, Progress, StageId};
use blockmill_pipeline::{ByteSize, QueueLimits, Settings, SliceSize, UnitLimits, rebuild};
use blockmill_testkit::vectors;
use proptest::prelude::*;

use crate::harness::{Workplace, run};

/// How a run goes about its work, and the report of progress at which it is stopped.
#[derive(Debug, Clone, Copy)]
struct Way {
    threads: usize,
    memory_mib: u64,
    slice_blocks: u64,
    queue_bytes: u64,
    stops_at: u64,
}

fn way() -> impl Strategy<Value = Way> {
    let memory_mib = prop_oneof![Just(400), Just(1_024), Just(3_000)];
    let queue_bytes = prop_oneof![Just(1), 1_000..50_000u64, Just(1 << 30)];
    (1..4usize, memory_mib, 1..60u64, queue_bytes, 1..400u64).prop_map(
        |(threads, memory_mib, slice_blocks, queue_bytes, stops_at)| Way {
            threads,
            memory_mib,
            slice_blocks,
            queue_bytes,
            stops_at,
        },
    )
}

/// A chain that crosses every fork, in a dozen units.
fn chain(place: &Workplace) -> Option<Settings> {
    let units = UnitLimits { blocks: 7, gas: 12_000_000 };
    Some(Settings { units, ..place.chain("execution-apis")? })
}

fn settings(place: &Workplace, way: Way) -> Settings {
    let bytes = way.queue_bytes;
    Settings {
        threads: way.threads,
        memory: ByteSize(way.memory_mib << 20),
        slices: SliceSize { blocks: way.slice_blocks, gas: u64::MAX, time: Duration::from_secs(60) },
        queues: QueueLimits { read_ahead_bytes: bytes, witness_bytes: bytes, sealed_bytes: bytes },
        ..chain(place).expect("the vectors were there before")
    }
}

/// Stops the run at its n-th report of progress.
struct StopAt<'a> {
    left: AtomicU64,
    cancel: &'a Cancel,
}

impl Monitor for StopAt<'_> {
    fn started(&self, _: StageId, _: BlockRange) {}

    fn advanced(&self, _: StageId, _: Progress) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.cancel.cancel();
        }
    }

    fn note(&self, _: StageId, _: &str) {}
}

type Contents = std::collections::BTreeMap<String, blockmill_load::TextRows>;

/// The tables of an uninterrupted run with one thread.
fn expected() -> &'static Contents {
    static EXPECTED: OnceLock<Contents> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let place = Workplace::new();
        run(&Settings { threads: 1, ..chain(&place).unwrap() }).unwrap();
        place.tables().contents()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_leads_to_the_same_tables(ways in proptest::collection::vec(way(), 1..4)) {
        if vectors::require("chains/execution-apis").is_none() {
            return Ok(());
        }
        let place = Workplace::new();
        for way in &ways {
            let cancel = Cancel::default();
            let monitor = StopAt { left: AtomicU64::new(way.stops_at), cancel: &cancel };
            rebuild(&settings(&place, *way), &cancel, &monitor).unwrap();
        }
        run(&settings(&place, ways[0])).unwrap();
        prop_assert!(place.tables().contents() == *expected(), "other tables after {ways:?}");
        prop_assert!(place.tables().broken_checks().is_empty());
        let left = std::fs::read_dir(place.data_dir().join("spill/units")).unwrap().count();
        prop_assert_eq!((left, place.store().witness_bytes()), (0, 0));
    }
}
