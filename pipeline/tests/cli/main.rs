//! The binary as a person or a script meets it: exit codes, what goes to which output, and what errors say.
//!
//! A test binary of its own: it runs `blockmill` and links neither engine.
#![expect(clippy::unwrap_used, reason = "helper functions of tests; clippy only knows the tests themselves")]

mod beside;
mod faults;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use blockmill_testkit::vectors;
use serde_json::Value;
use tempfile::TempDir;

fn blockmill(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    blockmill(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// A small chain of the public vectors, and a folder to rebuild it in.
struct Small {
    folder: TempDir,
    chain: PathBuf,
}

impl Small {
    fn new() -> Option<Self> {
        let chain = vectors::require("chains/execution-apis")?;
        Some(Self { folder: tempfile::tempdir().unwrap(), chain })
    }

    fn data_dir(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn genesis(&self) -> String {
        self.chain.join("genesis.json").display().to_string()
    }

    fn rebuild(&self, more: &[&str]) -> Output {
        let path = |name: &str| self.chain.join(name).display().to_string();
        let (genesis, source, data_dir) = (path("genesis.json"), path("chain.rlp"), self.data_dir());
        let mut arguments =
            vec!["rebuild", "--chain", &genesis, "--source", &source, "--data-dir", &data_dir];
        arguments.extend(more);
        run(&arguments)
    }
}

#[test]
fn help_is_a_result_and_names_every_command() {
    let output = run(&["--help"]);
    assert_eq!(code(&output), Some(0));
    for command in ["rebuild", "trace", "status", "verify", "report", "inspect", "datasets"] {
        assert!(stdout(&output).contains(&format!("  {command} ")), "{command} is not in the help");
        assert_eq!(code(&run(&[command, "--help"])), Some(0), "{command} --help");
    }
}

#[test]
fn a_command_line_that_makes_no_sense_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("data").display().to_string();
    for arguments in [
        &["rebild"][..],
        &["rebuild", "--range", "10"],
        &["rebuild", "--chain", "nowhere"],
        &["rebuild", "--chain", "g.json", "--genesis", "h.json"],
        &["rebuild", "--memory", "1MiB", "--data-dir", &empty],
        &["inspect", "block", "latest"],
        &["datasets", "opcode"],
        &[],
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), Some(2), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?} is not a result");
    }
}

#[test]
fn what_is_not_there_is_named_and_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").display().to_string();
    for arguments in [
        &["status", "--data-dir", &missing][..],
        &["verify", "--data-dir", &missing],
        &["report", "--data-dir", &missing],
        &["inspect", "block", "0", "--data-dir", &missing],
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), Some(1), "{arguments:?}");
        assert!(stderr(&output).starts_with("error: "), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(&missing), "{arguments:?}: {}", stderr(&output));
        assert!(!Path::new(&missing).exists(), "{arguments:?} made a folder");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child =
        blockmill(&["datasets", "traces"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), stderr(&output)), (Some(0), String::new()));
}

#[test]
fn results_go_to_the_standard_output_and_progress_to_the_standard_error() {
    let Some(small) = Small::new() else { return };
    let output = small.rebuild(&["--root-interval", "1"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).lines().any(|line| line.starts_with("execute: 54 of 54 blocks (100%)")));
    assert!(stdout(&output).starts_with("stage "), "{}", stdout(&output));
    assert!(stdout(&output).contains("holds blocks up to 54"));

    let again = small.rebuild(&[]);
    assert_eq!(code(&again), Some(0), "{}", stderr(&again));
    assert_eq!(stderr(&again).lines().count(), 2, "there was nothing to do: {}", stderr(&again));
    assert!(!stdout(&again).contains("stage "), "{}", stdout(&again));
}

/// What geth answered to `eth_getProof` of slot 0 of an account.
fn geths_proof(address: &str) -> String {
    let exchange =
        vectors::require("chains/execution-apis/rpc/eth_getProof/get-account-proof-with-storage.io");
    let exchange = std::fs::read_to_string(exchange.unwrap()).unwrap();
    assert!(exchange.contains(address) && exchange.contains("[\"0x00\"]"), "another question was asked");
    let answer: Value =
        serde_json::from_str(exchange.lines().last().unwrap().trim_start_matches("<< ")).unwrap();
    answer["result"].to_string()
}

/// The nodes of a proof, of the account and of its first slot, with the balance.
fn as_lists(proof: &str) -> [Value; 3] {
    let proof: Value = serde_json::from_str(proof).unwrap();
    ["/accountProof", "/storageProof/0/proof", "/balance"].map(|at| proof.pointer(at).unwrap().clone())
}

/// The words of a text, a space between them: columns are as wide as their widest value.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_was_rebuilt_can_be_looked_at_and_verified() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&[])), Some(0));
    let data_dir = small.data_dir();
    let look = |arguments: &[&str]| {
        let output = run(&[arguments, &["--data-dir", &data_dir]].concat());
        assert_eq!(code(&output), Some(0), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    };
    assert!(words(&look(&["status"])).contains("transactions 249 "));
    let verified = look(&["verify", "--deep"]);
    assert!(verified.contains("ok       head_state_root_matches_the_header"), "{verified}");
    assert!(verified.contains(" checks hold, 0 are broken"), "{verified}");
    let block = look(&["inspect", "block", "54"]);
    let hash = block.lines().find_map(|line| line.strip_prefix("hash ")).unwrap().trim();
    assert_eq!(look(&["inspect", "block", hash]), block);
    let transaction_in = |block: String| {
        let rows = block.split_once("hash, sender, recipient")?.1;
        rows.split_whitespace().find(|word| word.len() == 66).map(str::to_owned)
    };
    let hash =
        (1..=54).find_map(|number: u64| transaction_in(look(&["inspect", "block", &number.to_string()])));
    let hash = hash.unwrap();
    // A plain transfer has no selector, and no long input either.
    let pages =
        (1..=12).filter_map(|number: u64| transaction_in(look(&["inspect", "block", &number.to_string()])));
    assert!(pages.map(|hash| look(&["inspect", "tx", &hash, "--full"])).all(|page| !page.contains("(long)")));
    let page = look(&["inspect", "tx", &hash, "--full"]);
    assert!(page.starts_with(look(&["inspect", "tx", &hash]).trim_end()), "{page}");
    for section in ["\nfee:\n", "\ncalls:\ncall ", "\nchanges of the state:\naddress "] {
        assert!(page.contains(section), "{page}");
    }
    // In lower case, as the tables have it: what is found here is found there.
    let numbers = block.split_whitespace().filter(|word| word.starts_with("0x"));
    assert!(
        numbers.clone().count() > 10 && numbers.clone().all(|word| word == word.to_lowercase()),
        "{block}"
    );
    let account =
        look(&["inspect", "account", "0x0000000000000000000000000000000000000001", "--slot", "0xff"]);
    assert!(account.contains("after block  54") && account.contains("slot "), "{account}");
    let address = "0x7dcd17433742f4c0ca53122ab541d0ba67fc27df";
    assert!(look(&["inspect", "account", address]).contains(address));
    let proof = look(&["inspect", "account", address, "--slot", "0", "--proof"]);
    assert_eq!(as_lists(&proof), as_lists(&geths_proof(address)));

    let output = run(&["inspect", "block", "55", "--data-dir", &data_dir]);
    assert_eq!(code(&output), Some(1));
    assert!(stderr(&output).contains("holds blocks up to 54"));
}

#[test]
fn a_report_shows_the_tables_then_questions_with_their_sql_and_their_answers() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&[])), Some(0));
    let data_dir = small.data_dir();
    let output = run(&["report", "--data-dir", &data_dir]);
    assert_eq!((code(&output), stderr(&output)), (Some(0), String::new()));
    let report = stdout(&output);
    let lines: Vec<_> = report.lines().collect();
    assert!(lines[0].starts_with("database  ") && lines[0].contains(&data_dir), "{report}");
    assert!(lines.contains(&"blocks    0 to 54"), "{report}");
    assert!(words(&report).contains(" transactions 249 senders: "), "{report}");
    for number in 1..=5 {
        let heading = format!("{number}. ");
        let at = lines.iter().position(|line| line.starts_with(&heading)).unwrap();
        let sql = lines[at + 2].trim_start();
        assert!(sql.starts_with("SELECT") || sql.starts_with("WITH"), "{report}");
    }
    assert!(report.contains("\n    ORDER BY from_block;\n\n    from_block  to_block  "), "{report}");
    assert!(report.contains("duckdb -readonly "), "{report}");

    let output = run(&["report", "--data-dir", &data_dir, "--log", "json"]);
    let objects: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<_> = objects.iter().map(|object| object["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["contents", "answer", "answer", "answer", "answer", "answer"]);
    assert_eq!(objects[0]["last_block"], 54);
    let gas = &objects[1];
    assert_eq!((&gas["columns"][0], gas["rows"][0].as_array().unwrap().len()), (&"contract".into(), 6));
}

#[test]
fn derived_tables_are_made_and_kept_up_to_date() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&[])), Some(0));
    let genesis = small.chain.join("genesis.json").display().to_string();
    let derive = |more: &[&str]| {
        let output = run(&[&["derive", "--data-dir", &small.data_dir()], more].concat());
        assert_eq!(code(&output), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let made = derive(&[]);
    assert!(made.starts_with("account_balances: blocks 0 to 54, ") && made.lines().count() == 5, "{made}");
    let of_mainnet = "tokens: not made: the store is that of another chain: give --chain as rebuild had it";
    assert_eq!(made.lines().last(), Some(of_mainnet));
    assert!(derive(&["--chain", &genesis]).contains("\ntokens: blocks 0 to 54, "));
    assert!(derive(&[]).lines().all(|line| line.contains(": up to date (")));
    assert!(derive(&["--log", "json"]).contains("\"outcome\":\"up to date\""));
}

#[test]
fn what_was_rebuilt_can_be_taken_back_and_done_again() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&[])), Some(0));
    let unwind = |to: &str| run(&["unwind", "--data-dir", &small.data_dir(), "--to", to]);
    let output = unwind("55");
    assert_eq!(code(&output), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("the store ends with block 54: there is no way back to 55"));
    let output = unwind("20");
    let expected = "the store ends with block 20, its state is as of block 0; the tables are empty\n";
    assert_eq!((code(&output), stdout(&output).as_str()), (Some(0), expected), "{}", stderr(&output));
    assert_eq!(code(&small.rebuild(&[])), Some(0));
    let verified = run(&["verify", "--data-dir", &small.data_dir()]);
    assert_eq!(code(&verified), Some(0), "{}", stdout(&verified));
}

#[test]
fn tables_are_exported_as_files_that_say_what_the_tables_say() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&[])), Some(0));
    let (data_dir, folder) = (small.data_dir(), format!("{}/export", small.data_dir()));
    let export = |more: &[&str]| run(&[&["export", &folder, "--data-dir", &data_dir], more].concat());
    let output = export(&["--datasets", "transactions,traces", "--partition", "blocks=20"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("transactions: 249 rows in 3 files, "), "{}", stdout(&output));
    for first_block in [0, 20, 40] {
        let partition = Path::new(&folder).join(format!("traces/first_block={first_block}"));
        assert_eq!(partition.read_dir().unwrap().count(), 1);
    }
    assert_eq!(code(&export(&["--log", "json"])), Some(0), "all that were loaded");
    assert!(!Path::new(&folder).join("traces/first_block=20").exists(), "of another partition size");
    let output = export(&["--tables", "account_balances"]);
    assert_eq!(code(&output), Some(1));
    assert!(stderr(&output).contains("'blockmill derive' makes it"), "{}", stderr(&output));
    assert_eq!(code(&run(&["derive", "--data-dir", &data_dir, "--chain", &small.genesis()])), Some(0));
    let output = export(&["--tables", "account_balances,blocks", "--partition", "blocks=20"]);
    let said = stdout(&output);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(said.contains("holds these 2 tables; removed, as not in this export: ommers, "), "{said}");
    assert!(!Path::new(&folder).join("traces").exists());
    let refused = export(&["--datasets", "opcodes"]);
    assert_eq!(code(&refused), Some(1));
    assert!(stderr(&refused).contains("opcodes is not in "), "{}", stderr(&refused));
    assert_eq!(code(&export(&["--partition", "20"])), Some(2));
}

#[test]
fn a_report_leaves_out_what_was_not_loaded() {
    let Some(small) = Small::new() else { return };
    assert_eq!(code(&small.rebuild(&["--datasets", "blocks,transactions"])), Some(0));
    let output = run(&["report", "--data-dir", &small.data_dir()]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("    not asked: traces not loaded"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("\nlogs "), "{}", stdout(&output));
}

/// A practice chain that takes a second or two of CPU time: some hundred samples.
fn practice_chain(folder: &Path) -> [String; 2] {
    let chain = folder.join("chain").display().to_string();
    let made = run(&["devchain", "--out", &chain, "--blocks", "100", "--accounts", "300"]);
    assert_eq!(code(&made), Some(0), "{}", stderr(&made));
    ["genesis.json", "chain.rlp"].map(|name| format!("{chain}/{name}"))
}

#[test]
fn a_profile_names_threads_and_functions_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [genesis, source] = practice_chain(folder.path());
    let (data_dir, temporary) = (folder.path().join("data"), folder.path().join("temporary"));
    std::fs::create_dir(&temporary).unwrap();
    let output = blockmill(&["rebuild", "--chain", &genesis, "--source", &source, "--profile", "cpu"])
        .args([Path::new("--data-dir"), &data_dir])
        .env("TMPDIR", &temporary)
        .output()
        .unwrap();
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let path = data_dir.join("blockmill.flame.svg");
    let told = format!("profile: {} (", path.display());
    assert!(stderr(&output).lines().any(|line| line.starts_with(&told)), "{}", stderr(&output));
    let graph = std::fs::read_to_string(&path).unwrap();
    assert!(graph.contains("</svg>"));
    // The thread of a stage, one of the pool, our functions, and those of an engine.
    for name in [">execute (", ">rayon-0 (", "blockmill_execute::", "blockmill_source::", "duckdb::"] {
        assert!(graph.contains(name), "{name} is not in the graph");
    }
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn without_being_asked_for_there_is_no_profile() {
    let Some(small) = Small::new() else { return };
    let output = small.rebuild(&[]);
    assert!(!stderr(&output).contains("profile"), "{}", stderr(&output));
    assert!(!Path::new(&small.data_dir()).join("blockmill.flame.svg").exists());
    assert_eq!(code(&small.rebuild(&["--profile", "memory"])), Some(2));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let Some(small) = Small::new() else { return };
    let output = small.rebuild(&["--dry-run"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("a run would"), "{}", stdout(&output));
    let output = stdout(&small.rebuild(&["--dry-run", "--range", "10:20"]));
    for said in ["read blocks 0:20", "execute blocks 0:20", "trace blocks 10:20", "load blocks 10:20"] {
        assert!(output.contains(said), "{said}: {output}");
    }
    assert!(!Path::new(&small.data_dir()).exists());
}

#[test]
fn json_is_json_on_both_outputs() {
    let Some(small) = Small::new() else { return };
    let output = small.rebuild(&["--log", "json"]);
    for line in stderr(&output).lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(event["event"].is_string(), "{line}");
    }
    let summary: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((&summary["event"], &summary["last_block"]), (&"summary".into(), &54.into()));

    let data_dir = small.data_dir();
    let status = run(&["status", "--data-dir", &data_dir, "--log", "json"]);
    let status: Value = serde_json::from_str(&stdout(&status)).unwrap();
    assert_eq!(status["stages"].as_array().unwrap().len(), 4);

    let error = run(&["inspect", "block", "99", "--data-dir", &data_dir, "--log", "json"]);
    let error: Value = serde_json::from_str(&stderr(&error)).unwrap();
    assert_eq!((&error["event"], &error["exit_code"]), (&"error".into(), &1.into()));
}

#[test]
fn ctrl_c_stops_with_130_and_says_how_to_go_on() {
    let Some(era) = vectors::require("era/mainnet-00000-5ec1ffb8.era1") else { return };
    let folder = tempfile::tempdir().unwrap();
    // A root after every block makes it last long enough to be stopped.
    let mut child = blockmill(&["rebuild", "--root-interval", "1", "--log", "json"])
        .args([Path::new("--source"), &era])
        .args([Path::new("--data-dir"), folder.path()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let is_executing = |line: &String| line.contains(r#""advanced""#) && line.contains(r#""execute""#);
    assert!(events.any(|line| is_executing(&line)), "it never got to execute");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let rest: Vec<String> = events.collect();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), Some(130));
    assert!(rest.iter().any(|line| line.contains("stopping at the next block")), "{rest:?}");
    let summary: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(summary["interrupted"], true);
}
