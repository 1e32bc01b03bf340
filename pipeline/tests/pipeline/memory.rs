//! The budget holds for the process as a whole, as the kernel sees it, and for each owner of a part of it.

use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::{ByteSize, ChainChoice, RootInterval, Settings, UnitLimits};
use blockmill_schemas::Dataset;
use blockmill_testkit::vectors;
use serde_json::Value;

use crate::devchain::make;
use crate::harness::{Workplace, command};

const MIB: u64 = 1 << 20;
/// What GUIDE.md states beside `--memory`: code, thread stacks, and what DuckDB and RocksDB do not count.
const FIXED_BYTES: u64 = 160 * MIB;
/// A gauge may pass its share by the one item that is admitted alone: the values of a builder double their buffers.
const ONE_ITEM_BYTES: u64 = 16 * MIB;

/// Runs the program with all datasets; its summary.
fn summary(settings: &Settings) -> Value {
    let datasets = "default,+opcodes";
    let mut command = command(settings);
    command.args(["--datasets", datasets, "--log", "json"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// A storm whose rows of instructions would take over a gigabyte: a builder, a queue or a writer that forgot to count would
/// show.
#[test]
fn a_storm_of_instructions_stays_within_a_small_budget() {
    let place = Workplace::new();
    let request = Request { gas_per_block: 20_000_000, ..Request::new(Profile::OpcodeStorm, 2, 1) };
    let (_, settings) = make(&place, &request);
    let memory = ByteSize(384 * MIB);
    let units = UnitLimits::of(&[Dataset::Opcodes]);
    let summary = summary(&Settings { memory, units, ..settings });
    let number = |value: &Value| value.as_u64().unwrap();
    let rows = place.tables().count("opcodes");
    assert!(rows > 10_000_000, "{rows} rows are no storm");
    let peak = number(&summary["peak_rss_bytes"]);
    assert!(peak <= memory.0 + FIXED_BYTES, "{} of {memory}", ByteSize(peak));
    for owner in summary["memory"].as_array().unwrap() {
        let (share, peak) = (number(&owner["share_bytes"]), number(&owner["peak_bytes"]));
        let (share, peak) = (ByteSize(share), ByteSize(peak));
        assert!(peak.0 <= share.0 + ONE_ITEM_BYTES, "{} took {peak} of {share}", owner["owner"]);
    }
}

/// 200 calls with a megabyte of input each, in one transaction of 2 Mgas: the input is held, written and loaded once.
#[test]
fn calls_with_a_megabyte_each_stay_within_the_least_budget() {
    let Some(folder) = vectors::require("faults/inputs") else { return };
    let place = Workplace::new();
    let settings =
        place.settings(ChainChoice::GenesisFile(folder.join("genesis.json")), vec![folder.join("chain.rlp")]);
    let memory = ByteSize(384 * MIB);
    let summary =
        summary(&Settings { memory, threads: 1, root_interval: RootInterval::Blocks(1), ..settings });
    let peak = summary["peak_rss_bytes"].as_u64().unwrap();
    assert!(peak <= memory.0 + FIXED_BYTES, "{} of {memory}", ByteSize(peak));
    let tables = place.tables();
    let calls = "SELECT count(*) FROM traces WHERE input IS NULL AND payload_bytes(block_number, input_hash) = 1000000";
    assert_eq!(tables.value(calls).as_deref(), Some("200"));
    assert_eq!(tables.count("payloads"), 123, "pieces of one payload");
    assert_eq!(
        tables
            .value("SELECT length(input) FROM hex.traces WHERE block_number = 1 AND trace_index = 5")
            .as_deref(),
        Some("2000002")
    );
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
}
