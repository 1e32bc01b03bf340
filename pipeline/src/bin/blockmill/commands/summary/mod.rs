//! What a run did, where it left the tables, and what to do next.

mod json;
mod memory;
#[cfg(test)]
mod tests;
mod work;

use std::io::{self, Write};
use std::path::Path;

use blockmill_pipeline::{ByteSize, RunSummary, Settings};
use blockmill_schemas::Dataset;

use crate::monitor::LogFormat;
use crate::text::{count, duration, shell_word};

/// Prints the summary of a run.
pub(super) fn print(summary: &RunSummary, settings: &Settings, format: LogFormat) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        LogFormat::Json => writeln!(out, "{}", json::summary_as_json(summary, &settings.out)),
        LogFormat::Human | LogFormat::Plain => {
            lines(summary, settings).iter().try_for_each(|line| writeln!(out, "{line}"))
        }
    }
}

/// The summary for people: what each stage did, where the tables are, and what to do next.
fn lines(summary: &RunSummary, settings: &Settings) -> Vec<String> {
    let mut lines = Vec::new();
    if summary.stages.iter().any(|stage| stage.blocks > 0) {
        lines.extend(work::stage_table(&summary.stages).lines());
        lines.push(String::new());
        lines.extend(memory::memory_table(&summary.memory).lines());
        lines.push(String::new());
        lines.extend(work::waits(summary));
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
    format!("duckdb -readonly {path} 'SELECT * FROM {table} LIMIT 5'")
}
