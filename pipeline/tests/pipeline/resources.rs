//! What of the machine the program takes: refused where there is not as much, said when a run begins, kept within.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::Settings;
use blockmill_testkit::vectors::announce_not_possible;
use duckdb::Connection;
use serde_json::Value;

use crate::devchain::make;
use crate::harness::{Workplace, command};

const MIB: u64 = 1 << 20;
/// The least that `--memory` may be.
const LEAST: u64 = 384 * MIB;
/// What GUIDE.md states beside `--memory`.
const FIXED_BYTES: u64 = 160 * MIB;

fn blockmill() -> Command {
    Command::new(env!("CARGO_BIN_EXE_blockmill"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn small_chain(place: &Workplace) -> Settings {
    make(place, &Request { accounts: 60, ..Request::new(Profile::MainnetMix, 10, 1) }).1
}

/// A rebuild of these settings, but for what it may use of the machine.
fn rebuild(settings: &Settings) -> Command {
    let whole = command(settings);
    let arguments: Vec<_> = whole.get_args().collect();
    let resources = arguments.iter().position(|argument| *argument == "--memory").unwrap();
    let mut command = blockmill();
    command.args(&arguments[..resources]);
    command
}

#[test]
fn what_the_machine_does_not_have_is_wrong_usage_and_nothing_is_made() {
    let place = Workplace::new();
    let data = place.data_dir();
    let commands: [&[&str]; 6] = [
        &["rebuild"],
        &["trace", "--out", "o.duckdb", "--datasets", "traces"],
        &["verify"],
        &["derive"],
        &["export", "files"],
        &["unwind", "--to", "1"],
    ];
    for arguments in commands {
        for (more, said) in [
            (["--memory", "9999999GiB"], "error: --memory 9999999 GiB is more than the "),
            (["--memory", "100MiB"], "error: --memory 100 MiB is too little for "),
            (
                ["--threads", "1152921504606846976"],
                "error: --threads 1152921504606846976 is more than the 1024",
            ),
        ] {
            let output =
                blockmill().args(arguments).args(more).arg("--data-dir").arg(&data).output().unwrap();
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
            assert!(error.starts_with(said) && error.lines().count() == 1, "{arguments:?}: {error}");
            assert!(!data.exists(), "{arguments:?}");
        }
    }
}

#[test]
fn a_run_says_first_what_it_may_use_and_so_does_a_dry_run() {
    let place = Workplace::new();
    let settings = small_chain(&place);
    let run = |more: &[&str]| {
        let output = rebuild(&settings).args(more).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        output
    };
    let given = ["--memory", "512MiB", "--threads", "2"];
    let said = "memory: 512 MiB (given); 2 threads; stages work one at a time";
    let of_store = "store: 102.4 MiB; filters whole up to 28 million rows, then in parts; ";
    for format in ["plain", "human", "json"] {
        let output = run(&[&given[..], &["--log", format]].concat());
        let stderr = text(&output.stderr);
        let mut lines = stderr.lines();
        let (first, second) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(second.contains(of_store) && second.contains(" open files"), "{second}");
        if format == "json" {
            let event: Value = serde_json::from_str(first).unwrap();
            assert_eq!((&event["event"], &event["message"]), (&"note".into(), &said.into()));
        } else {
            assert_eq!(first, said, "{format}");
        }
    }
    let lines = text(&run(&[&given[..], &["--dry-run"]].concat()).stdout);
    for line in
        ["memory             512 MiB (given)", "threads            2", "stages             one at a time"]
    {
        assert!(lines.lines().any(|found| found == line), "{lines}");
    }
    let output = run(&["--memory", "1GiB", "--threads", "2", "--dry-run", "--log", "json"]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&object["memory_bytes"], &object["threads"]), (&(1024 * MIB).into(), &2.into()));
    assert_eq!((&object["memory_from"], &object["overlapped"]), (&"given".into(), &true.into()));
    let object: Value = serde_json::from_slice(&run(&["--dry-run", "--log", "json"]).stdout).unwrap();
    assert!(object["memory_from"].as_str().unwrap().starts_with("default for the "), "{object}");
}

/// A control group that limits the memory of what runs in it, and goes with this.
struct Group(PathBuf);

impl Group {
    /// `None`, with a word about it, where groups cannot be made.
    fn new(bytes: u64) -> Option<Self> {
        let name = format!("blockmill-test-{}", std::process::id());
        let hierarchies =
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        for (hierarchy, limit) in hierarchies {
            let group = Self(Path::new(hierarchy).join(&name));
            let is_one = fs::create_dir(&group.0).is_ok() && group.0.join(limit).exists();
            if is_one && fs::write(group.0.join(limit), bytes.to_string()).is_ok() {
                return Some(group);
            }
        }
        announce_not_possible("no control group that limits memory can be made here: it takes root");
        None
    }

    fn run(&self, command: &Command) -> Output {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"echo $$ > "$0"/cgroup.procs && exec "$@""#]).arg(&self.0);
        shell.arg(command.get_program()).args(command.get_args()).output().unwrap()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn a_container_of_600_mebibytes_is_seen_and_suffices_by_default() {
    let place = Workplace::new();
    let settings = small_chain(&place);
    let Some(group) = Group::new(600 * MIB) else { return };
    let too_much = group.run(rebuild(&settings).args(["--memory", "601MiB"]));
    let refused =
        "error: --memory 601 MiB is more than the 600 MiB that this container may use (/sys/fs/cgroup/";
    assert_eq!(too_much.status.code(), Some(2));
    assert!(text(&too_much.stderr).starts_with(refused), "{}", text(&too_much.stderr));
    let output = group.run(&rebuild(&settings));
    let stderr = text(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let said = "memory: 384 MiB (default for the 600 MiB that this container may use (/sys/fs/cgroup/";
    assert!(stderr.starts_with(said), "{stderr}");
    let mut verify = blockmill();
    verify.args([OsStr::new("verify"), OsStr::new("--deep"), OsStr::new("--data-dir")]);
    verify.arg(place.data_dir()).arg("--out").arg(place.out());
    let output = group.run(&verify);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

/// The most memory that a process took, as the kernel counts it: looked at until it ends.
fn peak_bytes(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let kib = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    peak
}

/// Ten logs with a megabyte of data in every block: ten such blocks at a time, as text, took over a gigabyte.
#[test]
fn a_deep_verification_of_long_logs_stays_within_the_least_budget() {
    let place = Workplace::new();
    let settings = small_chain(&place);
    assert!(command(&settings).output().unwrap().status.success());
    let connection = Connection::open(place.out()).unwrap();
    let lengthen = "INSERT INTO payloads
            SELECT block_number, repeat('h', 32)::BLOB, piece_index, repeat('x', 8192)::BLOB
            FROM blocks, range(123) pieces(piece_index) WHERE block_number > 0;
        UPDATE logs SET data = NULL, data_hash = repeat('h', 32)::BLOB WHERE block_number > 0 AND log_index < 10";
    connection.execute_batch(lengthen).unwrap();
    connection.close().unwrap();
    let mut verify = blockmill();
    verify.args(["verify", "--deep", "--memory", "384MiB", "--data-dir"]).arg(place.data_dir());
    let mut child = verify.arg("--out").arg(place.out()).stdout(Stdio::piped()).spawn().unwrap();
    let peak = peak_bytes(&mut child);
    let said = text(&child.wait_with_output().unwrap().stdout);
    assert!(said.contains("BROKEN   receipts_make_the_root_of_the_header: 10 places"), "{said}");
    assert!(peak <= LEAST + FIXED_BYTES, "{} MiB", peak / MIB);
}
