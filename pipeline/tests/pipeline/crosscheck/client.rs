//! Runs the client, and reads from its log what it thinks of a chain: its exit code never says anything.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use alloy::primitives::B256;
use blockmill_testkit::vectors::announce_skip;

/// For a whole chain; it executes some 50 million gas a second, and starts in two.
const TIMEOUT: Duration = Duration::from_secs(300);

const CLI: &str = "node_modules/@ethereumjs/client/dist/esm/bin/cli.js";

/// The client, as its script installed it.
pub(super) struct Client {
    cli: PathBuf,
}

/// Its verdict on a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The client has executed everything after one block up to another one, with this hash.
    Accepted { first: u64, last: u64, hash: B256, transactions: u64 },
    /// The client refused a block, and says why.
    Refused(String),
    /// The client said neither; its output.
    Silent(Vec<String>),
}

impl Client {
    /// The client, where `BLOCKMILL_ETHEREUMJS` says; else that the test is skipped.
    pub(super) fn find() -> Option<Self> {
        let folder = std::env::var_os("BLOCKMILL_ETHEREUMJS").map(PathBuf::from);
        let found = folder.map(|folder| folder.join(CLI)).filter(|cli| cli.exists());
        if found.is_none() {
            announce_skip(
                "no block is executed by @ethereumjs/client; set BLOCKMILL_ETHEREUMJS \
                 (scripts/crosscheck_setup.sh fetches it, where there are node and npm)",
            );
        }
        found.map(|cli| Self { cli })
    }

    /// Gives it a chain. What `data_dir` holds it has executed before.
    pub(super) fn judge(&self, genesis: &Path, chain: &Path, data_dir: &Path) -> Verdict {
        let mut child = self.start(genesis, chain, data_dir);
        let lines = lines_of(&mut child);
        let verdict = read_verdict(&lines);
        // It would wait for peers for ever.
        child.kill().unwrap();
        child.wait().unwrap();
        verdict
    }

    fn start(&self, genesis: &Path, chain: &Path, data_dir: &Path) -> Child {
        Command::new("node")
            .arg(&self.cli)
            .arg("--gethGenesis")
            .arg(genesis)
            .arg("--loadBlocksFromRlp")
            .arg(chain)
            .arg("--dataDir")
            .arg(data_dir)
            .args(["--sync", "none", "--logLevel", "debug", "--no-logFile", "--no-saveReceipts"])
            // All blocks in one batch, so that one line tells of all.
            .args(["--numBlocksPerIteration", "1000000", "--no-discV4", "--no-discDns", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// The part of a hash that the log shows: two bytes at either end.
pub(super) fn shown(mut hash: B256) -> B256 {
    hash[2..30].fill(0);
    hash
}

/// Both outputs, line by line, until they end.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    let (out, errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let streams: [Box<dyn BufRead + Send>; 2] =
        [Box::new(BufReader::new(out)), Box::new(BufReader::new(errors))];
    for stream in streams {
        let sender = sender.clone();
        thread::spawn(move || stream.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    }
    lines
}

/// A block that was refused is followed by what looks like success, so the first bad word counts.
fn read_verdict(lines: &Receiver<String>) -> Verdict {
    let (deadline, mut executed, mut seen) = (Instant::now() + TIMEOUT, None, Vec::new());
    loop {
        let line = match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Verdict::Silent(seen),
        };
        if is_refusal(&line) {
            // The reason stands in the next line.
            let reason = lines.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
            return Verdict::Refused(format!("{line} {reason}"));
        }
        executed = accepted(&line).or(executed);
        if line.contains("Client started successfully") {
            return executed.unwrap_or(Verdict::Silent(seen));
        }
        seen.push(line);
    }
}

fn is_refusal(line: &str) -> bool {
    let signs = [
        "failed:",
        "Error starting client",
        "Encountered error",
        "VM execution failed",
        "Uncaught error",
        "Error parsing",
    ];
    let is_error = line.split_whitespace().next().is_some_and(|word| word.ends_with("Error:"));
    is_error || signs.iter().any(|sign| line.contains(sign))
}

/// `… Executed blocks count=47 first=0 hash=0x44fd…3d99 … last=47 hash=0x9853…8fe6 txs=224`.
fn accepted(line: &str) -> Option<Verdict> {
    let (_, numbers) = line.split_once("Executed blocks count=")?;
    let (count, rest) = numbers.split_once(" first=")?;
    let (first, rest) = rest.split_once(' ')?;
    let (last, rest) = rest.split_once(" last=")?.1.split_once(" hash=0x")?;
    let (hash, rest) = rest.split_once(' ')?;
    let transactions = rest.split_whitespace().find_map(|word| word.strip_prefix("txs="))?;
    let (front, back) = hash.split_once('…')?;
    let whole = format!("{front}{}{back}", "0".repeat(56));
    let (count, first, last): (u64, _, _) = (count.parse().ok()?, first.parse().ok()?, last.parse().ok()?);
    // The count includes a block that failed.
    (first + count == last).then(|| Verdict::Accepted {
        first,
        last,
        hash: whole.parse().unwrap(),
        transactions: transactions.parse().unwrap(),
    })
}

#[test]
fn the_line_that_tells_of_success_is_read() {
    let line = "[11-26|10:00:00] DEBUG Executed blocks count=47 first=0 hash=0x44fd…3d99 baseFee=69640823 \
                hardfork=prague last=47 hash=0x9853…8fe6 txs=224";
    let Some(Verdict::Accepted { first: 0, last: 47, hash, transactions: 224 }) = accepted(line) else {
        panic!("{line}")
    };
    assert!(hash.to_string().starts_with("0x9853") && hash.to_string().ends_with("8fe6"));
    assert_eq!(accepted(&line.replace("count=47", "count=46")), None);
}
