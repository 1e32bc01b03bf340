//! How far a single piece of work is that is not a stage: a bar on a terminal, a line now and then elsewhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use blockmill_chain::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use super::Console;
use super::terminal::BAR_CHARACTERS;
use crate::text::{count, mgas, rate};

/// A line that often is what a log can carry.
const LINE_INTERVAL: Duration = Duration::from_secs(2);

const TEMPLATE: &str = "{prefix:<8} {wide_bar} {percent:>3}%  {msg}";

/// How far a piece of work is.
pub(crate) struct ProgressGauge {
    name: &'static str,
    total: u64,
    console: Arc<dyn Console>,
    bar: Option<ProgressBar>,
    started: Instant,
    said_at: Instant,
    blocks: u64,
    gas: u64,
}

impl ProgressGauge {
    /// Work on so many blocks begins.
    pub(crate) fn new(console: Arc<dyn Console>, name: &'static str, total: u64) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE)
            .expect("the template is a constant that a test has parsed");
        let bar = console.add_bar(
            ProgressBar::new(total).with_style(style.progress_chars(BAR_CHARACTERS)).with_prefix(name),
        );
        let now = Instant::now();
        Self { name, total, console, bar, started: now, said_at: now, blocks: 0, gas: 0 }
    }

    /// The work got further.
    pub(crate) fn add(&mut self, progress: Progress) {
        self.blocks += progress.blocks;
        self.gas += progress.gas;
        if let Some(bar) = &self.bar {
            bar.set_position(self.blocks);
        }
        if self.said_at.elapsed() >= LINE_INTERVAL || (self.blocks == self.total && self.bar.is_none()) {
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
        let (blocks, gas) = (self.blocks as f64 / seconds, self.gas as f64 / seconds);
        let speed = format!("{} blocks/s, {} Mgas/s", rate(blocks), mgas(gas));
        match &self.bar {
            Some(bar) => bar.set_message(speed),
            None => {
                let (done, total) = (count(self.blocks), count(self.total));
                self.console.announce(&format!("{}: {done} of {total} blocks, {speed}", self.name));
            }
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
