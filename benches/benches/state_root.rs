//! State roots over a store of a million accounts and five million slots: per changed leaf, beside the execution of real
//! blocks, and all of it anew.

#![expect(clippy::print_stdout, reason = "sizes are a result too")]

use std::path::Path;
use std::time::{Duration, Instant};

use blockmill_benches::{RandomState, RealBlocks, RealStates};
use blockmill_chain::{BlockChanges, Cancel};
use blockmill_store::{Family, Store, StoreOptions};
use blockmill_trie::{RebuildOptions, Rebuilt, StateTrie, rebuild};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ACCOUNTS: u64 = 1_000_000;
const SLOTS: u64 = 5_000_000;
const STORE: StoreOptions = StoreOptions { budget_bytes: 1 << 30 };
/// What a budget of 4 GiB gives to the trie.
const TRIE_BYTES: usize = (4 << 30) / 20;
/// Room for whatever 100,000 leaves lead through.
const ROOMY_TRIE_BYTES: usize = 1 << 30;
const REBUILD_BYTES: usize = 256 << 20;

/// All tries anew from the flat state.
fn rebuild_all(store: &Store, folder: &Path) -> Rebuilt {
    let options = RebuildOptions { folder, memory_bytes: REBUILD_BYTES, cancel: &Cancel::default() };
    store.begin_trie_rebuild().expect("the store can be written");
    let rebuilt = rebuild(store, &mut store.trie_rebuild(), &options).expect("the state is whole");
    store.finish_trie_rebuild().expect("the store can be written");
    rebuilt
}

/// A flushed store with the state and its tries.
fn store_of_state(state: &RandomState, folder: &Path) -> Store {
    let path = folder.join("store");
    let store = Store::open(&path, STORE).expect("the folder can be written");
    state.write(&store).expect("the store can be written");
    let rebuilt = rebuild_all(&store, folder);
    store.finish().expect("the store can be written");
    let store = Store::open(&path, STORE).expect("the store opens");
    println!("{} accounts, {} slots; on disk, bytes for each:", rebuilt.accounts, rebuilt.slots);
    for (family, of) in [
        (Family::Accounts, rebuilt.accounts),
        (Family::HashedAccounts, rebuilt.accounts),
        (Family::AccountBranches, rebuilt.accounts),
        (Family::Storage, rebuilt.slots),
        (Family::HashedStorage, rebuilt.slots),
        (Family::StorageBranches, rebuilt.slots),
    ] {
        let bytes = store.disk_bytes(family).expect("the store can be measured");
        println!("  {:<18}{:8.1}", family.name(), bytes as f64 / of as f64);
    }
    println!("a rebuild's buffers held at most {:.1} MiB", rebuilt.peak_bytes as f64 / f64::from(1 << 20));
    store
}

/// The time that roots take, the writing of their rows included: each of `changes` gets a root, then all are written.
fn time_of_roots(store: &Store, trie: &mut StateTrie, changes: &[BlockChanges]) -> Duration {
    let started = Instant::now();
    for changes in changes {
        trie.apply(store, changes).expect("the store can be read");
    }
    let mut batch = store.batch();
    batch.put_trie(&trie.take_updates()).expect("the store can be read");
    batch.commit().expect("the store can be written");
    started.elapsed()
}

fn changed_leaves(criterion: &mut Criterion, state: &RandomState, store: &Store) {
    let mut group = criterion.benchmark_group("changed_leaves");
    group.sample_size(10);
    for leaves in [10, 1_000, 100_000] {
        group.throughput(Throughput::Elements(leaves));
        let mut seed = leaves;
        let mut next = || {
            seed += 1;
            state.random_changes(leaves, seed)
        };
        group.bench_function(format!("cold/{leaves}"), |bencher| {
            bencher.iter_custom(|times| {
                let one = |_| {
                    let changes = next();
                    time_of_roots(store, &mut StateTrie::new(ROOMY_TRIE_BYTES), &[changes])
                };
                (0..times).map(one).sum()
            });
        });
        // The same leaves over and over, with other values: everything is in memory.
        let (first, second) = (state.random_changes(leaves, 1), state.random_changes(leaves, 1));
        let mut trie = StateTrie::new(ROOMY_TRIE_BYTES);
        time_of_roots(store, &mut trie, &[first]);
        group.bench_function(format!("warm/{leaves}"), |bencher| {
            bencher.iter_custom(|times| {
                (0..times).map(|_| time_of_roots(store, &mut trie, std::slice::from_ref(&second))).sum()
            });
        });
    }
    group.finish();
}

/// Changed leaves, those of accounts whose storage alone changed among them.
fn leaves(changes: &[BlockChanges]) -> usize {
    let of = |changes: &BlockChanges| {
        let slots: usize = changes.storage.values().map(|storage| storage.slots.len()).sum();
        let without = changes.storage.keys().filter(|address| !changes.accounts.contains_key(*address));
        slots + changes.accounts.len() + without.count()
    };
    changes.iter().map(of).sum()
}

fn real_blocks(criterion: &mut Criterion, blocks: &RealBlocks, store: &Store) {
    let real = RealStates::new(blocks);
    real.write(store).expect("the store can be written");
    let changes: Vec<_> =
        real.execute(store, &RealStates::empty_cache()).into_iter().map(|block| block.changes).collect();
    let mut group = criterion.benchmark_group("real_blocks_on_a_store");
    group.sample_size(10).throughput(Throughput::Elements(blocks.gas()));
    group.bench_function("execute", |bencher| {
        let time = |_| real.time_of_execution(store, &RealStates::empty_cache());
        bencher.iter_custom(|times| (0..times).map(time).sum());
    });
    real.write_tries(store).expect("the store can be written");
    let mut merged = [BlockChanges::default()];
    changes.iter().for_each(|changes| merged[0].merge(changes.clone()));
    println!(
        "{} blocks change {} leaves, {} of them different ones",
        changes.len(),
        leaves(&changes),
        leaves(&merged)
    );
    for (name, changes) in [("root_per_block", changes.as_slice()), ("root_per_slice", &merged)] {
        group.bench_function(format!("{name}/cold"), |bencher| {
            let one = |_| time_of_roots(store, &mut StateTrie::new(TRIE_BYTES), changes);
            bencher.iter_custom(|times| (0..times).map(one).sum());
        });
        let mut trie = StateTrie::new(TRIE_BYTES);
        time_of_roots(store, &mut trie, changes);
        group.bench_function(format!("{name}/warm"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| time_of_roots(store, &mut trie, changes)).sum());
        });
    }
    group.finish();
}

fn whole_rebuild(criterion: &mut Criterion, store: &Store, folder: &Path) {
    let mut group = criterion.benchmark_group("rebuild");
    group.sample_size(10).throughput(Throughput::Elements(ACCOUNTS + SLOTS));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        group.bench_function(format!("threads/{threads}"), |bencher| {
            bencher.iter_custom(|times| {
                (0..times)
                    .map(|_| {
                        let started = Instant::now();
                        pool.install(|| rebuild_all(store, folder));
                        started.elapsed()
                    })
                    .sum()
            });
        });
    }
    group.finish();
}

fn state_root(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let blocks = blocks.from_byzantium_on();
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    // What the real blocks write to lies in large storages.
    let state = RandomState { accounts: ACCOUNTS, slots: SLOTS, largest: blocks.contracts() };
    let store = store_of_state(&state, folder.path());
    changed_leaves(criterion, &state, &store);
    real_blocks(criterion, &blocks, &store);
    whole_rebuild(criterion, &store, folder.path());
}

criterion_group!(benches, state_root);
criterion_main!(benches);
