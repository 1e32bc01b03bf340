//! What people get to see.

use super::*;
use crate::args::{Cli, Command};
use blockmill_chain::StageId;
use blockmill_pipeline::{MemoryUse, Owner, RowsAhead, StageSummary};
use clap::Parser;
use std::time::Duration;

fn summary() -> RunSummary {
    let stage = |id, rows, gas| StageSummary {
        id,
        checkpoint: Some(53),
        blocks: 54,
        transactions: if gas > 0 { 249 } else { 0 },
        gas,
        rows,
        bytes: 123_456,
        busy: Duration::from_millis(500),
        waited_for_input: Duration::from_millis(1_200),
        waited_for_room: Duration::ZERO,
    };
    RunSummary {
        interrupted: false,
        last_block: Some(53),
        elapsed: Duration::from_secs(2),
        peak_rss_bytes: 150 << 20,
        stages: vec![stage(StageId::Trace, 0, 103_000_000), stage(StageId::Load, 1_234, 0)],
        workers: vec![Duration::from_millis(1_000), Duration::from_millis(500)],
        overlapped: true,
        memory: vec![MemoryUse { owner: Owner::Store, share_bytes: 256 << 20, peak_bytes: 1 << 20 }],
        rows_ahead: RowsAhead { read: 12_345, used: 12_000 },
    }
}

fn settings() -> Settings {
    let cli =
        Cli::parse_from(["blockmill", "rebuild", "--chain", "genesis.json", "--out", "/none/my file.duckdb"]);
    match cli.command {
        Command::Rebuild(arguments) => arguments.settings(&arguments.machine.resources().unwrap()).unwrap(),
        other => panic!("{other:?} is not rebuild"),
    }
}

#[test]
fn the_summary_fits_a_terminal_and_ends_with_a_query() {
    let lines = lines(&summary(), &settings());
    assert_eq!(
        lines,
        [
            "stage  blocks  transactions  Mgas   rows      bytes  busy  Mgas/s",
            "trace      54           249   103      -  120.6 KiB  0.5s     206",
            "load       54             -     -  1,234  120.6 KiB  0.5s       -",
            "",
            "memory    share   peak",
            "store   256 MiB  1 MiB",
            "",
            "Trace workers were busy 50%, 25% of the time.",
            "Waits: trace 1.2s for input; load 1.2s for input.",
            "Read ahead of execution: 12,345 rows of the state, 345 of them in vain.",
            "/none/my file.duckdb holds blocks up to 53 (0 B).",
            "Took 2.0s, peak memory 150 MiB.",
            "Try:",
            "  duckdb -readonly '/none/my file.duckdb' 'SELECT * FROM hex.blocks LIMIT 5'",
        ]
    );
}

#[test]
fn an_interrupted_run_says_how_to_go_on() {
    let interrupted = RunSummary { interrupted: true, last_block: None, ..summary() };
    let lines = lines(&interrupted, &settings());
    assert_eq!(lines.last().unwrap(), "Interrupted: run the same command again to resume.");
    assert_eq!(lines[10], "No block is in the tables yet.");
}

#[test]
fn a_run_without_work_shows_no_table_of_zeros() {
    let mut idle = summary();
    idle.stages.iter_mut().for_each(|stage| stage.blocks = 0);
    assert!(lines(&idle, &settings())[0].contains("holds blocks up to 53"));
}
