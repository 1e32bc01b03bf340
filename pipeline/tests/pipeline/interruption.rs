//! Runs that are stopped at any moment and started again end with the tables of an uninterrupted run.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Cancel, Monitor, Progress, StageId};
use blockmill_load::TextRows;
use blockmill_pipeline::{RootInterval, Settings, UnitLimits, rebuild};

use crate::crash_points::is_torture;
use crate::harness::{Workplace, command, run};

/// A chain whose roots take long enough to be interrupted in.
fn slow(place: &Workplace) -> Option<Settings> {
    let range = ":1500".parse().unwrap();
    Some(Settings { range, root_interval: RootInterval::Blocks(1), ..place.chain("hive-sync")? })
}

/// A chain in many units, so that every stage has several things to lose.
fn in_many_units(place: &Workplace) -> Option<Settings> {
    let units = UnitLimits { blocks: 7, gas: 3_000_000 };
    Some(Settings { units, ..place.chain("execution-apis")? })
}

/// What an uninterrupted run leaves.
pub(crate) struct Whole {
    tables: BTreeMap<String, TextRows>,
    witness_bytes: u64,
}

impl Whole {
    pub(crate) fn of(place: &Workplace) -> Self {
        Self { tables: place.tables().contents(), witness_bytes: place.store().witness_bytes() }
    }
}

/// Asserts that both hold the same, that no unit was loaded twice, and that nothing is left over.
#[track_caller]
pub(crate) fn assert_same(resumed: &Workplace, whole: &Whole, how: &str) {
    let tables = resumed.tables();
    assert!(tables.contents() == whole.tables, "other tables after {how}");
    let twice = "SELECT dataset, start_block FROM _loaded GROUP BY ALL HAVING count(*) > 1";
    assert_eq!(tables.query(twice).rows.len(), 0, "loaded twice after {how}");
    assert_eq!(files_below(&resumed.data_dir().join("spill")), Vec::<String>::new(), "after {how}");
    assert_eq!(resumed.store().witness_bytes(), whole.witness_bytes, "witnesses left after {how}");
}

fn files_below(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let names = entries.flat_map(|path| match path.is_dir() {
        true if path.ends_with("units") => files_below(&path),
        _ => vec![path.display().to_string()],
    });
    names.collect()
}

fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Starts the program, sends it the signal once it executes, and returns its exit code with all that it wrote.
fn interrupted(settings: &Settings, signal: &str) -> (Option<i32>, String) {
    let mut command = command(settings);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("\nexecute: blocks ") {
        assert_ne!(lines.read_line(&mut text).unwrap(), 0, "it ended early: {text}");
    }
    send(signal, &child);
    lines.read_to_string(&mut text).unwrap();
    let ended = child.wait_with_output().unwrap();
    (ended.status.code(), text + &String::from_utf8(ended.stdout).unwrap())
}

/// Stops a run by a signal, resumes it, and compares with one that was not stopped.
fn assert_resumes_after(signal: &str) {
    let (whole, stopped) = (Workplace::new(), Workplace::new());
    let (Some(whole_settings), Some(settings)) = (slow(&whole), slow(&stopped)) else { return };
    let (code, text) = interrupted(&settings, signal);
    assert_eq!(code, Some(130), "{text}");
    assert!(text.contains("stopping at the next block"), "{text}");
    assert!(text.contains("Interrupted: run the same command again to resume."), "{text}");
    assert!(stopped.tables().count("blocks") < 1_500);
    let resumed = command(&settings).output().unwrap();
    assert!(resumed.status.success(), "{resumed:?}");
    run(&whole_settings).unwrap();
    assert_same(&stopped, &Whole::of(&whole), signal);
}

/// Ctrl-C in `rebuild | tee log` ends `tee` too.
#[test]
fn a_run_whose_reader_is_ended_with_it_exits_with_130() {
    let place = Workplace::new();
    let Some(settings) = slow(&place) else { return };
    let mut child = command(&settings).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("\nexecute: blocks ") {
        assert_ne!(lines.read_line(&mut text).unwrap(), 0, "it ended early: {text}");
    }
    send("-INT", &child);
    lines.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
}

#[test]
fn ctrl_c_exits_with_130_and_the_same_command_goes_on_to_the_same_tables() {
    assert_resumes_after("-INT");
}

#[test]
fn sigterm_counts_like_ctrl_c() {
    assert_resumes_after("-TERM");
}

/// Numbers that look random and are the same every time (Knuth's MMIX constants).
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Starts the program and kills it after so long; `false` where it was done before.
fn is_killed_after(settings: &Settings, delay: Duration) -> bool {
    let mut child = command(settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(delay);
    // The child is not waited for yet, so its id cannot have gone to another process.
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() || status.code().is_none(), "{status}");
    !status.success()
}

#[test]
fn kills_at_random_moments_lose_nothing_and_double_nothing() {
    const SEED: u64 = 20_150_730;
    let most = if is_torture() { 200 } else { 12 };
    let roots = |settings| Settings { root_interval: RootInterval::Blocks(1), ..settings };
    let whole = Workplace::new();
    let Some(settings) = whole.chain("geth-ethtest").map(roots) else { return };
    let started = Instant::now();
    assert!(command(&settings).output().unwrap().status.success());
    let mut whole_millis = started.elapsed().as_millis() as u64;
    let whole = Whole::of(&whole);
    let (mut random, mut kills) = (Lcg(SEED), 0);
    while kills < most {
        let place = Workplace::new();
        let settings = place.chain("geth-ethtest").map(roots).unwrap();
        let mut delays = Vec::new();
        while kills < most {
            let delay = random.below(whole_millis);
            delays.push(delay);
            if !is_killed_after(&settings, Duration::from_millis(delay)) {
                // The first run was slower than it need be: later moments would kill nothing.
                whole_millis = if delays.len() == 1 { delay } else { whole_millis };
                break;
            }
            kills += 1;
        }
        let how = format!("kills after {delays:?} ms (seed {SEED})");
        let resumed = command(&settings).output().unwrap();
        assert!(resumed.status.success(), "{how}: {resumed:?}");
        assert_same(&place, &whole, &how);
    }
}

/// Does something at the n-th report of progress, and counts them.
struct AtReport<F> {
    at: u64,
    seen: AtomicU64,
    act: F,
}

impl<F: Fn(StageId) + Send + Sync> AtReport<F> {
    fn new(at: u64, act: F) -> Self {
        Self { at, seen: AtomicU64::new(0), act }
    }
}

impl<F: Fn(StageId) + Send + Sync> Monitor for AtReport<F> {
    fn started(&self, _: StageId, _: BlockRange) {}

    fn advanced(&self, stage: StageId, _: Progress) {
        if self.seen.fetch_add(1, Ordering::Relaxed) + 1 == self.at {
            (self.act)(stage);
        }
    }

    fn note(&self, _: StageId, _: &str) {}
}

/// Runs to the end; how many reports of progress that took.
fn reports(settings: &Settings) -> u64 {
    let counter = AtReport::new(0, |_| {});
    rebuild(settings, &Cancel::default(), &counter).unwrap();
    counter.seen.into_inner()
}

/// Moments from the first report of progress to the last, evenly spread.
fn moments(reports: u64, step: usize) -> impl Iterator<Item = u64> {
    (1..reports).step_by(step).chain([reports])
}

#[test]
fn a_run_cancelled_at_any_report_of_any_stage_resumes_to_the_same_tables() {
    let whole = Workplace::new();
    let Some(settings) = in_many_units(&whole) else { return };
    let (reports, whole) = (reports(&settings), Whole::of(&whole));
    let stages = Mutex::new(BTreeSet::new());
    for at in moments(reports, 13) {
        let place = Workplace::new();
        let settings = in_many_units(&place).unwrap();
        let cancel = Cancel::default();
        let monitor = AtReport::new(at, |stage| {
            stages.lock().unwrap().insert(stage);
            cancel.cancel();
        });
        let summary = rebuild(&settings, &cancel, &monitor).unwrap();
        assert_eq!(summary.interrupted, at < reports, "at report {at} of {reports}");
        assert!(!run(&settings).unwrap().interrupted);
        assert_same(&place, &whole, &format!("a stop at report {at} of {reports}"));
    }
    assert_eq!(stages.into_inner().unwrap(), BTreeSet::from(StageId::ALL));
}

/// Where the program below is to work, and at which report of progress it is to die.
const DOOMED_FOLDER: &str = "BLOCKMILL_TEST_DOOMED_FOLDER";
const DOOMED_REPORT: &str = "BLOCKMILL_TEST_DOOMED_REPORT";

#[test]
#[ignore = "not a test: the process that the next test starts in order to kill it"]
fn the_doomed_process() {
    let (Ok(folder), Ok(at)) = (env::var(DOOMED_FOLDER), env::var(DOOMED_REPORT)) else { return };
    let place = Workplace::new();
    let Some(settings) = in_many_units(&place) else { return };
    let folder = Path::new(&folder);
    let settings = Settings { data_dir: folder.join("data"), out: folder.join("out.duckdb"), ..settings };
    let monitor = AtReport::new(at.parse().unwrap(), |_| {
        let _ = Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
        loop {
            thread::park();
        }
    });
    let _ = rebuild(&settings, &Cancel::default(), &monitor);
}

/// Runs this file's `the_doomed_process` until it has killed itself.
fn assert_dies_at(place: &Workplace, report: u64) {
    let mut doomed = Command::new(env::current_exe().unwrap());
    doomed.args(["--ignored", "--exact", "interruption::the_doomed_process"]);
    doomed.env(DOOMED_FOLDER, place.path("")).env(DOOMED_REPORT, report.to_string());
    // What it has no time to remove goes with our folder.
    doomed.env("TMPDIR", place.path(""));
    let ended = doomed.output().unwrap();
    assert_eq!(ended.status.code(), None, "it was to be killed: {ended:?}");
}

#[test]
fn a_run_killed_at_any_report_of_any_stage_resumes_to_the_same_tables() {
    let whole = Workplace::new();
    let Some(settings) = in_many_units(&whole) else { return };
    let (reports, whole) = (reports(&settings), Whole::of(&whole));
    for at in moments(reports, 17) {
        let place = Workplace::new();
        assert_dies_at(&place, at);
        run(&in_many_units(&place).unwrap()).unwrap();
        assert_same(&place, &whole, &format!("a kill at report {at} of {reports}"));
    }
}

#[test]
fn a_run_killed_again_and_again_on_its_way_comes_to_its_end() {
    let (whole, place) = (Workplace::new(), Workplace::new());
    let (Some(settings), Some(resumed)) = (in_many_units(&whole), in_many_units(&place)) else { return };
    run(&settings).unwrap();
    // In execute, in the first units after it, and twice in units further on.
    for report in [30, 60, 20, 9] {
        assert_dies_at(&place, report);
    }
    run(&resumed).unwrap();
    assert_same(&place, &Whole::of(&whole), "four kills");
}
