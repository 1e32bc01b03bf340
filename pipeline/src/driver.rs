//! Runs stages over a range until all are at its end.
//!
//! The stage furthest downstream that can get on does its next slice. So what lies between two stages stays small
//! (about one unit of witnesses, one transaction's worth of spill) without anybody counting it, and a stage never waits.

use std::time::{Duration, Instant};

use blockmill_chain::{
    BlockRange, Cancel, Context, Monitor, Progress, SliceLimits, Stage, StageError, StageId,
};

use crate::monitor_tap::Tap;

/// Stages in the order of the data's path, each with the first block it is responsible for.
pub(crate) struct Driver<'a> {
    pub(crate) stages: Vec<(Box<dyn Stage + 'a>, u64)>,
    /// One past the last block of the run.
    pub(crate) end: u64,
    pub(crate) limits: SliceLimits,
}

/// No stage got on, and this one is not at the end.
#[derive(Debug, thiserror::Error)]
#[error(
    "blocks {next}:{end} are not done and nothing leads to them. An interrupted run may have sealed units of rows beyond \
     block {end}: run again with the --range of that run, or without one"
)]
struct Stuck {
    next: u64,
    end: u64,
}

/// What one stage did in a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StageRun {
    pub(crate) id: StageId,
    pub(crate) checkpoint: Option<u64>,
    pub(crate) done: Progress,
    pub(crate) busy: Duration,
}

impl Driver<'_> {
    /// Runs until every stage is at the end, the run is cancelled, or no stage gets on any more.
    pub(crate) fn run(
        &mut self,
        cancel: &Cancel,
        monitor: &dyn Monitor,
    ) -> Result<Vec<StageRun>, StageError> {
        let tap = Tap::new(monitor);
        let mut busy = vec![Duration::ZERO; self.stages.len()];
        for at in 0..self.stages.len() {
            tap.started(self.stages[at].0.id(), BlockRange::new(self.next_of(at)?, self.end));
        }
        while !cancel.is_cancelled() && self.step(cancel, &tap, &mut busy)? {}
        if !cancel.is_cancelled() {
            self.refuse_unfinished()?;
        }
        let summary = |(stage, busy): (&(Box<dyn Stage>, u64), Duration)| {
            let id = stage.0.id();
            Ok(StageRun { id, checkpoint: stage.0.checkpoint()?, done: tap.done(id), busy })
        };
        self.stages.iter().zip(busy).map(summary).collect()
    }

    /// Lets the stage furthest downstream that can get on do a slice; `false` where none can.
    fn step(
        &mut self,
        cancel: &Cancel,
        monitor: &Tap<'_>,
        busy: &mut [Duration],
    ) -> Result<bool, StageError> {
        for at in (0..self.stages.len()).rev() {
            let before = self.next_of(at)?;
            let input_end = if at == 0 { self.end } else { self.next_of(at - 1)?.min(self.end) };
            let range = BlockRange::new(before, input_end);
            if range.is_empty() {
                continue;
            }
            let cx = Context { limits: self.limits, cancel, monitor, is_last: input_end == self.end };
            let started = Instant::now();
            let result = self.stages[at].0.execute(range, &cx);
            busy[at] += started.elapsed();
            result?;
            if self.next_of(at)? != before {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A stage that is not at the end although it was given everything has met something that it cannot pass.
    fn refuse_unfinished(&self) -> Result<(), StageError> {
        for at in 0..self.stages.len() {
            let next = self.next_of(at)?;
            if next < self.end {
                let stuck = Stuck { next, end: self.end };
                return Err(StageError::failed(self.stages[at].0.id(), stuck));
            }
        }
        Ok(())
    }

    /// The first block that a stage has not done.
    fn next_of(&self, at: usize) -> Result<u64, StageError> {
        let (stage, first) = &self.stages[at];
        Ok(stage.checkpoint()?.map_or(*first, |last| (last + 1).max(*first)))
    }
}
