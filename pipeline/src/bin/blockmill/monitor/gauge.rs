//! How far a single piece of work is that is not a stage: a bar on a terminal, a line now and then elsewhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use blockmill_chain::Progress;
use blockmill_pipeline::ByteSize;
use indicatif::{ProgressBar, ProgressStyle};

use super::Console;
use super::terminal::BAR_CHARACTERS;
use crate::text::{count, mgas, rate};

/// A line that often is what a log can carry.
const LINE_INTERVAL: Duration = Duration::from_secs(2);

const TEMPLATE: &str = "{prefix:<8} {wide_bar} {percent:>3}%  {msg}";

/// What a piece of work consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Blocks,
    Bytes,
}

/// How far a piece of work is.
pub(crate) struct ProgressGauge {
    name: &'static str,
    unit: Unit,
    total: u64,
    console: Arc<dyn Console>,
    bar: Option<ProgressBar>,
    started: Instant,
    said_at: Instant,
    done: u64,
    gas: u64,
}

impl ProgressGauge {
    /// Work on so many blocks or bytes begins.
    pub(crate) fn new(console: Arc<dyn Console>, name: &'static str, unit: Unit, total: u64) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE)
            .expect("the template is a constant that a test has parsed");
        let bar = console.add_bar(
            ProgressBar::new(total).with_style(style.progress_chars(BAR_CHARACTERS)).with_prefix(name),
        );
        let now = Instant::now();
        Self { name, unit, total, console, bar, started: now, said_at: now, done: 0, gas: 0 }
    }

    /// The work got further.
    pub(crate) fn add(&mut self, progress: Progress) {
        self.done += match self.unit {
            Unit::Blocks => progress.blocks,
            Unit::Bytes => progress.bytes,
        };
        self.gas += progress.gas;
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
        if self.said_at.elapsed() >= LINE_INTERVAL || (self.done == self.total && self.bar.is_none()) {
            self.say();
        }
    }

    /// The work is over, done or not.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn say(&mut self) {
        self.said_at = Instant::now();
        let seconds = self.started.elapsed().as_secs_f64().max(1e-3);
        let (per_second, gas) = (self.done as f64 / seconds, self.gas as f64 / seconds);
        let size = |bytes: u64| ByteSize(bytes).to_string();
        let (speed, done, total) = match self.unit {
            Unit::Blocks => (
                format!("{} blocks/s, {} Mgas/s", rate(per_second), mgas(gas)),
                count(self.done),
                format!("{} blocks", count(self.total)),
            ),
            Unit::Bytes => (format!("{}/s", size(per_second as u64)), size(self.done), size(self.total)),
        };
        match &self.bar {
            Some(bar) => bar.set_message(speed),
            None => self.console.announce(&format!("{}: {done} of {total}, {speed}", self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_parses() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
