//! Single reads of a state that does not fit into memory: 30 million accounts and 120 million slots, by default, of which the
//! operating system may keep a quarter.
//!
//! The store is written once, into the cache folder (`BLOCKMILL_CACHE`); `BLOCKMILL_LARGE_ACCOUNTS` is another number of accounts,
//! with four slots for each, and `BLOCKMILL_LARGE_STATE` another folder. Each line is a process of its own, in a memory control
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

use blockmill_benches::{PageCache, RandomState, bytes_below, enter, forget_files, is_smoke_test};
use blockmill_chain::StateReader;
use blockmill_store::{Store, StoreOptions};
use rustix::fs::{Advice, fadvise};

const ACCOUNTS: &str = "BLOCKMILL_LARGE_ACCOUNTS";
const FOLDER: &str = "BLOCKMILL_LARGE_STATE";
/// What a process is to measure, with which cache, in which group.
const LANE: &str = "BLOCKMILL_LARGE_LANE";
const CACHE_BYTES: &str = "BLOCKMILL_LARGE_CACHE";
const GROUP: &str = "BLOCKMILL_LARGE_GROUP";

const DISK_READ_BYTES: usize = 16 << 10;
/// Reads of a lane.
const READS: u64 = 3_000;
/// The page cache is so many times smaller than the store.
const PAGE_CACHE_PART: u64 = 4;
/// Besides it a process needs this for itself.
const PROCESS_BYTES: u64 = 64 << 20;

const LANES: [&str; 4] = ["account present", "account absent", "slot present", "slot absent"];

fn main() -> Result<(), Box<dyn Error>> {
    let state = state()?;
    let folder = folder(&state)?;
    if let Ok(lane) = env::var(LANE) {
        return measure(&lane, &folder, &state);
    }
    write_once(&folder, &state)?;
    let bytes = bytes_below(&folder);
    let filters = (state.accounts + state.slots) * 10 / 8;
    println!("{} accounts, {} slots, {} MB", state.accounts, state.slots, bytes / 1_000_000);
    println!("cache                      lane                cold µs   of disk   again µs");
    for (name, cache) in
        [("a tenth of the filters", filters / 10), ("half", filters / 2), ("all", filters * 5 / 4)]
    {
        let cache = cache.max(StoreOptions::SMALLEST_BUDGET_BYTES as u64 * 2 / 3);
        let group = PageCache::limited(bytes / PAGE_CACHE_PART + cache + PROCESS_BYTES);
        let (disk, _) = run("disk", &folder, cache, &group)?;
        let version = match &group {
            PageCache::Limited { version, .. } => version,
            PageCache::Unlimited => "page cache not limited",
        };
        println!("{name}: {} MiB, disk {disk:.0} µs, {version}", cache >> 20);
        for lane in LANES {
            let (cold, again) = run(lane, &folder, cache, &group)?;
            println!("{:<26} {lane:<19} {cold:<9.1} {:<9.2} {again:.1}", "", cold / disk);
        }
    }
    Ok(())
}

fn state() -> Result<RandomState, Box<dyn Error>> {
    let accounts = match env::var(ACCOUNTS) {
        Ok(given) => given.parse()?,
        Err(_) if is_smoke_test() => 2_000,
        Err(_) => 30_000_000,
    };
    Ok(RandomState { accounts, slots: 4 * accounts, largest: Vec::new() })
}

fn folder(state: &RandomState) -> Result<PathBuf, Box<dyn Error>> {
    if let Some(folder) = env::var_os(FOLDER) {
        return Ok(folder.into());
    }
    let cache = env::var_os("BLOCKMILL_CACHE").map_or_else(env::temp_dir, PathBuf::from);
    Ok(cache.join(format!("large-state-{}", state.accounts)))
}

/// A store that is there is whole: it is written beside its place.
fn write_once(folder: &Path, state: &RandomState) -> Result<(), Box<dyn Error>> {
    if folder.exists() {
        return Ok(());
    }
    let started = Instant::now();
    let aside = folder.with_extension("new");
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    let store = Store::open(&aside, StoreOptions { budget_bytes: 1 << 30 })?;
    state.write(&store)?;
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

fn measure(lane: &str, folder: &Path, state: &RandomState) -> Result<(), Box<dyn Error>> {
    if let Some(group) = env::var_os(GROUP) {
        enter(Path::new(&group))?;
    }
    let (cold, again) = if lane == "disk" {
        let files = files(folder)?;
        (time(|n| read_disk(&files, state.random(n)))?, Duration::ZERO)
    } else {
        let cache: usize = env::var(CACHE_BYTES)?.parse()?;
        let store = Store::open_to_read(folder, StoreOptions { budget_bytes: cache / 2 * 3 + 3 })?;
        let read = |n| read_state(lane, &store, state, state.random(n));
        (time(read)?, time(read)?)
    };
    let micros = |time: Duration| time.as_secs_f64() * 1e6 / READS as f64;
    println!("{} {}", micros(cold), micros(again));
    Ok(())
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
