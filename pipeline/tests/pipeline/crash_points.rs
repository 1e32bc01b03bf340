//! Runs that end before and behind every write that is to last, and what a power cut may take away besides.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::{ChainChoice, Settings, SliceSize, UnitLimits};
use blockmill_schemas::Dataset;

use crate::devchain::make;
use crate::harness::{Workplace, run};
use crate::interruption::{Lcg, assert_same};
use crate::stored_state::state;

/// More blocks, all datasets, and no step left out: `make torture`.
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
        let blocks = if is_torture() { 24 } else { 11 };
        make(&place, &Request { accounts: 10, ..Request::new(Profile::MainnetMix, blocks, 8) });
        Self { place }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.place.path("chain")
    }

    /// The run that nobody stops.
    pub(crate) fn rebuilt(&self) -> &Workplace {
        run(&settings(&self.place, &self.folder())).unwrap();
        &self.place
    }
}

pub(crate) fn settings(place: &Workplace, chain: &Path) -> Settings {
    let genesis = ChainChoice::GenesisFile(chain.join("genesis.json"));
    let few = vec![Dataset::Blocks, Dataset::Transactions, Dataset::Traces, Dataset::BalanceDiffs];
    let settings = place.settings(genesis, vec![chain.join("chain.rlp")]);
    Settings {
        datasets: if is_torture() { Dataset::ALL.to_vec() } else { few },
        units: UnitLimits { blocks: 4, ..settings.units },
        slices: SliceSize { blocks: 3, ..settings.slices },
        threads: 1,
        ..settings
    }
}

const CHAIN: &str = "BLOCKMILL_TEST_CHAIN";
const PLACE: &str = "BLOCKMILL_TEST_PLACE";

#[test]
#[ignore = "not a test: the process that the others start, and that stops at a step"]
fn the_stopping_process() {
    let (Ok(chain), Ok(place)) = (env::var(CHAIN), env::var(PLACE)) else { return };
    let other = Workplace::new();
    let place = Path::new(&place);
    let settings = settings(&other, Path::new(&chain));
    let settings = Settings { data_dir: place.join("data"), out: place.join("out.duckdb"), ..settings };
    run(&settings).unwrap();
}

/// Runs this file's `the_stopping_process`; `None` where it came to its end before the step, else what it was doing.
pub(crate) fn stop_at(place: &Workplace, chain: &Chain, step: u64) -> Option<String> {
    let mut process = Command::new(env::current_exe().unwrap());
    process.args(["--ignored", "--exact", "--nocapture", "crash_points::the_stopping_process"]);
    process.env(CHAIN, chain.folder()).env(PLACE, place.path("")).env("TMPDIR", place.path(""));
    let Output { status, stderr, .. } =
        process.env("BLOCKMILL_STOP_AT_STEP", step.to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    if status.success() {
        return None;
    }
    let stopped = said.lines().find(|line| line.starts_with("stopped at step "));
    Some(stopped.unwrap_or_else(|| panic!("step {step}: {said}")).to_owned())
}

/// Resumes and compares with the run that nobody stopped.
fn assert_resumes(place: &Workplace, chain: &Chain, whole: &Workplace, how: &str) {
    run(&settings(place, &chain.folder())).unwrap_or_else(|error| panic!("{how}: {error}"));
    assert_same(place, whole, how);
    assert!(state(&place.store()) == state(&whole.store()), "{how}: another state");
}

#[test]
fn a_run_that_ends_at_any_durable_step_resumes_to_the_same_tables() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    let every = if is_torture() { 1 } else { 3 };
    let mut tried = 0;
    for step in (1..).step_by(every) {
        let place = Workplace::new();
        let Some(stopped) = stop_at(&place, &chain, step) else { break };
        assert_resumes(&place, &chain, whole, &stopped);
        tried += 1;
    }
    println!("{tried} steps");
    assert!(tried > 20, "only {tried} steps");
}

#[test]
fn a_run_that_ends_again_and_again_comes_to_its_end() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    for stride in if is_torture() { vec![7, 11, 13, 17, 23] } else { vec![29] } {
        let place = Workplace::new();
        let mut stops = Vec::new();
        // Every start finds more done, so that the same number of steps leads further.
        while let Some(stopped) = stop_at(&place, &chain, stride).filter(|_| stops.len() < 200) {
            stops.push(stopped);
        }
        assert_resumes(
            &place,
            &chain,
            whole,
            &format!("{} stops, the last: {:?}", stops.len(), stops.last()),
        );
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
    let whole = chain.rebuilt();
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
