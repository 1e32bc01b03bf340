//! A whole state from a dump into a store: 6 million accounts and 30 million slots, by default, with `--memory 1GiB`. Printed are
//! rows per second, peak memory of the process and bytes on the disk; beside them a plain pass over the same dump, which parses
//! it and keeps nothing.
//!
//! `BLOCKMILL_STATE_SLOTS` is another number of slots. The dump is our own export of a random state, the block a practice chain's
//! with that state's root in its header: it is loaded and not executed. Each pass is a process of its own, which
//! `BLOCKMILL_STATE_PASS` tells what to do.

#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use alloy::consensus::constants::EMPTY_ROOT_HASH;
use alloy::primitives::Bloom;
use blockmill_benches::{RandomState, Silent, bytes_below, is_smoke_test, settings_of};
use blockmill_chain::{Ancestry, Block, Cancel, ChainSpec, RecoveredBlock};
use blockmill_devchain::{Profile, Request, generate};
use blockmill_pipeline::{ByteSize, Settings, StateChoice, export_state, peak_rss_bytes, rebuild};
use blockmill_schemas::Dataset;
use blockmill_source::{ReadLimit, Source, read_genesis, read_state_dump};
use blockmill_store::{Store, StoreOptions, StoredBlock};
use blockmill_trie::{RebuildOptions, rebuild as rebuild_trie};
use tempfile::TempDir;

const PASS: &str = "BLOCKMILL_STATE_PASS";
const FOLDER: &str = "BLOCKMILL_STATE_FOLDER";
const SLOTS: &str = "BLOCKMILL_STATE_SLOTS";
const MEMORY: ByteSize = ByteSize(1 << 30);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const DUMP: &str = "state.jsonl";

fn main() -> Result<(), Box<dyn Error>> {
    if let (Some(pass), Some(folder)) = (env::var_os(PASS), env::var_os(FOLDER)) {
        let folder = Path::new(&folder);
        return if pass == "load" { load(folder) } else { parse(folder) };
    }
    let given = env::var(SLOTS).ok().and_then(|slots| slots.parse().ok());
    let slots = given.unwrap_or(if is_smoke_test() { 20_000 } else { 30_000_000 });
    let folder = TempDir::new()?;
    let rows = prepare(folder.path(), &RandomState { accounts: slots / 5, slots, largest: Vec::new() })?;
    println!("{rows} accounts and slots, {} MB of JSON", bytes_below(&folder.path().join(DUMP)) / 1_000_000);
    println!("pass     seconds   rows/s     peak memory MB   disk MB   disk MB at most");
    for pass in ["parse", "load"] {
        let mut child = Command::new(env::current_exe()?)
            .env(PASS, pass)
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let (data, mut most) = (folder.path().join("data"), 0);
        while child.try_wait()?.is_none() {
            most = most.max(bytes_below(&data));
            thread::sleep(LOOK_EVERY);
        }
        let output = child.wait_with_output()?;
        let text = String::from_utf8(output.stdout)?;
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        let mut next = || numbers.next().ok_or("the pass printed nothing");
        let (seconds, memory) = (next()??, next()??);
        println!(
            "{pass:<8} {seconds:<9.1} {:<10.0} {:<16.0} {:<9} {}",
            rows as f64 / seconds,
            memory / 1e6,
            bytes_below(&data) / 1_000_000,
            most / 1_000_000
        );
    }
    Ok(())
}

/// Reads the dump and keeps nothing.
fn parse(folder: &Path) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    read_state_dump(&folder.join(DUMP), folder, &mut |_| Ok(()))?;
    println!("{} {}", started.elapsed().as_secs_f64(), peak_rss_bytes());
    Ok(())
}

fn load(folder: &Path) -> Result<(), Box<dyn Error>> {
    let state = Some(StateChoice { file: folder.join(DUMP), block: 1 });
    let settings = settings_of(folder, vec![Dataset::Blocks]);
    let settings = Settings { memory: MEMORY, keep_witnesses: false, state, ..settings };
    let run = rebuild(&settings, &Cancel::default(), &Silent)?;
    println!("{} {}", run.elapsed.as_secs_f64(), run.peak_rss_bytes);
    Ok(())
}

/// Writes the dump, and a chain whose block 1 has the state's root; returns how many rows the state has.
fn prepare(folder: &Path, state: &RandomState) -> Result<u64, Box<dyn Error>> {
    let chain = folder.join("chain");
    generate(&Request::new(Profile::MainnetMix, 1, 1), &chain, &Cancel::default(), &mut |_| {})?;
    let store = Store::open(folder.join("made"), StoreOptions { budget_bytes: 256 << 20 })?;
    state.write(&store)?;
    let options = RebuildOptions { folder, memory_bytes: 512 << 20, cancel: &Cancel::default() };
    let rebuilt = rebuild_trie(&store, &mut store.trie_rebuild(), &options)?;
    let spec = ChainSpec::custom(&read_genesis(&chain.join("genesis.json"))?)?;
    let mut source = Source::open(&[chain.join("chain.rlp")], &spec)?;
    let one = ReadLimit { blocks: 1, bytes: usize::MAX };
    let first = source.read(1, &Ancestry::unknown(), one)?.pop().ok_or("the chain has no block 1")?;
    let mut block: Block = first.block.block;
    block.body.transactions.clear();
    block.header.state_root = rebuilt.root;
    (block.header.transactions_root, block.header.receipts_root) = (EMPTY_ROOT_HASH, EMPTY_ROOT_HASH);
    (block.header.gas_used, block.header.logs_bloom) = (0, Bloom::ZERO);
    block.header.blob_gas_used = block.header.blob_gas_used.map(|_| 0);
    fs::write(chain.join("chain.rlp"), alloy_rlp::encode(&block))?;
    let hash = block.header.hash_slow();
    let mut batch = store.batch();
    let block = RecoveredBlock { hash, block, senders: Vec::new() };
    batch.put_block(&StoredBlock { block, total_difficulty: None, transaction_roots: Vec::new() })?;
    batch.set_execute_checkpoint(1);
    batch.commit()?;
    export_state(&store, &folder.join(DUMP), &Cancel::default())?;
    drop(store);
    fs::remove_dir_all(folder.join("made"))?;
    Ok(rebuilt.accounts + rebuilt.slots)
}
