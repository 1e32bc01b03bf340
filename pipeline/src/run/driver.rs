//! Runs the stages until all are at the end: at the same time, or in turn.
//!
//! What may be done when is the [flow](crate::flow)'s to say; here are the threads.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use blockmill_chain::{
    BlockRange, Cancel, Context, Failure, Monitor, Progress, SliceLimits, Stage, StageError, StageId,
    unpoisoned,
};

use crate::flow::{Flow, Mode};
use crate::run::monitor_tap::Tap;
use crate::run::progress::ProgressFile;

/// The stages of a run, upstream first.
pub(crate) struct Driver<'a> {
    pub(crate) stages: Vec<Box<dyn Stage + 'a>>,
    pub(crate) flow: &'a Flow<'a>,
    pub(crate) limits: SliceLimits,
    pub(crate) progress: &'a ProgressFile,
    /// Encoded bytes of the witnesses that wait to be traced.
    pub(crate) witness_bytes: &'a (dyn Fn() -> u64 + Sync),
}

/// No stage got on, and this one is not at the end.
#[derive(Debug, thiserror::Error)]
#[error("blocks {next}:{end} are not done and nothing leads to them: is a file of the source gone?")]
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
    /// Time at work; of trace the sum over its workers, as are the waits.
    pub(crate) busy: Duration,
    pub(crate) waited_for_input: Duration,
    pub(crate) waited_for_room: Duration,
}

/// What the threads of a run share.
struct Shared<'a> {
    flow: &'a Flow<'a>,
    limits: SliceLimits,
    witness_bytes: &'a (dyn Fn() -> u64 + Sync),
    cancel: &'a Cancel,
    monitor: &'a Tap<'a>,
    errors: Mutex<Vec<StageError>>,
}

impl Driver<'_> {
    /// Runs until every stage is at the end of `range`, the run is cancelled, or no stage gets on any more. Of several
    /// errors the [most telling](most_telling) counts, and the others are notes.
    pub(crate) fn run(
        mut self,
        range: BlockRange,
        cancel: &Cancel,
        monitor: &dyn Monitor,
    ) -> Result<Vec<StageRun>, StageError> {
        let tap = Tap::new(monitor, self.progress);
        let shared = Shared {
            flow: self.flow,
            limits: self.limits,
            witness_bytes: self.witness_bytes,
            cancel,
            monitor: &tap,
            errors: Mutex::default(),
        };
        for stage in &self.stages {
            let next = stage.checkpoint()?.map_or(0, |last| last + 1);
            let first = if stage.id() < StageId::Trace { next } else { next.max(range.start) };
            tap.started(stage.id(), BlockRange::new(first, range.end));
        }
        match self.flow.mode() {
            Mode::InTurn => run_in_turn(&mut self.stages, &shared),
            Mode::Overlapped => run_overlapped(&mut self.stages, &shared),
        }
        let errors = unpoisoned(shared.errors.into_inner());
        if let Some(error) = most_telling(errors, monitor) {
            return Err(error);
        }
        self.refuse_unfinished(range.end, cancel)?;
        self.stages.iter().map(|stage| self.summarise(stage.as_ref(), &tap)).collect()
    }

    fn summarise(&self, stage: &dyn Stage, tap: &Tap<'_>) -> Result<StageRun, StageError> {
        let (id, waits) = (stage.id(), self.flow.waits());
        Ok(StageRun {
            id,
            checkpoint: stage.checkpoint()?,
            done: tap.done(id),
            busy: waits.busy(id),
            waited_for_input: waits.waited_for_input(id),
            waited_for_room: waits.waited_for_room(id),
        })
    }

    /// A stage that is not at the end although it was given everything has met something that it cannot pass.
    fn refuse_unfinished(&self, end: u64, cancel: &Cancel) -> Result<(), StageError> {
        let has = |id: StageId| self.stages.iter().any(|stage| stage.id() == id);
        match self.flow.look(|state| state.unfinished()) {
            Some((stage, next)) if !cancel.is_cancelled() && has(stage) => {
                Err(StageError::failed(stage, Stuck { next, end }))
            }
            _ => Ok(()),
        }
    }
}

/// That the chain does not verify counts, whatever else went wrong; then what went wrong furthest downstream: it is about the
/// earliest block. Of errors that are alike in both the last counts. Nothing else is passed over in silence.
pub(crate) fn most_telling(mut errors: Vec<StageError>, monitor: &dyn Monitor) -> Option<StageError> {
    errors.sort_by_key(|error| (error.failure == Failure::NotVerified, error.stage));
    let most_telling = errors.pop()?;
    for StageError { stage, source, .. } in errors.iter().rev() {
        monitor.note(*stage, &format!("this went wrong too: {source}"));
    }
    Some(most_telling)
}

/// The stage furthest downstream that can get on does its next slice, and so on: what lies between stages stays small.
fn run_in_turn(stages: &mut [Box<dyn Stage + '_>], shared: &Shared<'_>) {
    while !shared.cancel.is_cancelled() {
        let grant = |(at, id)| shared.flow.look(|state| state.grant(id)).map(|grant| (at, grant));
        let turn = stages.iter().map(|stage| stage.id()).enumerate().rev().find_map(grant);
        let Some((at, grant)) = turn else { break };
        shared.slice(stages[at].as_mut(), grant.range);
    }
}

/// Every stage on a thread of its own.
fn run_overlapped(stages: &mut [Box<dyn Stage + '_>], shared: &Shared<'_>) {
    thread::scope(|scope| {
        for stage in stages {
            let id = stage.id();
            let work = move || {
                let _stop = StopAtEnd { flow: shared.flow, stage: id };
                while let Some(grant) = shared.flow.wait(id) {
                    shared.slice(stage.as_mut(), grant.range);
                }
            };
            if let Err(error) = thread::Builder::new().name(id.name().into()).spawn_scoped(scope, work) {
                shared.fail(StageError::failed(id, error));
            }
        }
    });
}

impl Shared<'_> {
    /// One slice of a stage, and how far it got.
    fn slice(&self, stage: &mut dyn Stage, range: BlockRange) {
        let id = stage.id();
        let cx = Context { limits: self.limits, cancel: self.cancel, monitor: self.monitor };
        let started = Instant::now();
        let done = stage.execute(range, &cx).and_then(|bytes| Ok((bytes, stage.checkpoint()?)));
        // Workers of trace say for themselves how long they worked.
        if id != StageId::Trace {
            self.flow.waits().worked(id, started.elapsed());
        }
        let (bytes, next) = match done {
            Ok((bytes, last)) => (bytes, last.map_or(range.start, |last| last + 1).max(range.start)),
            Err(error) => return self.fail(error),
        };
        let witness_bytes = (self.witness_bytes)();
        self.flow.change(|state| match next > range.start || id == StageId::Trace {
            true => state.advanced(id, next, bytes, witness_bytes),
            false => state.stop(id),
        });
    }

    /// Stages before it need not go on; those after it finish what they were given.
    fn fail(&self, error: StageError) {
        let stage = error.stage;
        unpoisoned(self.errors.lock()).push(error);
        self.flow.change(|state| state.stop(stage));
    }
}

/// Keeps the other stages from waiting for a stage that has ended, also where it panicked.
struct StopAtEnd<'a> {
    flow: &'a Flow<'a>,
    stage: StageId,
}

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.flow.change(|state| state.stop(self.stage));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);

    impl Monitor for Notes {
        fn started(&self, _: StageId, _: BlockRange) {}
        fn advanced(&self, _: StageId, _: Progress) {}
        fn note(&self, stage: StageId, message: &str) {
            self.0.lock().unwrap().push(format!("{stage}: {message}"));
        }
    }

    #[test]
    fn an_error_of_verification_is_not_hidden_by_one_further_downstream() {
        let errors = || {
            vec![
                StageError::not_verified(StageId::Source, "block 9 is wrong"),
                StageError::failed(StageId::Load, "the disk is full"),
                StageError::failed(StageId::Trace, "the disk is full, too"),
            ]
        };
        let notes = Notes::default();
        let error = most_telling(errors(), &notes).unwrap();
        assert_eq!((error.stage, error.failure), (StageId::Source, Failure::NotVerified));
        let expected = [
            "load: this went wrong too: the disk is full",
            "trace: this went wrong too: the disk is full, too",
        ];
        assert_eq!(*notes.0.lock().unwrap(), expected);
        let error = most_telling(errors().split_off(1), &Notes::default()).unwrap();
        assert_eq!(error.stage, StageId::Load, "it is about the earliest block");
        assert!(most_telling(Vec::new(), &Notes::default()).is_none());
    }
}
