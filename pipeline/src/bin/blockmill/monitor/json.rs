//! One JSON object per line: for programs. Every object has `event`; counts are those of this run.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Monitor, Progress, StageId, unpoisoned};
use blockmill_pipeline::ExitCode;
use serde_json::{Value, json};

use super::Console;
use super::board::Board;
use super::tally::Standing;

/// Once per stage and second.
const LINE_INTERVAL: Duration = Duration::from_secs(1);

/// Writes progress as JSON lines.
pub(crate) struct JsonConsole {
    started: Instant,
    board: Board,
    out: Mutex<Box<dyn Write + Send>>,
}

impl JsonConsole {
    pub(crate) fn new(out: Box<dyn Write + Send>) -> Self {
        Self { started: Instant::now(), board: Board::new(LINE_INTERVAL), out: Mutex::new(out) }
    }

    fn event(&self, mut event: Value) {
        event["elapsed_seconds"] = json!(self.started.elapsed().as_secs_f64());
        let mut out = unpoisoned(self.out.lock());
        // A closed output does not end the work.
        let _ = writeln!(out, "{event}");
    }
}

impl Monitor for JsonConsole {
    fn started(&self, stage: StageId, range: BlockRange) {
        self.board.start(stage, range, Instant::now());
        let (start, end) = (range.start, range.end);
        self.event(
            json!({ "event": "started", "stage": stage.name(), "start_block": start, "end_block": end }),
        );
    }

    fn advanced(&self, stage: StageId, progress: Progress) {
        if let Some(standing) = self.board.add(stage, progress, Instant::now()) {
            self.event(advanced(&standing));
        }
    }

    fn note(&self, stage: StageId, message: &str) {
        self.event(json!({ "event": "note", "stage": stage.name(), "message": message }));
    }
}

impl Console for JsonConsole {
    fn announce(&self, message: &str) {
        self.event(json!({ "event": "note", "message": message }));
    }

    fn finish(&self) {
        for standing in self.board.unshown(Instant::now()) {
            self.event(advanced(&standing));
        }
    }
}

fn advanced(standing: &Standing) -> Value {
    let done = &standing.done;
    json!({
        "event": "advanced",
        "stage": standing.stage.name(),
        "start_block": standing.range.start,
        "end_block": standing.range.end,
        "last_block": done.last_block,
        "blocks": done.blocks,
        "transactions": done.transactions,
        "gas": done.gas,
        "rows": done.rows,
        "bytes": done.bytes,
        "blocks_per_second": standing.blocks_per_second,
        "gas_per_second": standing.gas_per_second,
        "seconds_left": standing.left.map(|left| left.as_secs_f64()),
    })
}

/// An error, as it ends the output.
pub(crate) fn error_line(message: &str, code: ExitCode) -> String {
    json!({ "event": "error", "message": message, "exit_code": code as u8 }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::collecting::Collected;

    #[test]
    fn every_line_is_an_object_with_an_event() {
        let lines = Collected::default();
        let console = JsonConsole::new(Box::new(lines.clone()));
        console.started(StageId::Execute, BlockRange::new(3, 5));
        let block = Progress { last_block: 3, blocks: 1, transactions: 7, gas: 21_000, rows: 0, bytes: 9 };
        console.advanced(StageId::Execute, block);
        console.advanced(StageId::Execute, Progress { last_block: 4, ..block });
        console.note(StageId::Execute, "a \"quoted\" word");
        console.announce("stopping");
        console.finish();
        let lines = lines.lines();
        let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["started", "advanced", "note", "note"]);
        assert_eq!(events[0]["end_block"], 5);
        assert_eq!(events[1]["transactions"], 14, "counts are sums");
        assert_eq!(events[1]["last_block"], 4);
        assert_eq!(events[2]["message"], "a \"quoted\" word");
    }

    #[test]
    fn an_error_carries_its_exit_code() {
        let event: Value = serde_json::from_str(&error_line("no", ExitCode::NotVerified)).unwrap();
        assert_eq!(event["exit_code"], 3);
    }
}
