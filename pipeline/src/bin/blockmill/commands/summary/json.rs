//! The summary for programs.

use std::path::Path;
use std::time::Duration;

use blockmill_pipeline::{MemoryUse, RunSummary, StageSummary};
use serde_json::{Value, json};

/// The summary as one JSON object.
pub(super) fn summary_as_json(summary: &RunSummary, out: &Path) -> Value {
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
            "waited_for_input_seconds": stage.waited_for_input.as_secs_f64(),
            "waited_for_room_seconds": stage.waited_for_room.as_secs_f64(),
        })
    };
    let memory = |used: &MemoryUse| {
        json!({
            "owner": used.owner.name(),
            "share_bytes": used.share_bytes,
            "peak_bytes": used.peak_bytes,
        })
    };
    json!({
        "event": "summary",
        "interrupted": summary.interrupted,
        "last_block": summary.last_block,
        "elapsed_seconds": summary.elapsed.as_secs_f64(),
        "peak_rss_bytes": summary.peak_rss_bytes,
        "out": out.to_string_lossy(),
        "overlapped": summary.overlapped,
        "stages": summary.stages.iter().map(stage).collect::<Vec<_>>(),
        "worker_busy_seconds": summary.workers.iter().map(Duration::as_secs_f64).collect::<Vec<_>>(),
        "rows_read_ahead": summary.rows_ahead.read,
        "rows_used_of_these": summary.rows_ahead.used,
        "memory": summary.memory.iter().map(memory).collect::<Vec<_>>(),
    })
}
