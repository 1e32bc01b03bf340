//! A state that does not fit into memory: 30 million accounts and 120 million slots, by default, of which the operating system may
//! keep a quarter. Single reads; the execution of real blocks whose state lies scattered in it, with and without others that
//! read ahead; and the state root of what they change, read by a thread for each core and by many.
//!
//! Two stores are written once, into the cache folder (`BLOCKMILL_CACHE`), one whose filters are in parts and one whose filters are
//! whole; `BLOCKMILL_LARGE_ACCOUNTS` is another number of accounts, with four slots for each. Each line is a process of its own, in a memory control
//! group where one can be made, over files that are in no cache. The ratio is to reads of 16 KiB from random places of the same
//! files.

#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use blockmill_benches::{
    BareLoop, PageCache, RandomState, RealBlocks, RealStates, bytes_below, enter, forget_files, is_smoke_test,
};
use blockmill_chain::{Cancel, StateReader};
use blockmill_execute::DISK_THREADS;
use blockmill_store::{Store, StoreOptions};
use blockmill_trie::{RebuildOptions, StateTrie, rebuild};
use rayon::ThreadPoolBuilder;
use rustix::fs::{Advice, fadvise};

const ACCOUNTS: &str = "BLOCKMILL_LARGE_ACCOUNTS";
/// What a process is to measure, where, with which cache, in which group.
const FOLDER: &str = "BLOCKMILL_LARGE_STATE";
const LANE: &str = "BLOCKMILL_LARGE_LANE";
const CACHE_BYTES: &str = "BLOCKMILL_LARGE_CACHE";
const GROUP: &str = "BLOCKMILL_LARGE_GROUP";

const DISK_READ_BYTES: usize = 16 << 10;
/// Reads of a lane.
const READS: u64 = 3_000;
/// The page cache is so many times smaller than the store.
const PAGE_CACHE_PART: u64 = 4;
/// Besides it a process needs this for itself: the blocks with their code, and a trie.
const PROCESS_BYTES: u64 = 384 << 20;

const RESIDENT: &str = "all, resident";
const LANES: [&str; 4] = ["account present", "account absent", "slot present", "slot absent"];
/// The same work twice, the second time with more threads that read.
const WORK: [[&str; 2]; 2] = [["execution", "execution, read ahead"], ["roots", "roots, 16 threads"]];
/// What a budget of 4 GiB gives to the trie.
const TRIE_BYTES: usize = (4 << 30) / 20;
/// So small that filters are soon written in parts, as where the state is too large for the memory.
const SMALL_WRITER: StoreOptions = StoreOptions { budget_bytes: 64 << 20 };
const REBUILD_BYTES: usize = 1 << 30;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(blocks) = RealBlocks::read()? else { return Ok(()) };
    let blocks = blocks.from_byzantium_on();
    let state = state(&blocks)?;
    if let (Ok(lane), Some(folder)) = (env::var(LANE), env::var_os(FOLDER)) {
        return measure(&lane, Path::new(&folder), &state, &blocks);
    }
    // Of the flat state, and of all rows: the trie has a leaf for each.
    let filters = (state.accounts + state.slots) * 10 / 8;
    // The program's own rule: filters are whole while they take half of the cache.
    let resident = 2 * (2 * filters) + filters / 4;
    let whole_writer = options(resident as usize);
    let (parts, whole) = (folder(&state, "parts"), folder(&state, "whole"));
    let real = RealStates::new(&blocks);
    write_once(&parts, SMALL_WRITER, &state, &real)?;
    write_once(&whole, whole_writer, &state, &real)?;
    println!("{} accounts, {} slots", state.accounts, state.slots);
    println!("cache                      lane                cold µs   of disk   again µs");
    for (name, folder, cache) in [
        ("a tenth of the filters", &parts, filters / 10),
        ("half", &parts, filters / 2),
        (RESIDENT, &whole, resident),
    ] {
        let cache = cache.max(StoreOptions::SMALLEST_BUDGET_BYTES as u64 * 2 / 3);
        let bytes = bytes_below(folder);
        let group = PageCache::limited(bytes / PAGE_CACHE_PART + cache + PROCESS_BYTES);
        let (disk, _) = run("disk", folder, cache, &group)?;
        let version = match &group {
            PageCache::Limited { version, .. } => version,
            PageCache::Unlimited => "page cache not limited",
        };
        println!(
            "{name}: {} MiB of cache, {} MB, disk {disk:.0} µs, {version}",
            cache >> 20,
            bytes / 1_000_000
        );
        for lane in LANES {
            let (cold, again) = run(lane, folder, cache, &group)?;
            println!("{:<26} {lane:<19} {cold:<9.1} {:<9.2} {again:.1}", "", cold / disk);
        }
        for [plain, helped] in WORK {
            let (slow, _) = run(plain, folder, cache, &group)?;
            let (fast, _) = run(helped, folder, cache, &group)?;
            println!(
                "{:<26} {plain}: {slow:.2} s; {helped}: {fast:.2} s, {:.2} of the speed",
                "",
                slow / fast
            );
        }
    }
    Ok(())
}

fn state(blocks: &RealBlocks) -> Result<RandomState, Box<dyn Error>> {
    let accounts = match env::var(ACCOUNTS) {
        Ok(given) => given.parse()?,
        Err(_) if is_smoke_test() => 2_000,
        Err(_) => 30_000_000,
    };
    Ok(RandomState { accounts, slots: 4 * accounts, largest: blocks.contracts() })
}

fn folder(state: &RandomState, kind: &str) -> PathBuf {
    let cache = env::var_os("BLOCKMILL_CACHE").map_or_else(env::temp_dir, PathBuf::from);
    cache.join(folder_name(state, kind))
}

fn folder_name(state: &RandomState, kind: &str) -> String {
    format!("large-state-{}-{kind}", state.accounts)
}

/// Two thirds of a store's budget are its cache.
fn options(cache_bytes: usize) -> StoreOptions {
    StoreOptions { budget_bytes: (cache_bytes / 2 * 3 + 3).max(StoreOptions::SMALLEST_BUDGET_BYTES) }
}

/// A store that is there is whole: it is written beside its place.
fn write_once(
    folder: &Path,
    writer: StoreOptions,
    state: &RandomState,
    real: &RealStates<'_>,
) -> Result<(), Box<dyn Error>> {
    if folder.exists() {
        return Ok(());
    }
    let started = Instant::now();
    let aside = folder.with_extension("new");
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    let store = Store::open(&aside, writer)?;
    state.write(&store)?;
    real.write(&store)?;
    let options = RebuildOptions { folder: &aside, memory_bytes: REBUILD_BYTES, cancel: &Cancel::default() };
    store.begin_trie_rebuild()?;
    rebuild(&store, &mut store.trie_rebuild(), &options)?;
    store.finish_trie_rebuild()?;
    store.finish()?;
    fs::rename(&aside, folder)?;
    println!("written in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs a lane in a process of its own: microseconds of a read, the first time and again.
fn run(lane: &str, folder: &Path, cache: u64, group: &PageCache) -> Result<(f64, f64), Box<dyn Error>> {
    forget_files(folder)?;
    let mut command = Command::new(env::current_exe()?);
    command.args(env::args().skip(1)).env(LANE, lane).env(FOLDER, folder).env(CACHE_BYTES, cache.to_string());
    if let Some(group) = group.group() {
        command.env(GROUP, group);
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{lane}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let (cold, again) = text.trim().split_once(' ').ok_or("the process printed nothing")?;
    Ok((cold.parse()?, again.parse()?))
}

fn measure(
    lane: &str,
    folder: &Path,
    state: &RandomState,
    blocks: &RealBlocks,
) -> Result<(), Box<dyn Error>> {
    if let Some(group) = env::var_os(GROUP) {
        enter(Path::new(&group))?;
    }
    let (cold, again) = if lane == "disk" {
        let files = files(folder)?;
        (time(|n| read_disk(&files, state.random(n)))?, Duration::ZERO)
    } else {
        let cache: usize = env::var(CACHE_BYTES)?.parse()?;
        let options = options(cache);
        if WORK.as_flattened().contains(&lane) {
            // What a process does once, such as reading the constants of KZG commitments, takes seconds.
            BareLoop::of_real(blocks)?.run();
            let store = Store::open_to_read(folder, options)?;
            println!("{} 0", work(lane, &store, &RealStates::new(blocks))?);
            return Ok(());
        }
        let store = Store::open_to_read(folder, options)?;
        let read = |n| read_state(lane, &store, state, state.random(n));
        if folder.ends_with(folder_name(state, "whole")) {
            // Filters and indexes are there then; of the rows that are read after it, other blocks.
            (READS..2 * READS).try_for_each(read)?;
        }
        (time(read)?, time(read)?)
    };
    let micros = |time: Duration| time.as_secs_f64() * 1e6 / READS as f64;
    println!("{} {}", micros(cold), micros(again));
    Ok(())
}

/// Seconds that the work takes.
fn work(lane: &str, store: &Store, real: &RealStates<'_>) -> Result<f64, Box<dyn Error>> {
    let rows = RealStates::empty_cache();
    if lane.starts_with("execution") {
        let started = Instant::now();
        match lane.ends_with("ahead") {
            true => real.execute_with_readers(store, &rows),
            false => drop(real.time_of_execution(store, &rows)),
        }
        return Ok(started.elapsed().as_secs_f64());
    }
    let changes: Vec<_> = real.execute(store, &rows).into_iter().map(|block| block.changes).collect();
    let mut threads = ThreadPoolBuilder::new();
    if lane.ends_with("threads") {
        threads = threads.num_threads(DISK_THREADS);
    }
    let (pool, mut trie) = (threads.build()?, StateTrie::new(TRIE_BYTES));
    let started = Instant::now();
    pool.install(|| changes.iter().try_for_each(|changes| trie.apply(store, changes).map(drop)))?;
    Ok(started.elapsed().as_secs_f64())
}

fn time(read: impl Fn(u64) -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let started = Instant::now();
    (0..READS).try_for_each(read)?;
    Ok(started.elapsed())
}

fn read_state(lane: &str, store: &Store, state: &RandomState, random: u64) -> Result<(), Box<dyn Error>> {
    let is_there = match lane {
        "account present" => store.account(state.address(random % state.accounts))?.is_some(),
        "account absent" => store.account(state.address(state.accounts + random))?.is_some(),
        _ => {
            let (owner, slot) = state.slot(random, lane == "slot present");
            !store.storage(owner, slot)?.is_zero()
        }
    };
    if is_there == lane.ends_with("present") { Ok(()) } else { Err("the state is another one".into()) }
}

/// Files that are large enough, with how many reads they have room for.
fn files(folder: &Path) -> Result<Vec<(File, u64)>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder.join("rocksdb"))? {
        let path = entry?.path();
        let places = fs::metadata(&path)?.len() / DISK_READ_BYTES as u64;
        if places > 0 && path.extension().is_some_and(|ending| ending == "sst") {
            let file = File::open(path)?;
            fadvise(&file, 0, None, Advice::Random)?;
            files.push((file, places));
        }
    }
    Ok(files)
}

fn read_disk(files: &[(File, u64)], random: u64) -> Result<(), Box<dyn Error>> {
    let all: u64 = files.iter().map(|(_, places)| places).sum();
    let mut place = random % all.max(1);
    for (file, places) in files {
        if place < *places {
            let mut bytes = [0; DISK_READ_BYTES];
            file.read_exact_at(&mut bytes, place * DISK_READ_BYTES as u64)?;
            return Ok(());
        }
        place -= places;
    }
    Ok(())
}
