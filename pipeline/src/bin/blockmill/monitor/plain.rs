//! One line of text per event: for logs and for terminals that cannot redraw.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Monitor, Progress, StageId, unpoisoned};

use super::Console;
use super::board::Board;
use super::tally::Standing;
use crate::text::{count, duration, mgas, rate};

/// A line per stage and second is what a log can carry.
const LINE_INTERVAL: Duration = Duration::from_secs(1);

/// Writes progress as plain lines of text.
pub(crate) struct PlainConsole {
    board: Board,
    out: Mutex<Box<dyn Write + Send>>,
}

impl PlainConsole {
    pub(crate) fn new(out: Box<dyn Write + Send>) -> Self {
        Self { board: Board::new(LINE_INTERVAL), out: Mutex::new(out) }
    }

    fn line(&self, line: &str) {
        let mut out = unpoisoned(self.out.lock());
        // A closed output does not end the work.
        let _ = writeln!(out, "{line}");
    }
}

impl Monitor for PlainConsole {
    fn started(&self, stage: StageId, range: BlockRange) {
        self.board.start(stage, range, Instant::now());
        if !range.is_empty() {
            self.line(&format!("{stage}: blocks {} to {}", count(range.start), count(range.end - 1)));
        }
    }

    fn advanced(&self, stage: StageId, progress: Progress) {
        if let Some(standing) = self.board.add(stage, progress, Instant::now()) {
            self.line(&describe(&standing));
        }
    }

    fn note(&self, stage: StageId, message: &str) {
        self.line(&format!("{stage}: {message}"));
    }
}

impl Console for PlainConsole {
    fn announce(&self, message: &str) {
        self.line(message);
    }

    fn finish(&self) {
        for standing in self.board.unshown(Instant::now()) {
            self.line(&describe(&standing));
        }
    }
}

/// Where a stage stands, in a line.
fn describe(standing: &Standing) -> String {
    let Standing { stage, range, blocks_per_second, gas_per_second, .. } = standing;
    let (position, percent) = (standing.position().min(range.len()), standing.percent());
    let mut line = format!("{stage}: {} of {} blocks ({percent}%)", count(position), count(range.len()));
    line += &format!(", {} blocks/s", rate(*blocks_per_second));
    if standing.done.gas > 0 {
        line += &format!(", {} Mgas/s", mgas(*gas_per_second));
    }
    match standing.left {
        Some(left) if percent < 100 => line + &format!(", {} left", duration(left)),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::collecting::Collected;

    fn standing() -> Standing {
        Standing {
            stage: StageId::Execute,
            range: BlockRange::new(0, 16_384),
            done: Progress { last_block: 11_999, blocks: 12_000, gas: 1, ..Progress::default() },
            blocks_per_second: 5_120.4,
            gas_per_second: 12_340_000.0,
            left: Some(Duration::from_secs(3)),
        }
    }

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long() {
        let expected = "execute: 12,000 of 16,384 blocks (73%), 5,120 blocks/s, 12.3 Mgas/s, 3.0s left";
        assert_eq!(describe(&standing()), expected);
    }

    #[test]
    fn a_stage_without_gas_does_not_speak_of_it() {
        let done = Progress { last_block: 16_383, blocks: 16_384, ..Progress::default() };
        let line = describe(&Standing { stage: StageId::Load, done, ..standing() });
        assert_eq!(line, "load: 16,384 of 16,384 blocks (100%), 5,120 blocks/s");
    }

    #[test]
    fn many_blocks_make_few_lines() {
        let lines = Collected::default();
        let console = PlainConsole::new(Box::new(lines.clone()));
        console.started(StageId::Source, BlockRange::new(0, 1_000));
        console.started(StageId::Load, BlockRange::new(5, 5));
        for last_block in 0..999 {
            console.advanced(StageId::Source, Progress { last_block, blocks: 1, ..Progress::default() });
        }
        console.note(StageId::Source, "something");
        console.announce("stopping");
        console.finish();
        let lines = lines.lines();
        assert_eq!(lines[0], "source: blocks 0 to 999");
        assert_eq!(lines[lines.len() - 3], "source: something");
        assert_eq!(lines[lines.len() - 2], "stopping");
        assert!(lines[lines.len() - 1].starts_with("source: 999 of 1,000 blocks (99%)"), "{lines:?}");
        assert!(lines.len() < 20, "{} lines for a moment's work", lines.len());
    }
}
