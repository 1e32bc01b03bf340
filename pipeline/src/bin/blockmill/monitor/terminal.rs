//! A bar per stage, redrawn in place.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Monitor, Progress, StageId, unpoisoned};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Console;
use super::board::Board;
use super::tally::Standing;
use crate::text::{duration, mgas, rate};

/// Time between two drawings: as often as eyes follow.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);
/// The bar takes what the numbers leave of the line.
const TEMPLATE: &str = "{prefix:<7} {wide_bar} {percent:>3}%  {msg}";
pub(super) const BAR_CHARACTERS: &str = "━╸─";

/// Draws a progress bar per stage.
pub(crate) struct TerminalConsole {
    screen: MultiProgress,
    board: Board,
    bars: Mutex<BTreeMap<StageId, ProgressBar>>,
}

impl TerminalConsole {
    pub(crate) fn new() -> Self {
        Self { screen: MultiProgress::new(), board: Board::new(REDRAW_INTERVAL), bars: Mutex::default() }
    }

    /// Bars stand in the order of the stages, whichever starts first.
    fn add_bar(&self, stage: StageId, range: BlockRange) {
        let mut bars = self.bars();
        let above = bars.keys().filter(|other| **other < stage).count();
        let bar = self.screen.insert(above, ProgressBar::new(range.len()).with_style(style()));
        bar.set_prefix(stage.name());
        bar.set_message(format!("{:<NUMBERS_WIDTH$}", "waiting"));
        bars.insert(stage, bar);
    }

    fn show(&self, standing: &Standing) {
        if let Some(bar) = self.bars().get(&standing.stage) {
            bar.set_message(numbers(standing));
            bar.set_position(standing.position());
        }
    }

    fn bars(&self) -> MutexGuard<'_, BTreeMap<StageId, ProgressBar>> {
        unpoisoned(self.bars.lock())
    }
}

impl Monitor for TerminalConsole {
    fn started(&self, stage: StageId, range: BlockRange) {
        self.board.start(stage, range, Instant::now());
        if !range.is_empty() {
            self.add_bar(stage, range);
        }
    }

    fn advanced(&self, stage: StageId, progress: Progress) {
        if let Some(standing) = self.board.add(stage, progress, Instant::now()) {
            self.show(&standing);
        }
    }

    fn note(&self, stage: StageId, message: &str) {
        self.announce(&format!("{stage}: {message}"));
    }
}

impl Console for TerminalConsole {
    fn announce(&self, message: &str) {
        // The work is not worth less because the terminal is gone.
        let _ = self.screen.println(message);
    }

    fn add_bar(&self, bar: ProgressBar) -> Option<ProgressBar> {
        Some(self.screen.add(bar))
    }

    fn finish(&self) {
        for standing in self.board.unshown(Instant::now()) {
            self.show(&standing);
        }
        for bar in self.bars().values() {
            bar.abandon();
        }
    }
}

fn style() -> ProgressStyle {
    let style =
        ProgressStyle::with_template(TEMPLATE).expect("the template is a constant that tests have parsed");
    style.progress_chars(BAR_CHARACTERS)
}

/// Bars are of one length as long as numbers do not outgrow this.
const NUMBERS_WIDTH: usize = 45;

/// The numbers after the bar, in columns: stages stand below one another.
fn numbers(standing: &Standing) -> String {
    let gas = match standing.done.gas {
        0 => String::new(),
        _ => format!("{} Mgas/s", mgas(standing.gas_per_second)),
    };
    let left = match standing.left {
        _ if standing.percent() == 100 => "done".to_owned(),
        Some(left) => format!("ETA {}", duration(left)),
        None => String::new(),
    };
    format!("{:>8} blocks/s {gas:>13}  {left:<11}", rate(standing.blocks_per_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_parses_and_the_numbers_leave_room_for_a_bar() {
        let _ = style();
        let standing = Standing {
            stage: StageId::Execute,
            range: BlockRange::new(0, 1_000),
            done: Progress { last_block: 9, blocks: 10, gas: 1, ..Progress::default() },
            blocks_per_second: 12_345.0,
            gas_per_second: 1_234e6,
            left: Some(Duration::from_secs(100 * 86_400)),
        };
        assert_eq!(numbers(&standing), "  12,345 blocks/s  1,234 Mgas/s  ETA 100d 00h".to_owned());
        assert_eq!(numbers(&standing).chars().count(), NUMBERS_WIDTH);
    }
}
