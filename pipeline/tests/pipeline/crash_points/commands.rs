//! What else may end at a durable step: other runs on what a run has left, and commands. Done again, they leave what they leave
//! when they are not stopped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use blockmill_load::TextRows;

use super::{Chain, Job, datasets, for_steps, is_torture, process, stopped};
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
    /// What holds at whatever step it ended.
    holds: &'a (dyn Fn(&Workplace, &str) + Sync),
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

/// Where `export` writes an archive and a state.
const OTHER_EXPORTS: [&str; 2] = ["archive", "state.jsonl"];

fn left(place: &Workplace) -> Left {
    let mut exported = BTreeMap::new();
    read_files(&place.path(EXPORTED), Path::new(""), &mut exported);
    for name in OTHER_EXPORTS {
        match fs::read(place.path(name)) {
            Ok(bytes) => _ = exported.insert(name.into(), bytes),
            Err(_) => read_files(&place.path(name), Path::new(name), &mut exported),
        }
    }
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

    /// Ends it at steps of its way, does it again, and compares with what it leaves when it is not stopped.
    #[expect(clippy::print_stdout, reason = "who asks for it wants to know how many steps there were")]
    fn assert_can_be_done_again(&self, before: &Workplace) {
        let whole = self.prepared(before);
        self.do_whole(&whole, self.name);
        let expected = left(&whole);
        let tried = for_steps(if is_torture() { 1 } else { self.stride }, |step| {
            let place = self.prepared(before);
            let Some(stopped) = stopped((self.process)(&place), step) else { return false };
            let how = format!("{}: {stopped}", self.name);
            (self.holds)(&place, &how);
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
        Work { name, process, prepare, holds: &|_, _| {}, stride }.assert_can_be_done_again(whole);
    }
}

#[test]
fn a_chain_that_starts_from_a_state_and_ends_at_any_durable_step_resumes() {
    let chain = Chain::new();
    chain.dump_state();
    let process = &|place: &Workplace| process(place, &chain, Job::FromState);
    let holds = &|place: &Workplace, how: &str| {
        // A store that has its name has the whole state.
        let names =
            fs::read_dir(place.data_dir()).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        if names.into_iter().any(|name| name == "store") {
            assert!(place.store().trie_is_whole().unwrap(), "{how}");
        }
    };
    let work = Work { name: "from a state", process, prepare: |_| {}, holds, stride: 5 };
    work.assert_can_be_done_again(&Workplace::new());
}

/// A command of the program, on what a run has left.
fn command(place: &Workplace, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
    command.current_dir(place.path("")).args(arguments.split(' '));
    command.args(["--data-dir", "data", "--out", "out.duckdb"]);
    command
}

#[test]
fn commands_that_end_at_any_durable_step_can_be_done_again() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    let export = format!("export {EXPORTED} --partition blocks=4 {FEW_TABLES}");
    for (arguments, stride) in [
        ("unwind --to 5", 2),
        ("derive --chain chain/genesis.json", 3),
        (&export, 3),
        ("export archive --format ere", 1),
        ("export state.jsonl --format state", 1),
    ] {
        let process = &|place: &Workplace| command(place, arguments);
        let work = Work { name: arguments, process, prepare: |_| {}, holds: &|_, _| {}, stride };
        work.assert_can_be_done_again(whole);
    }
}

/// Rows of an exported table, and how many of them are different ones; `None` where the export has no such table.
fn exported_rows(place: &Workplace, table: &str) -> Option<(u64, u64)> {
    let folder = place.path(EXPORTED).join(table);
    if !folder.exists() {
        return None;
    }
    let count = format!(
        "SELECT count(*), count(DISTINCT exported) FROM read_parquet('{}/**/*.parquet') AS exported",
        folder.display()
    );
    let row = place.tables().query(&count).rows.remove(0);
    let mut numbers = row.into_iter().map(|number| number.unwrap().parse().unwrap());
    Some((numbers.next().unwrap(), numbers.next().unwrap()))
}

/// Every table is exported alike, and each has its steps.
const FEW_TABLES: &str = "--datasets blocks,transactions,traces,balance_diffs";

fn done(place: &Workplace, arguments: &str) {
    let output = command(place, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_reader_sees_an_export_as_a_whole_at_whatever_step_the_next_one_ends() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    let rows = |place: &Workplace| -> Vec<_> {
        datasets().into_iter().map(|table| exported_rows(place, table.name())).collect()
    };
    for (name, arguments) in [
        ("another partition size", format!("export parquet --partition blocks=2 {FEW_TABLES}")),
        ("fewer tables", "export parquet --partition blocks=3 --datasets traces".to_owned()),
        // What an export before left: every block, in files of three.
        ("after an unwind", format!("export parquet --partition blocks=3 {FEW_TABLES}")),
    ] {
        let arguments: &str = &arguments;
        let before = whole.copied();
        done(&before, &format!("export parquet --partition blocks=3 {FEW_TABLES}"));
        if name == "after an unwind" {
            done(&before, "unwind --to 5");
        }
        let after = before.copied();
        done(&after, arguments);
        let (old, new) = (rows(&before), rows(&after));
        assert_eq!(old == new, name == "another partition size", "{name}");
        let holds = &|place: &Workplace, how: &str| {
            for (at, table) in rows(place).into_iter().enumerate() {
                assert!([old[at], new[at]].contains(&table), "{how}: {table:?} of table {at}");
            }
        };
        let process = &|place: &Workplace| command(place, arguments);
        let work = Work { name, process, prepare: |_| {}, holds, stride: 4 };
        work.assert_can_be_done_again(&before);
    }
}
