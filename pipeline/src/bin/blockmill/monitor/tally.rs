//! What one stage has done in this run, and how fast.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Progress, StageId};

/// Rates are taken over this much of the past: long enough to be calm, short enough to show a change.
const RATE_WINDOW: Duration = Duration::from_secs(10);
/// Samples lie at least this far apart.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(500);

/// Sums over one stage.
#[derive(Debug)]
pub(crate) struct Tally {
    stage: StageId,
    range: BlockRange,
    /// One past the furthest block seen. Blocks of a source can have gaps between them, so this, and not their number,
    /// says how much of the range is done.
    next: u64,
    done: Progress,
    samples: VecDeque<Sample>,
    /// The oldest sample is from before the first step: the wait for that is in the speed, for want of a better one.
    has_waited: bool,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    next: u64,
    blocks: u64,
    gas: u64,
}

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Standing {
    /// The stage.
    pub(crate) stage: StageId,
    /// The blocks it works on.
    pub(crate) range: BlockRange,
    /// The work of this run; `last_block` is the furthest.
    pub(crate) done: Progress,
    /// Recent speed in blocks.
    pub(crate) blocks_per_second: f64,
    /// Recent speed in gas.
    pub(crate) gas_per_second: f64,
    /// Time to the end of the range at the recent speed; `None` before there is one to trust.
    pub(crate) left: Option<Duration>,
}

impl Standing {
    /// Block numbers of the range that are done, gaps included.
    pub(crate) fn position(&self) -> u64 {
        if self.done.blocks == 0 { 0 } else { (self.done.last_block + 1).saturating_sub(self.range.start) }
    }

    /// How much of the range is done, in whole percent, rounded down: 100 means all of it.
    pub(crate) fn percent(&self) -> u64 {
        let part = u128::from(self.position()) * 100;
        part.checked_div(u128::from(self.range.len())).map_or(100, |percent| percent.min(100) as u64)
    }
}

impl Tally {
    /// Zero for a stage that begins `range` now.
    pub(crate) fn new(stage: StageId, range: BlockRange, now: Instant) -> Self {
        let first = Sample { at: now, next: range.start, blocks: 0, gas: 0 };
        let samples = VecDeque::from([first]);
        Self { stage, range, next: range.start, done: Progress::default(), samples, has_waited: true }
    }

    /// Counts work; `true` when no block of the range is left. Where blocks have gaps between them, that is not known.
    pub(crate) fn add(&mut self, progress: Progress, now: Instant) -> bool {
        let was_whole = self.done.blocks >= self.range.len();
        self.next = self.next.max(progress.last_block.saturating_add(1));
        self.done = Progress {
            last_block: self.next.saturating_sub(1),
            blocks: self.done.blocks + progress.blocks,
            transactions: self.done.transactions + progress.transactions,
            gas: self.done.gas + progress.gas,
            rows: self.done.rows + progress.rows,
            bytes: self.done.bytes + progress.bytes,
        };
        self.sample(now);
        !was_whole && self.done.blocks >= self.range.len()
    }

    /// Remembers where it stands, and forgets what lies before the window, all but the newest of that.
    fn sample(&mut self, now: Instant) {
        let sample = Sample { at: now, next: self.next, blocks: self.done.blocks, gas: self.done.gas };
        let is_first_step = self.samples.len() == 1 && self.has_waited;
        let is_due = |last: &Sample| now.duration_since(last.at) >= SAMPLE_INTERVAL;
        if is_first_step || self.samples.back().is_none_or(is_due) {
            if self.has_waited && !is_first_step {
                self.samples.pop_front();
                self.has_waited = false;
            }
            self.samples.push_back(sample);
        }
        let is_past = |sample: &Sample| now.duration_since(sample.at) > RATE_WINDOW;
        while self.samples.get(1).is_some_and(is_past) {
            self.samples.pop_front();
        }
    }

    /// Where the stage stands now.
    pub(crate) fn standing(&self, now: Instant) -> Standing {
        let since = self.samples.front().copied();
        let per_second = |done: u64, before: fn(Sample) -> u64| {
            let Some(since) = since else { return 0.0 };
            let seconds = now.duration_since(since.at).as_secs_f64();
            if seconds > 0.0 { (done - before(since)) as f64 / seconds } else { 0.0 }
        };
        let pace = per_second(self.next, |sample| sample.next);
        let remaining = self.range.end.saturating_sub(self.next) as f64;
        Standing {
            stage: self.stage,
            range: self.range,
            done: self.done,
            blocks_per_second: per_second(self.done.blocks, |sample| sample.blocks),
            gas_per_second: per_second(self.done.gas, |sample| sample.gas),
            left: Duration::try_from_secs_f64(remaining / pace).ok().filter(|_| !self.has_waited),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(last_block: u64, blocks: u64) -> Progress {
        Progress { last_block, blocks, gas: blocks * 1_000_000, ..Progress::default() }
    }

    #[test]
    fn speed_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut tally = Tally::new(StageId::Execute, BlockRange::new(100, 1_100), start);
        for second in 1..=20 {
            tally.add(blocks(99 + second, 1), at(second));
        }
        for second in 21..=40 {
            tally.add(blocks(119 + (second - 20) * 10, 10), at(second));
        }
        let standing = tally.standing(at(40));
        assert_eq!(standing.blocks_per_second, 10.0);
        assert_eq!(standing.gas_per_second, 10_000_000.0);
        assert_eq!((standing.position(), standing.percent()), (220, 22));
        assert_eq!(standing.left, Some(Duration::from_secs(78)));
    }

    #[test]
    fn a_burst_after_a_wait_is_not_a_speed() {
        let start = Instant::now();
        let mut tally = Tally::new(StageId::Load, BlockRange::new(0, 1_000), start);
        tally.add(blocks(599, 600), start + Duration::from_secs(60));
        assert_eq!(tally.standing(start + Duration::from_secs(60)).blocks_per_second, 10.0);
    }

    #[test]
    fn the_wait_for_the_first_step_is_soon_forgotten() {
        let start = Instant::now();
        let first = start + Duration::from_secs(60);
        let mut tally = Tally::new(StageId::Trace, BlockRange::new(0, 1_000), start);
        tally.add(blocks(0, 1), first);
        assert_eq!(tally.standing(first).left, None, "one step is no speed");
        tally.add(blocks(10, 10), first + Duration::from_secs(1));
        let standing = tally.standing(first + Duration::from_secs(1));
        assert_eq!((standing.blocks_per_second, standing.left), (10.0, Some(Duration::from_secs_f64(98.9))));
    }

    #[test]
    fn gaps_between_blocks_count_as_done() {
        let start = Instant::now();
        let mut tally = Tally::new(StageId::Trace, BlockRange::new(0, 1_000), start);
        assert!(!tally.add(blocks(499, 1), start));
        assert_eq!(tally.standing(start).percent(), 50);
        assert!(!tally.add(blocks(999, 1), start), "others may be on their way");
        assert_eq!(tally.standing(start).percent(), 100);
    }

    #[test]
    fn the_end_is_reached_once_and_by_the_last_block_to_come() {
        let start = Instant::now();
        let mut tally = Tally::new(StageId::Trace, BlockRange::new(0, 100), start);
        assert!(!tally.add(blocks(99, 50), start), "a worker may be ahead of the others");
        assert!(tally.add(blocks(49, 50), start));
        assert!(!tally.add(blocks(49, 0), start));
    }

    #[test]
    fn before_the_first_block_there_is_no_time_left_to_tell() {
        let start = Instant::now();
        let standing = Tally::new(StageId::Trace, BlockRange::new(5, 10), start).standing(start);
        assert_eq!((standing.percent(), standing.left), (0, None));
    }
}
