//! `rebuild`: runs every stage to the target, and sums up.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use blockmill_chain::Cancel;
use blockmill_pipeline::{ByteSize, ExitCode, RunSummary, Settings, StageSummary, dry_run, rebuild};
use blockmill_schemas::Dataset;
use serde_json::{Value, json};

use super::{CommandError, status};
use crate::args::RebuildArgs;
use crate::interrupt;
use crate::monitor::{self, LogFormat};
use crate::text::{Align, Table, count, duration, mgas, shell_word};

/// Runs the command.
pub(crate) fn run(arguments: &RebuildArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let settings = arguments.settings()?;
    if arguments.dry_run {
        status::print(&dry_run(&settings)?, &settings.out, format)?;
        return Ok(ExitCode::Done);
    }
    let cancel = Arc::new(Cancel::default());
    let console = monitor::console(format);
    interrupt::listen(Arc::clone(&cancel), Arc::clone(&console))?;
    let result = rebuild(&settings, &cancel, console.as_ref());
    console.finish();
    let summary = result?;
    let mut out = io::stdout().lock();
    match format {
        LogFormat::Json => writeln!(out, "{}", summary_as_json(&summary, &settings.out))?,
        LogFormat::Human | LogFormat::Plain => {
            summary_lines(&summary, &settings).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
    }
    Ok(if summary.interrupted { ExitCode::Interrupted } else { ExitCode::Done })
}

/// The summary for people: what each stage did, where the tables are, and what to do next.
fn summary_lines(summary: &RunSummary, settings: &Settings) -> Vec<String> {
    let mut lines = Vec::new();
    if summary.stages.iter().any(|stage| stage.blocks > 0) {
        lines.extend(stage_table(&summary.stages).lines());
        lines.push(String::new());
    }
    lines.push(reach(summary, &settings.out));
    let (took, peak) = (duration(summary.elapsed), ByteSize(summary.peak_rss_bytes));
    lines.push(format!("Took {took}, peak memory {peak}."));
    if summary.interrupted {
        lines.push("Interrupted: run the same command again to resume.".to_owned());
    } else if summary.last_block.is_some() {
        lines.push("Try:".to_owned());
        lines.push(format!("  {}", first_query(&settings.out, &settings.datasets)));
    }
    lines
}

fn stage_table(stages: &[StageSummary]) -> Table {
    let right = Align::Right;
    let mut table = Table::new([
        ("stage", Align::Left),
        ("blocks", right),
        ("transactions", right),
        ("Mgas", right),
        ("rows", right),
        ("bytes", right),
        ("busy", right),
        ("Mgas/s", right),
    ]);
    let or_dash = |number: u64, text: String| if number == 0 { "-".to_owned() } else { text };
    for stage in stages {
        let busy = stage.busy.as_secs_f64();
        let per_second = if busy > 0.0 { stage.gas as f64 / busy } else { 0.0 };
        table.row([
            stage.id.to_string(),
            count(stage.blocks),
            or_dash(stage.transactions, count(stage.transactions)),
            or_dash(stage.gas, mgas(stage.gas as f64)),
            or_dash(stage.rows, count(stage.rows)),
            or_dash(stage.bytes, ByteSize(stage.bytes).to_string()),
            duration(stage.busy),
            or_dash(stage.gas, mgas(per_second)),
        ]);
    }
    table
}

/// Where the tables are and how far they go.
fn reach(summary: &RunSummary, out: &Path) -> String {
    let Some(last) = summary.last_block else { return "No block is in the tables yet.".to_owned() };
    let bytes = out.metadata().map_or(0, |metadata| metadata.len());
    format!("{} holds blocks up to {} ({}).", out.display(), count(last), ByteSize(bytes))
}

/// A command that shows something whatever the chain.
fn first_query(out: &Path, datasets: &[Dataset]) -> String {
    let table = datasets.first().map_or_else(|| "_loaded".to_owned(), |dataset| format!("hex.{dataset}"));
    let path = shell_word(&out.display().to_string());
    format!("duckdb {path} 'SELECT * FROM {table} LIMIT 5'")
}

fn summary_as_json(summary: &RunSummary, out: &Path) -> Value {
    let stage = |stage: &StageSummary| {
        json!({
            "stage": stage.id.name(),
            "checkpoint": stage.checkpoint,
            "blocks": stage.blocks,
            "transactions": stage.transactions,
            "gas": stage.gas,
            "rows": stage.rows,
            "bytes": stage.bytes,
            "busy_seconds": stage.busy.as_secs_f64(),
        })
    };
    json!({
        "event": "summary",
        "interrupted": summary.interrupted,
        "last_block": summary.last_block,
        "elapsed_seconds": summary.elapsed.as_secs_f64(),
        "peak_rss_bytes": summary.peak_rss_bytes,
        "out": out.to_string_lossy(),
        "stages": summary.stages.iter().map(stage).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use blockmill_chain::StageId;
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
        };
        RunSummary {
            interrupted: false,
            last_block: Some(53),
            elapsed: Duration::from_secs(2),
            peak_rss_bytes: 150 << 20,
            stages: vec![stage(StageId::Execute, 0, 103_000_000), stage(StageId::Load, 1_234, 0)],
        }
    }

    fn settings() -> Settings {
        let cli = Cli::parse_from([
            "blockmill",
            "rebuild",
            "--chain",
            "genesis.json",
            "--out",
            "/none/my file.duckdb",
        ]);
        match cli.command {
            Command::Rebuild(arguments) => arguments.settings().unwrap(),
            other => panic!("{other:?} is not rebuild"),
        }
    }

    #[test]
    fn the_summary_fits_a_terminal_and_ends_with_a_query() {
        let lines = summary_lines(&summary(), &settings());
        assert_eq!(
            lines,
            [
                "stage    blocks  transactions  Mgas   rows      bytes  busy  Mgas/s",
                "execute      54           249   103      -  120.6 KiB  0.5s     206",
                "load         54             -     -  1,234  120.6 KiB  0.5s       -",
                "",
                "/none/my file.duckdb holds blocks up to 53 (0 B).",
                "Took 2.0s, peak memory 150 MiB.",
                "Try:",
                "  duckdb '/none/my file.duckdb' 'SELECT * FROM hex.blocks LIMIT 5'",
            ]
        );
    }

    #[test]
    fn an_interrupted_run_says_how_to_go_on() {
        let interrupted = RunSummary { interrupted: true, last_block: None, ..summary() };
        let lines = summary_lines(&interrupted, &settings());
        assert_eq!(lines.last().unwrap(), "Interrupted: run the same command again to resume.");
        assert_eq!(lines[4], "No block is in the tables yet.");
    }

    #[test]
    fn a_run_without_work_shows_no_table_of_zeros() {
        let mut idle = summary();
        idle.stages.iter_mut().for_each(|stage| stage.blocks = 0);
        assert!(summary_lines(&idle, &settings())[0].contains("holds blocks up to 53"));
    }
}
