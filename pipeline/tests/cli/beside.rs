//! What can be asked beside a run, on a disk that is read-only, and by another user than the owner of the
//! files.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use blockmill_testkit::vectors::{self, announce_not_possible};
use serde_json::Value;
use tempfile::TempDir;

use crate::{Small, blockmill, code, run, stderr, stdout};

/// The id of the user `nobody`, who owns no file.
const NOBODY: u32 = 65534;

/// A copy of the program that any user can run, and a folder for temporary files that every user can write.
struct Stranger {
    folder: TempDir,
    program: PathBuf,
}

impl Stranger {
    /// `None` where this process may not become another user, or the program needs files that others cannot read.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let library = std::env::var_os("DUCKDB_LIB_DIR").map(|lib| Path::new(&lib).join("libduckdb.so"));
        if folder.path().metadata().unwrap().uid() != 0 || library.is_none() {
            announce_not_possible("only root can become another user, and DUCKDB_LIB_DIR must be set");
            return None;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let program = folder.path().join("blockmill");
        fs::copy(env!("CARGO_BIN_EXE_blockmill"), &program).unwrap();
        if let Some(library) = library.filter(|library| library.exists()) {
            fs::copy(library, folder.path().join("libduckdb.so")).unwrap();
        }
        Some(Self { folder, program })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).uid(NOBODY).gid(NOBODY);
        command.env("LD_LIBRARY_PATH", self.folder.path()).env("TMPDIR", self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Nothing but the program is left in its folder.
    fn check_nothing_is_left(&self) {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = names.filter(|name| name != "blockmill" && name != "libduckdb.so").collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Ends with the test, whatever becomes of that.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

fn object(output: &Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap()
}

#[test]
fn a_rebuild_can_be_watched_and_its_blocks_and_accounts_looked_at() {
    let Some(era) = vectors::require("era/mainnet-00000-5ec1ffb8.era1") else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data_dir = folder.path().join("data").display().to_string();
    let (stranger, log) = (Stranger::new(), fs::File::create(folder.path().join("log")).unwrap());
    let mut rebuild = Running(
        blockmill(&["rebuild", "--range", ":8000", "--root-interval", "1", "--memory", "512MiB"])
            .args([Path::new("--source"), &era])
            .args(["--data-dir", &data_dir])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap(),
    );
    let ask = |number: usize, arguments: &[&str]| {
        let arguments = [arguments, &["--data-dir", &data_dir]].concat();
        match &stranger {
            Some(stranger) if number % 2 == 1 => stranger.run(&arguments),
            _ => run(&arguments),
        }
    };
    let (mut number, mut executed, mut looks, mut refusals) = (0, 0, 0, 0);
    while rebuild.0.try_wait().unwrap().is_none() {
        number += 1;
        // Before it is asked: the store may come to be meanwhile.
        let is_there = Path::new(&data_dir).join("store/rocksdb/CURRENT").exists();
        let asked = ask(number, &["status", "--log", "json"]);
        if !is_there {
            continue;
        }
        assert_eq!(code(&asked), Some(0), "{}", stderr(&asked));
        let status = object(&asked);
        let stage = |name: &str| {
            let stages = status["stages"].as_array().unwrap();
            stages.iter().find(|stage| stage["stage"] == name).and_then(|stage| stage["checkpoint"].as_u64())
        };
        if !status["run"].is_null() {
            assert_eq!(status["run"]["process"], rebuild.0.id());
        }
        let last = stage("execute").unwrap_or(0);
        assert!(last >= executed, "block {last} after block {executed}");
        executed = last;
        if executed == 0 {
            continue;
        }
        let block = ask(number, &["inspect", "block", &executed.to_string()]);
        assert_eq!(code(&block), Some(0), "{}", stderr(&block));
        // The largest account of mainnet's genesis.
        let account = ["inspect", "account", "0x5abfec25f74cd88437631a7731906932776356f9"];
        let account = ask(number, &[&account[..], &["--proof"]].concat());
        assert_eq!(code(&account), Some(0), "{}", stderr(&account));
        let balance = object(&account)["balance"].as_str().unwrap().to_owned();
        assert!(balance.len() > 20, "{balance}");
        looks += 1;
        let report = ask(number, &["report"]);
        if code(&report) == Some(1) {
            let why = format!("is being filled by process {}", rebuild.0.id());
            assert!(stderr(&report).contains(&why), "{}", stderr(&report));
            refusals += 1;
        }
    }
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(rebuild.0.wait().unwrap().success(), "{log}");
    assert!(looks > 0 && refusals > 0, "{looks} looks, {refusals} refusals");
    let status = object(&ask(1, &["status", "--log", "json"]));
    assert!(status["run"].is_null(), "{status}");
    assert_eq!(status["stages"][3]["checkpoint"], 7_999);
    assert!(!Path::new(&data_dir).join("progress.json").exists());
    if let Some(stranger) = stranger {
        stranger.check_nothing_is_left();
    }
}

#[test]
fn a_killed_run_leaves_nothing_that_passes_for_a_running_one() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&[])), Some(0));
    let data_dir = small.data_dir();
    let left = r#"{"process": 1, "database": "/x", "elapsed_seconds": 1.0, "stages": []}"#;
    fs::write(Path::new(&data_dir).join("progress.json"), left).unwrap();
    let status = object(&run(&["status", "--data-dir", &data_dir, "--log", "json"]));
    assert!(status["run"].is_null(), "{status}");
    assert_eq!(status["stages"][3]["checkpoint"], 54);
}

#[test]
fn a_database_on_a_read_only_disk_is_looked_at_and_verified_by_anybody() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&["--root-interval", "1"])), Some(0));
    let Some(stranger) = Stranger::new() else { return };
    fs::set_permissions(small.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data_dir = small.data_dir();
    // In a name space of its own, which ends with the command.
    const MOUNT: &str =
        "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && ! touch \"$0/x\" 2>/dev/null";
    let allowed = Command::new("unshare").args(["--mount", "sh", "-c", MOUNT, &data_dir]).output();
    let mounts = allowed.is_ok_and(|output| output.status.success());
    if !mounts {
        eprintln!("not on a read-only disk: this machine does not let a test mount one");
    }
    let account = "0x0000000000000000000000000000000000000000";
    for arguments in [
        &["verify", "--deep"][..],
        &["status"],
        &["inspect", "block", "54"],
        &["inspect", "account", account, "--proof"],
        &["report"],
    ] {
        let arguments = [arguments, &["--data-dir", &data_dir]].concat();
        let mut outputs = vec![stranger.run(&arguments)];
        if mounts {
            let (id, program) = (NOBODY.to_string(), stranger.program.display().to_string());
            let script = format!("{MOUNT} && exec setpriv --reuid {id} --regid {id} --clear-groups \"$@\"");
            let mut command = Command::new("unshare");
            command.args(["--mount", "sh", "-c", &script, &data_dir, &program]).args(&arguments);
            command.env("LD_LIBRARY_PATH", stranger.folder.path()).env("TMPDIR", stranger.folder.path());
            outputs.push(command.output().unwrap());
        }
        for output in outputs {
            assert_eq!(code(&output), Some(0), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
        }
    }
    stranger.check_nothing_is_left();
}
