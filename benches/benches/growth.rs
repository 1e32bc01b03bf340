//! What a transaction costs as chains grow: rebuilds of practice chains of about 1,000, 10,000 and 100,000 transactions,
//! each once and in a process of its own, whose peak memory is its own. Printed is a table: time, bytes on disk and
//! peak memory, by themselves and for each transaction.
//!
//! The process is this program again, told by `BLOCKMILL_GROWTH_CHAIN` which chain to rebuild.

#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use blockmill_benches::{Silent, bytes_below, is_smoke_test, settings_of};
use blockmill_chain::Cancel;
use blockmill_devchain::{Profile, Request, generate};
use blockmill_pipeline::{Settings, rebuild};
use blockmill_schemas::Dataset;
use tempfile::TempDir;

const CHILD: &str = "BLOCKMILL_GROWTH_CHAIN";
/// Blocks; one of mainnet-mix has a hundred transactions and some more.
const CHAINS: [u64; 3] = [9, 90, 900];
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What one rebuild took.
struct Growth {
    transactions: u64,
    seconds: f64,
    store_bytes: u64,
    spill_peak_bytes: u64,
    duckdb_bytes: u64,
    peak_rss_bytes: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(folder) = env::var_os(CHILD) {
        return rebuild_here(Path::new(&folder));
    }
    let chains = if is_smoke_test() { &CHAINS[..1] } else { &CHAINS[..] };
    println!("transactions   seconds   store MB   spill MB at most   DuckDB MB   peak memory MB");
    println!("  for each     µs        bytes      bytes              bytes       bytes");
    for blocks in chains {
        measure(*blocks)?.print();
    }
    Ok(())
}

/// The child: rebuilds, and prints what only it knows.
fn rebuild_here(folder: &Path) -> Result<(), Box<dyn Error>> {
    let settings = Settings { keep_witnesses: false, ..settings_of(folder, Dataset::defaults().collect()) };
    let run = rebuild(&settings, &Cancel::default(), &Silent)?;
    println!("{} {}", run.elapsed.as_secs_f64(), run.peak_rss_bytes);
    Ok(())
}

fn measure(blocks: u64) -> Result<Growth, Box<dyn Error>> {
    let folder = TempDir::new()?;
    let mut transactions = 0;
    let request = Request::new(Profile::MainnetMix, blocks, 1);
    generate(&request, &folder.path().join("chain"), &Cancel::default(), &mut |progress| {
        transactions += progress.transactions;
    })?;
    let child = Command::new(env::current_exe()?).env(CHILD, folder.path()).stdout(Stdio::piped()).spawn()?;
    let data = folder.path().join("data");
    let (output, spill_peak_bytes) = watch(child, &data.join("spill"))?;
    let mut numbers = output.split_whitespace();
    let mut next = || numbers.next().ok_or("the rebuild printed nothing");
    let (seconds, peak_rss_bytes) = (next()?.parse()?, next()?.parse()?);
    Ok(Growth {
        transactions,
        seconds,
        store_bytes: bytes_below(&data.join("store")),
        spill_peak_bytes,
        duckdb_bytes: bytes_below(&data.join("out.duckdb")),
        peak_rss_bytes,
    })
}

/// What the child prints, and the most bytes that were seen in the spill.
fn watch(mut child: Child, spill: &Path) -> Result<(String, u64), Box<dyn Error>> {
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(bytes_below(spill));
        thread::sleep(LOOK_EVERY);
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the rebuild ended with {}", output.status).into());
    }
    Ok((String::from_utf8(output.stdout)?, peak))
}

impl Growth {
    fn print(&self) {
        let each = |amount: f64| amount / self.transactions as f64;
        let bytes = [self.store_bytes, self.spill_peak_bytes, self.duckdb_bytes, self.peak_rss_bytes];
        let [store, spill, duckdb, memory] = bytes.map(|bytes| bytes as f64);
        println!(
            "{:<14} {:<9.2} {:<10.1} {:<18.1} {:<11.1} {:.0}",
            self.transactions,
            self.seconds,
            store / 1e6,
            spill / 1e6,
            duckdb / 1e6,
            memory / 1e6
        );
        println!(
            "  for each     {:<9.0} {:<10.0} {:<18.0} {:<11.0} {:.0}",
            each(self.seconds * 1e6),
            each(store),
            each(spill),
            each(duckdb),
            each(memory)
        );
    }
}
