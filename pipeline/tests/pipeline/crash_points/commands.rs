//! What else may end at a durable step: other runs on what a run has left, and commands. Done again, they leave what they leave
//! when nobody stops them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use blockmill_load::TextRows;

use super::{Chain, Job, for_steps, is_torture, process, stopped};
use crate::harness::Workplace;
use crate::stored_state::{State, state};

/// Where `export` writes, inside a workplace.
const EXPORTED: &str = "parquet";

/// Something done to what a run has left.
struct Work<'a> {
    name: &'a str,
    /// The process that does it.
    process: &'a (dyn Fn(&Workplace) -> Command + Sync),
    /// What is done to a copy of the run beforehand.
    prepare: fn(&Workplace),
    /// Steps between those at which `make test` ends it.
    stride: usize,
}

/// Everything that a command may have changed.
#[derive(PartialEq)]
struct Left {
    tables: BTreeMap<String, TextRows>,
    state: State,
    exported: BTreeMap<PathBuf, Vec<u8>>,
}

fn left(place: &Workplace) -> Left {
    let mut exported = BTreeMap::new();
    read_files(&place.path(EXPORTED), Path::new(""), &mut exported);
    Left { tables: place.tables().contents(), state: state(&place.store()), exported }
}

/// Every file below a folder that may be missing, by its name inside it.
fn read_files(folder: &Path, inside: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap()) {
        let name = inside.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => read_files(&entry.path(), &name, files),
            false => _ = files.insert(name, fs::read(entry.path()).unwrap()),
        }
    }
}

impl Work<'_> {
    fn do_whole(&self, place: &Workplace, how: &str) {
        let output = (self.process)(place).output().unwrap();
        assert!(output.status.success(), "{how}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn prepared(&self, before: &Workplace) -> Workplace {
        let place = before.copied();
        (self.prepare)(&place);
        place
    }

    /// Ends it at steps of its way, does it again, and compares with what is left when nobody stops it.
    #[expect(clippy::print_stdout, reason = "who asks for it wants to know how many steps there were")]
    fn assert_can_be_done_again(&self, before: &Workplace) {
        let whole = self.prepared(before);
        self.do_whole(&whole, self.name);
        let expected = left(&whole);
        let tried = for_steps(if is_torture() { 1 } else { self.stride }, |step| {
            let place = self.prepared(before);
            let Some(stopped) = stopped((self.process)(&place), step) else { return false };
            let how = format!("{}: {stopped}", self.name);
            self.do_whole(&place, &how);
            assert!(left(&place) == expected, "{how}: something else is left");
            true
        });
        println!("{}: {tried} steps", self.name);
        assert!(tried > 1, "{}: only {tried} steps", self.name);
    }
}

#[test]
fn runs_of_other_kinds_that_end_at_any_durable_step_resume() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    let lose_tables: fn(&Workplace) = |place| fs::remove_file(place.out()).unwrap();
    let nothing: fn(&Workplace) = |_| {};
    for (name, job, prepare, stride) in [
        ("lost tables", Job::TablesOnly, lose_tables, 7),
        ("the trie anew", Job::RebuildTrie, nothing, 3),
        ("another branch", Job::OtherBranch, nothing, 7),
    ] {
        let process = &|place: &Workplace| process(place, &chain, job);
        Work { name, process, prepare, stride }.assert_can_be_done_again(whole);
    }
}

#[test]
fn commands_that_end_at_any_durable_step_can_be_done_again() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    let export = format!("export {EXPORTED} --partition blocks=4");
    for (arguments, stride) in [("unwind --to 5", 2), ("derive --chain chain/genesis.json", 3), (&export, 3)]
    {
        let process = &|place: &Workplace| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
            command.current_dir(place.path("")).args(arguments.split(' '));
            command.args(["--data-dir", "data", "--out", "out.duckdb"]);
            command
        };
        let work = Work { name: arguments, process, prepare: |_| {}, stride };
        work.assert_can_be_done_again(whole);
    }
}
