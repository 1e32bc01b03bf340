//! Disks that fill up: a clean stop that says what is needed, and a resumed run that has lost nothing.

use std::ffi::OsStr;
use std::process::{Command, Output};

use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::Settings;
use blockmill_testkit::vectors::announce_skip;

use crate::devchain::make;
use crate::harness::{Workplace, command, run};

/// Runs a command on a small file system of its own until it is full, and again when there is room. Arguments: where it is
/// mounted, its size in MiB, where the tables are wanted, and the command with its arguments.
const SCRIPT: &str = r#"
    folder=$1 mebibytes=$2 tables=$3; shift 3
    mount -t tmpfs -o size="$mebibytes"m none "$folder" || exit 77
    "$@"; first=$?
    mount -o remount,size=1g "$folder" || exit 77
    echo "the disk was full: $first" >&2
    "$@" && cp "$folder"/out.duckdb "$tables"
"#;

/// What the file system cannot be made with here: namespaces are not for everyone everywhere.
const CANNOT: i32 = 77;

/// Runs a shell script where it may mount; `None`, with a word about it, where mounting is not allowed.
pub(crate) fn with_mounts(script: &str, arguments: &[&OsStr]) -> Option<Output> {
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]).args(arguments);
    let output = unshare.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(CANNOT) || said.contains("unshare failed") {
        announce_skip(&format!("no file system of one's own can be mounted here: {said}"));
        return None;
    }
    Some(output)
}

fn on_a_small_disk(place: &Workplace, settings: &Settings, mebibytes: u64) -> Option<Output> {
    let folder = place.path("small");
    std::fs::create_dir_all(&folder).unwrap();
    let small =
        Settings { data_dir: folder.join("data"), out: folder.join("out.duckdb"), ..settings.clone() };
    let rebuild = command(&small);
    let (mebibytes, tables) = (mebibytes.to_string(), place.out());
    let mut arguments = vec![folder.as_os_str(), mebibytes.as_ref(), tables.as_ref(), rebuild.get_program()];
    arguments.extend(rebuild.get_args());
    with_mounts(SCRIPT, &arguments)
}

#[test]
fn a_disk_that_fills_up_stops_the_run_which_goes_on_when_there_is_room() {
    let whole = Workplace::new();
    let (_, settings) = make(&whole, &Request::new(Profile::MainnetMix, 80, 6));
    run(&settings).unwrap();
    let contents = whole.tables().contents();
    // In the log of the store, where rows wait, in a load, before a checkpoint.
    for mebibytes in [8, 14, 20, 32, 60] {
        let place = Workplace::new();
        let Some(output) = on_a_small_disk(&place, &settings, mebibytes) else { return };
        let said = String::from_utf8_lossy(&output.stderr);
        let (full, resumed) =
            said.split_once("the disk was full: 1\n").unwrap_or_else(|| panic!("{mebibytes} MiB: {said}"));
        let error = full.lines().last().unwrap_or_default();
        let says_what = ["No space left on device", "the disk is full", "bytes of free space are needed"];
        assert!(says_what.iter().any(|words| error.contains(words)), "{mebibytes} MiB: {error}");
        assert!(error.contains("run again"), "{mebibytes} MiB: {error}");
        assert!(output.status.success(), "{mebibytes} MiB: {resumed}");
        assert!(place.tables().contents() == contents, "{mebibytes} MiB: other tables");
    }
}
