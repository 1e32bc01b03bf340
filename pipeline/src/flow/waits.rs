//! How long stages and workers were at work, and how long they waited for what.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use blockmill_chain::StageId;

use super::state::Want;

/// A duration that any thread may add to.
#[derive(Debug, Default)]
struct Sum(AtomicU64);

impl Sum {
    fn add(&self, time: Duration) {
        self.0.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }

    fn get(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

#[derive(Debug, Default)]
struct StageTimes {
    busy: Sum,
    input: Sum,
    room: Sum,
}

/// Times of all stages, and of the workers of trace.
#[derive(Debug)]
pub(crate) struct Waits {
    stages: [StageTimes; StageId::ALL.len()],
    workers: Vec<Sum>,
}

impl Waits {
    pub(crate) fn new(workers: usize) -> Self {
        Self { stages: Default::default(), workers: (0..workers).map(|_| Sum::default()).collect() }
    }

    /// A stage was at work.
    pub(crate) fn worked(&self, stage: StageId, time: Duration) {
        self.stages[stage as usize].busy.add(time);
    }

    /// A worker of the trace stage was at work.
    pub(crate) fn worker_worked(&self, worker: usize, time: Duration) {
        self.workers[worker].add(time);
        self.worked(StageId::Trace, time);
    }

    /// A stage, or one of its workers, waited.
    pub(super) fn waited(&self, stage: StageId, want: Want, time: Duration) {
        let times = &self.stages[stage as usize];
        match want {
            Want::Input => times.input.add(time),
            Want::Room => times.room.add(time),
        }
    }

    /// Time at work; of trace, the sum over its workers.
    pub(crate) fn busy(&self, stage: StageId) -> Duration {
        self.stages[stage as usize].busy.get()
    }

    /// Time without input; of trace, the sum over its workers.
    pub(crate) fn waited_for_input(&self, stage: StageId) -> Duration {
        self.stages[stage as usize].input.get()
    }

    /// Time in which the queue after the stage was full; of trace, the sum over its workers.
    pub(crate) fn waited_for_room(&self, stage: StageId) -> Duration {
        self.stages[stage as usize].room.get()
    }

    /// Time at work of each worker of trace.
    pub(crate) fn workers(&self) -> Vec<Duration> {
        self.workers.iter().map(Sum::get).collect()
    }
}
