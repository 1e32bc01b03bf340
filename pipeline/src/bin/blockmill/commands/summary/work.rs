//! What each stage did, and what it waited for.

use std::time::Duration;

use blockmill_chain::StageId;
use blockmill_pipeline::{ByteSize, RowsAhead, RunSummary, StageSummary};

use crate::text::{Align, TextTable, count, duration, mgas};

/// A row per stage. Of trace, `busy` is the sum over its workers.
pub(super) fn stage_table(stages: &[StageSummary]) -> TextTable {
    let right = Align::Right;
    let mut table = TextTable::new([
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

/// Shorter waits are not worth a word.
const WORTH_MENTIONING: Duration = Duration::from_millis(100);

/// How busy the workers of trace were, and what stages waited for.
pub(super) fn waits(summary: &RunSummary) -> Vec<String> {
    let mut lines = Vec::new();
    if !summary.overlapped {
        lines.push("Stages took turns.".to_owned());
    }
    let share = |busy: &Duration| {
        let percent = 100.0 * busy.as_secs_f64() / summary.elapsed.as_secs_f64().max(f64::MIN_POSITIVE);
        format!("{percent:.0}%")
    };
    let workers: Vec<_> = summary.workers.iter().map(share).collect();
    if summary.stages.iter().any(|stage| stage.id == StageId::Trace) {
        lines.push(format!("Trace workers were busy {} of the time.", workers.join(", ")));
    }
    let waits: Vec<_> = summary.stages.iter().filter_map(waits_of).collect();
    if !waits.is_empty() {
        lines.push(format!("Waits: {}.", waits.join("; ")));
    }
    let RowsAhead { read, used } = summary.rows_ahead;
    if read > 0 {
        let unused = count(read - used);
        lines.push(format!(
            "Read ahead of execution: {} rows of the state, {unused} of them in vain.",
            count(read)
        ));
    }
    lines
}

fn waits_of(stage: &StageSummary) -> Option<String> {
    let reasons = [(stage.waited_for_input, "for input"), (stage.waited_for_room, "for room")];
    let reasons = reasons.into_iter().filter(|(time, _)| *time >= WORTH_MENTIONING);
    let reasons: Vec<_> = reasons.map(|(time, what)| format!("{} {what}", duration(time))).collect();
    (!reasons.is_empty()).then(|| format!("{} {}", stage.id, reasons.join(", ")))
}
