//! Runs that end before and after every durable write, and what a power cut may take away besides.

mod commands;

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use blockmill_chain::{Cancel, RangeRequest};
use blockmill_devchain::{Branch, Profile, Request, generate};
use blockmill_pipeline::{ChainChoice, Settings, SliceSize, StateChoice, UnitLimits, export_state};
use blockmill_schemas::Dataset;

use crate::devchain::make;
use crate::harness::{Workplace, run};
use crate::interruption::{Lcg, Whole, assert_same};
use crate::stored_state::{State, state};

/// All datasets, and no step left out: `make torture`.
pub(crate) fn is_torture() -> bool {
    env::var_os("BLOCKMILL_TORTURE").is_some()
}

/// A chain that is rebuilt in several slices and several units.
pub(crate) struct Chain {
    place: Workplace,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let place = Workplace::new();
        let request = Request { accounts: 10, ..Request::new(Profile::MainnetMix, 11, 8) };
        // Every row is compared after every step: with all datasets there are to be fewer.
        let gas_per_block = if is_torture() { 1_100_000 } else { request.gas_per_block };
        let request = Request { gas_per_block, ..request };
        make(&place, &request);
        let branch = Request { branch: Some(Branch { block: 6, seed: 2 }), ..request };
        generate(&branch, &place.path("chain").join(BRANCH), &Cancel::default(), &mut |_| {}).unwrap();
        Self { place }
    }

    /// Writes the dump that a chain may start from.
    fn dump_state(&self) {
        let place = Workplace::new();
        let settings = settings(&place, &self.folder());
        let range = RangeRequest { start: None, end: Some(STATE_BLOCK + 1) };
        run(&Settings { range, ..settings }).unwrap();
        export_state(&place.store(), &self.folder().join(STATE), &Cancel::default()).unwrap().unwrap();
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.place.path("chain")
    }

    /// The uninterrupted run.
    pub(crate) fn rebuilt(&self) -> &Workplace {
        run(&settings(&self.place, &self.folder())).unwrap();
        &self.place
    }
}

fn datasets() -> Vec<Dataset> {
    let few = [Dataset::Blocks, Dataset::Transactions, Dataset::Traces, Dataset::BalanceDiffs];
    if is_torture() { Dataset::ALL.to_vec() } else { few.to_vec() }
}

/// What the run is that a process ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    Plain,
    TablesOnly,
    RebuildTrie,
    /// The source has another branch.
    OtherBranch,
    /// The chain starts from a state.
    FromState,
}

impl Job {
    const ALL: [Self; 5] =
        [Self::Plain, Self::TablesOnly, Self::RebuildTrie, Self::OtherBranch, Self::FromState];

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|job| format!("{job:?}") == name).unwrap()
    }

    fn settings(self, place: &Workplace, chain: &Path) -> Settings {
        let plain = settings(place, chain);
        match self {
            Self::Plain => plain,
            Self::TablesOnly => Settings { tables_only: true, sources: Vec::new(), ..plain },
            Self::RebuildTrie => Settings { rebuild_trie: true, ..plain },
            Self::FromState => {
                let state = StateChoice { file: chain.join(STATE), block: STATE_BLOCK };
                Settings { state: Some(state), ..plain }
            }
            Self::OtherBranch => Settings { sources: vec![chain.join(BRANCH).join("chain.rlp")], ..plain },
        }
    }
}

pub(crate) fn settings(place: &Workplace, chain: &Path) -> Settings {
    let genesis = ChainChoice::GenesisFile(chain.join("genesis.json"));
    let settings = place.settings(genesis, vec![chain.join("chain.rlp")]);
    Settings {
        datasets: datasets(),
        units: UnitLimits { blocks: 4, ..settings.units },
        slices: SliceSize { blocks: 3, ..settings.slices },
        threads: 1,
        ..settings
    }
}

const CHAIN: &str = "BLOCKMILL_TEST_CHAIN";
const PLACE: &str = "BLOCKMILL_TEST_PLACE";
const JOB: &str = "BLOCKMILL_TEST_JOB";
const STOP_AT_STEP: &str = "BLOCKMILL_STOP_AT_STEP";
/// A dump of the state after a block, inside the folder of the chain.
const STATE: &str = "state.jsonl";
const STATE_BLOCK: u64 = 4;
/// The folder of the other branch, inside that of the chain.
const BRANCH: &str = "branch";

#[test]
#[ignore = "not a test: the process that the others start, and that stops at a step"]
fn the_stopping_process() {
    let (Ok(chain), Ok(place), Ok(job)) = (env::var(CHAIN), env::var(PLACE), env::var(JOB)) else { return };
    let other = Workplace::new();
    let place = Path::new(&place);
    let settings = Job::named(&job).settings(&other, Path::new(&chain));
    let settings = Settings { data_dir: place.join("data"), out: place.join("out.duckdb"), ..settings };
    run(&settings).unwrap();
}

/// A process that runs this file's `the_stopping_process`.
fn process(place: &Workplace, chain: &Chain, job: Job) -> Command {
    let mut process = Command::new(env::current_exe().unwrap());
    process.args(["--ignored", "--exact", "--nocapture", "crash_points::the_stopping_process"]);
    process.env(CHAIN, chain.folder()).env(PLACE, place.path("")).env("TMPDIR", place.path(""));
    process.env(JOB, format!("{job:?}"));
    process
}

/// Runs the plain job up to a step; `None` where it came to its end before, else what it was doing.
pub(crate) fn stop_at(place: &Workplace, chain: &Chain, step: u64) -> Option<String> {
    stopped(process(place, chain, Job::Plain), step)
}

/// Starts a process that ends itself at a step; `None` where it came to its end before, else what it was doing.
fn stopped(mut process: Command, step: u64) -> Option<String> {
    let Output { status, stderr, .. } = process.env(STOP_AT_STEP, step.to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    if status.success() {
        return None;
    }
    let stopped = said.lines().find(|line| line.starts_with("stopped at step "));
    Some(stopped.unwrap_or_else(|| panic!("step {step}: {said}")).to_owned())
}

/// Asks for every step, or for every n-th, until one is past the end (`false`). Returns how many there were.
fn for_steps(stride: usize, stops: impl Fn(u64) -> bool + Sync) -> u64 {
    let (next, tried) = (AtomicU64::new(1), AtomicU64::new(0));
    let work = || {
        while stops(next.fetch_add(stride as u64, Ordering::Relaxed)) {
            tried.fetch_add(1, Ordering::Relaxed);
        }
    };
    // `make torture` runs one test at a time, `make test` as many as there are cores.
    let workers = if is_torture() { thread::available_parallelism().unwrap().get() } else { 1 };
    thread::scope(|scope| (0..workers).for_each(|_| _ = scope.spawn(work)));
    tried.into_inner()
}

/// Resumes and compares with the uninterrupted run.
fn assert_resumes(place: &Workplace, chain: &Chain, (whole, whole_state): &(Whole, State), how: &str) {
    run(&settings(place, &chain.folder())).unwrap_or_else(|error| panic!("{how}: {error}"));
    assert_same(place, whole, how);
    assert!(state(&place.store()) == *whole_state, "{how}: another state");
}

/// What the uninterrupted run leaves.
fn whole(chain: &Chain) -> (Whole, State) {
    let place = chain.rebuilt();
    (Whole::of(place), state(&place.store()))
}

#[test]
fn a_run_that_ends_at_any_durable_step_resumes_to_the_same_tables() {
    let chain = Chain::new();
    let whole = &whole(&chain);
    let tried = for_steps(if is_torture() { 1 } else { 3 }, |step| {
        let place = Workplace::new();
        let stopped = stop_at(&place, &chain, step);
        stopped.iter().for_each(|stopped| assert_resumes(&place, &chain, whole, stopped));
        stopped.is_some()
    });
    println!("{tried} steps");
    assert!(tried > 20, "only {tried} steps");
}

#[test]
fn a_run_that_ends_again_and_again_comes_to_its_end() {
    let chain = Chain::new();
    let whole = &whole(&chain);
    for stride in if is_torture() { vec![13, 17, 23] } else { vec![29] } {
        let place = Workplace::new();
        let mut stops = Vec::new();
        // Every start finds more done, so that the same number of steps leads further.
        while let Some(stopped) = stop_at(&place, &chain, stride).filter(|_| stops.len() < 60) {
            stops.push(stopped);
        }
        let how = format!("{} stops, the last: {:?}", stops.len(), stops.last());
        assert_resumes(&place, &chain, whole, &how);
    }
}

/// What a power cut may do: RocksDB's log loses its end, however much of it.
fn cut_the_log(place: &Workplace, random: &mut Lcg) -> Option<String> {
    let folder = place.data_dir().join("store/rocksdb");
    let logs = fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path());
    let newest = logs.filter(|path| path.extension().is_some_and(|ending| ending == "log")).max()?;
    let bytes = newest.metadata().unwrap().len();
    let kept = random.below(bytes + 1);
    File::options().write(true).open(&newest).unwrap().set_len(kept).unwrap();
    Some(format!("{kept} of {bytes} bytes of {}", newest.display()))
}

#[test]
fn a_store_that_loses_the_end_of_its_log_is_caught_up_with() {
    const SEED: u64 = 7;
    let chain = Chain::new();
    let whole = &whole(&chain);
    let (mut random, mut tried) = (Lcg(SEED), 0);
    for step in (5..).step_by(if is_torture() { 2 } else { 11 }) {
        let place = Workplace::new();
        let Some(stopped) = stop_at(&place, &chain, step) else { break };
        let Some(cut) = cut_the_log(&place, &mut random) else { continue };
        assert_resumes(&place, &chain, whole, &format!("{stopped}; kept {cut} (seed {SEED})"));
        tried += 1;
    }
    println!("{tried} cuts");
    assert!(tried > 5, "only {tried} cuts");
}
