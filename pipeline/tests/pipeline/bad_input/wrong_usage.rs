//! Command lines that make no sense, or name what is not there.

use std::fs;
use std::process::Command;

use blockmill_pipeline::{ByteSize, ExitCode, Settings};

use super::{assert_nothing_published, assert_refused};
use crate::harness::Workplace;

/// Runs `blockmill rebuild` and asserts its exit code and what its message says; it must not have made anything.
#[track_caller]
fn assert_refuses(arguments: &str, code: i32, words: &[&str]) {
    let place = Workplace::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
    command.arg("rebuild").args(arguments.split_whitespace());
    let ended = command.arg("--data-dir").arg(place.data_dir()).output().unwrap();
    let message = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(code), "{arguments}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments}: '{word}' is not in: {message}");
    }
    assert!(!place.data_dir().exists(), "{arguments}: it made the data directory");
}

#[test]
fn values_that_make_no_sense_exit_with_2_and_say_how_to_write_them() {
    assert_refuses(
        "--chain manet",
        2,
        &["'manet'", "no such chain", "mainnet, sepolia, holesky, hoodi", "genesis file"],
    );
    assert_refuses("--range 12", 2, &["'12'", "START:END"]);
    assert_refuses("--range 9:3", 2, &["the range 9:3 is empty", "the end is exclusive"]);
    assert_refuses("--memory lots", 2, &["'lots' is not a size", "4GiB"]);
    assert_refuses(
        "--memory 100MiB --threads 2",
        2,
        &["--memory 100 MiB is too little for 2 threads", "at least 384 MiB"],
    );
    assert_refuses("--threads 0", 2, &["--threads"]);
    assert_refuses("--datasets trces", 2, &["'trces'", "no such dataset", "traces"]);
    assert_refuses("--chain a.json --genesis b.json", 2, &["a.json is a genesis file itself"]);
}

#[test]
fn files_that_are_not_there_are_named() {
    assert_refuses("--source nowhere.era1", 1, &["nowhere.era1", "No such file or directory"]);
    assert_refuses("--chain nowhere.json", 1, &["nowhere.json", "No such file or directory"]);
}

#[test]
fn the_least_memory_that_is_asked_for_suffices() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let memory = ByteSize(384 << 20);
    super::assert_rebuilds(&Settings { memory, ..settings }, 54);
}

#[test]
fn a_run_without_anything_to_read_says_what_to_give() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let settings = Settings { sources: Vec::new(), ..settings };
    assert_refused(&settings, ExitCode::Usage, &["no --source was given", "holds no blocks", ".era1"]);
    assert_nothing_published(&place.out());
}

#[test]
fn a_folder_without_chain_files_says_what_they_are_called() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let folder = place.path("empty");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("README"), "nothing here").unwrap();
    let settings = Settings { sources: vec![folder], ..settings };
    assert_refused(
        &settings,
        ExitCode::Failed,
        &["empty holds no chain files", ".era1, .ere, .erae, .rlp, .rlp.gz"],
    );
    assert_nothing_published(&place.out());
}

#[test]
fn a_range_past_the_last_block_is_refused() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let settings = Settings { range: "100:200".parse().unwrap(), ..settings };
    assert_refused(&settings, ExitCode::Usage, &["no block of --range", "hold 0:55"]);
    assert!(!settings.out.exists(), "a refused run leaves a database");
}
