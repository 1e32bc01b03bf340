//! Executing real blocks, one core. The bare loop and our replay from witnesses: all 46. The slices of our execute stage,
//! with header checks and witnesses made: the 36 from Byzantium on, beside the bare loop over these, on a store of a
//! million accounts and five million slots around what the blocks read. The files are in the operating system's cache in all
//! lanes; of what RocksDB keeps itself
//!
//! - warm: everything that the blocks read is there, and four times more would fit;
//! - cold: nothing is there, the store was just opened; everything would fit;
//! - ten times the cache: the budget for the store is so small that its cache holds a tenth of the unpacked state.

use std::path::Path;
use std::thread;
use std::time::Duration;

use blockmill_benches::{
    Amount, BareLoop, Comparison, RandomState, RealBlocks, RealStates, Replay, bytes_below, is_smoke_test,
};
use blockmill_store::{Store, StoreOptions};
use blockmill_testkit::folder;
use criterion::{Criterion, criterion_group, criterion_main};

const ACCOUNTS: u64 = 1_000_000;
const SLOTS: u64 = 5_000_000;
/// A compaction writes something within this time.
const QUIET: Duration = Duration::from_secs(1);
/// A smoke test takes so many times less.
const SMOKE: u64 = 50;
const ROOMY: StoreOptions = StoreOptions { budget_bytes: 2 << 30 };
/// Unpacked, rows of accounts take about 90 bytes and rows of slots 65, 415 MB together; two thirds of a budget are cache.
const TENTH: StoreOptions = StoreOptions { budget_bytes: 60 << 20 };

fn open(path: &Path, options: StoreOptions) -> Store {
    Store::open(path, options).expect("the store opens")
}

/// Waits until RocksDB has compacted what was written: it would take the second core, and new files are not in the cache.
fn settle(folder: &Path) {
    let mut before = bytes_below(folder);
    loop {
        thread::sleep(QUIET);
        let now = bytes_below(folder);
        if now == before {
            break;
        }
        before = now;
    }
}

/// A store with the state, written out.
fn write_store(path: &Path, blocks: &RealBlocks, states: &RealStates<'_>) {
    let part = if is_smoke_test() { SMOKE } else { 1 };
    let random = RandomState { accounts: ACCOUNTS / part, slots: SLOTS / part, largest: blocks.contracts() };
    let store = open(path, ROOMY);
    random.write(&store).expect("the store can be written");
    states.write(&store).expect("the store can be written");
    store.finish().expect("the store can be written");
    let store = open(path, ROOMY);
    settle(path);
    drop(store);
}

/// The time with rows of the state in no cache of ours: that of the store has what it has.
fn without_rows(store: &Store, states: &RealStates<'_>) -> Duration {
    states.time_of_execution(store, &RealStates::empty_cache())
}

/// In memory: all blocks.
fn replay(criterion: &mut Criterion, blocks: &RealBlocks) {
    let bare = BareLoop::of_real(blocks).expect("the vectors have all code");
    let replay = Replay::of_real(blocks);
    let gas = Amount::Gas(blocks.gas());
    Comparison::new("execute")
        .lane("bare_loop", gas, || bare.run())
        .lane("replay", gas, || replay.run().expect("the vectors are valid"))
        .run(criterion)
        .print();
}

fn on_a_store(criterion: &mut Criterion, blocks: &RealBlocks) {
    let bare = BareLoop::of_real(blocks).expect("the vectors have all code");
    let states = RealStates::new(blocks);
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let [closed, roomy, tight] = ["closed", "roomy", "tight"].map(|name| folder.path().join(name));
    write_store(&closed, blocks, &states);
    for copy in [&roomy, &tight] {
        folder::copy(&closed, copy).expect("there is room for copies of the store");
    }
    let (warm, tenth) = (open(&roomy, ROOMY), open(&tight, TENTH));
    let rows = RealStates::empty_cache();
    [&roomy, &tight].into_iter().for_each(|path| settle(path));
    let gas = Amount::Gas(blocks.gas());
    Comparison::new("execute_on_a_store")
        .lane("bare_loop", gas, || bare.run())
        .timed("warm", gas, || states.time_of_execution(&warm, &rows))
        .timed("warm_store_without_rows", gas, || without_rows(&warm, &states))
        .timed("cold", gas, || without_rows(&open(&closed, ROOMY), &states))
        .timed("ten_times_the_cache", gas, || without_rows(&tenth, &states))
        .run(criterion)
        .print();
}

fn execute(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    replay(criterion, &blocks);
    on_a_store(criterion, &blocks.from_byzantium_on());
}

criterion_group!(benches, execute);
criterion_main!(benches);
