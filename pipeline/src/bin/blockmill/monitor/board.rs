//! The tallies of all stages, and when each is worth showing again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Progress, StageId, unpoisoned};

use super::tally::{Standing, Tally};

/// Counts what stages report, block by block and from any thread, and hands out few enough standings to be read.
#[derive(Debug)]
pub(crate) struct Board {
    interval: Duration,
    stages: Mutex<BTreeMap<StageId, BoardLine>>,
}

#[derive(Debug)]
struct BoardLine {
    tally: Tally,
    shown_at: Instant,
    is_shown: bool,
}

impl Board {
    /// Each stage is shown once per `interval` at most, and when it reaches its end.
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, stages: Mutex::default() }
    }

    /// Shows a stage that begins.
    pub(crate) fn start(&self, stage: StageId, range: BlockRange, now: Instant) {
        let entry = BoardLine { tally: Tally::new(stage, range, now), shown_at: now, is_shown: true };
        self.entries().insert(stage, entry);
    }

    /// A stage got further: where it stands, if that is due to be shown.
    pub(crate) fn add(&self, stage: StageId, progress: Progress, now: Instant) -> Option<Standing> {
        let mut entries = self.entries();
        let entry = entries.get_mut(&stage)?;
        let is_at_end = entry.tally.add(progress, now);
        entry.is_shown = is_at_end || now.duration_since(entry.shown_at) >= self.interval;
        entry.is_shown.then(|| {
            entry.shown_at = now;
            entry.tally.standing(now)
        })
    }

    /// The stages whose last steps were not due, upstream first; asked at the end.
    pub(crate) fn unshown(&self, now: Instant) -> Vec<Standing> {
        let mut entries = self.entries();
        let unshown = entries.values_mut().filter(|entry| !entry.is_shown);
        unshown
            .map(|entry| {
                entry.is_shown = true;
                entry.tally.standing(now)
            })
            .collect()
    }

    /// A panic in a worker leaves sums that are still good enough to show.
    fn entries(&self) -> MutexGuard<'_, BTreeMap<StageId, BoardLine>> {
        unpoisoned(self.stages.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn block(number: u64) -> Progress {
        Progress { last_block: number, blocks: 1, ..Progress::default() }
    }

    #[test]
    fn a_stage_is_shown_once_per_interval_and_at_its_end() {
        let start = Instant::now();
        let board = Board::new(SECOND);
        board.start(StageId::Source, BlockRange::new(0, 5), start);
        let shown_after = |number, after| board.add(StageId::Source, block(number), start + after).is_some();
        assert!(!shown_after(0, SECOND / 10));
        assert!(shown_after(1, SECOND));
        assert!(!shown_after(2, SECOND * 3 / 2));
        assert!(!shown_after(3, SECOND * 3 / 2));
        assert!(shown_after(4, SECOND * 3 / 2), "the end is shown at once");
    }

    #[test]
    fn what_was_not_due_is_handed_out_at_the_end() {
        let start = Instant::now();
        let board = Board::new(SECOND);
        board.start(StageId::Load, BlockRange::new(0, 10), start);
        board.start(StageId::Trace, BlockRange::new(9, 10), start);
        board.add(StageId::Load, block(3), start);
        board.add(StageId::Trace, block(9), start);
        let unshown: Vec<_> = board.unshown(start).iter().map(|standing| standing.stage).collect();
        assert_eq!(unshown, [StageId::Load]);
        assert!(board.unshown(start).is_empty());
    }
}
