//! The workers: each takes tasks until there are none for it.

use std::cmp::Reverse;
use std::sync::Mutex;
use std::time::Instant;

use blockmill_chain::{BlockRange, Context, Stage, StageError, StageId, unpoisoned};
use blockmill_spill::Unit;
use blockmill_trace::TableRows;

use super::sealer::Sealer;
use super::unit_error::UnitError;
use crate::flow::{Flow, SealedUnit, Task};
use crate::run::driver::most_telling;
use crate::stages::Tables;

/// Replays witnesses and seals their rows.
pub(crate) struct TraceStage<'a> {
    pub(crate) sealer: Sealer<'a>,
    pub(crate) tables: &'a Tables,
    pub(crate) flow: &'a Flow<'a>,
    /// The first block whose rows are wanted.
    pub(crate) start: u64,
    pub(crate) threads: usize,
}

impl Stage for TraceStage<'_> {
    fn id(&self) -> StageId {
        StageId::Trace
    }

    /// The end of the unbroken row of units, those loaded already included.
    fn checkpoint(&self) -> Result<Option<u64>, StageError> {
        let loaded = self.tables.last_loaded().map_or(self.start, |last| last + 1);
        let sealed = self.flow.look(|state| state.sealed_units().last());
        let next = sealed.map_or(loaded, |unit| unit.range.end.max(loaded));
        Ok(next.checked_sub(1).filter(|_| next > self.start))
    }

    /// Works on what the flow of the run hands out, whatever the range: until there is nothing any more, or where stages
    /// take turns, until it is another's.
    fn execute(&mut self, _: BlockRange, cx: &Context<'_>) -> Result<u64, StageError> {
        let failures = Mutex::default();
        std::thread::scope(|scope| {
            // The last worker is this thread: with one, everything runs in turn.
            for number in 1..self.threads {
                let (stage, failures) = (&*self, &failures);
                let work = move || stage.work(number, cx, failures);
                let named = std::thread::Builder::new().name(format!("trace-{number}"));
                if named.spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            self.work(0, cx, &failures);
        });
        let mut failures = unpoisoned(failures.into_inner());
        // Of those that tell as much, the earliest counts.
        failures.sort_by_key(|failed| Reverse(failed.start));
        let errors = failures.into_iter().map(|failed| failed.error.into_stage_error()).collect();
        // Each unit is counted when it is sealed.
        most_telling(errors, cx.monitor).map_or(Ok(0), Err)
    }
}

/// A unit that was not sealed.
struct Failed {
    start: u64,
    error: UnitError,
}

impl TraceStage<'_> {
    fn work(&self, worker: usize, cx: &Context<'_>, failures: &Mutex<Vec<Failed>>) {
        let _stop = StopOnPanic(self.flow);
        let mut rows = self.sealer.rows();
        while let Some(task) = self.flow.task() {
            let started = Instant::now();
            let range = match task {
                Task::Look(range) => range,
                Task::Seal(unit) => unit.range,
            };
            let done = match task {
                Task::Look(range) => self.look(range),
                Task::Seal(unit) => self.seal(unit.range, &mut rows, cx),
            };
            if let Err(error) = done {
                rows = self.sealer.rows();
                self.fail(range, error, failures);
            }
            self.flow.waits().worker_worked(worker, started.elapsed());
        }
    }

    fn look(&self, range: BlockRange) -> Result<(), UnitError> {
        let costs = self.sealer.costs(range)?;
        self.flow.looked(range, &costs);
        Ok(())
    }

    fn seal(&self, range: BlockRange, rows: &mut TableRows, cx: &Context<'_>) -> Result<(), UnitError> {
        let is_wanted = || !cx.cancel.is_cancelled() && self.flow.wants_unit(range);
        let unit = self.sealer.seal(range, rows, cx.monitor, is_wanted)?;
        let witness_bytes = self.sealer.waiting_witness_bytes();
        self.flow.sealed(sealed(&unit), witness_bytes);
        Ok(())
    }

    /// Kept before the others hear of it: that a later unit was given up must not pass for the reason.
    fn fail(&self, range: BlockRange, error: UnitError, failures: &Mutex<Vec<Failed>>) {
        if matches!(error, UnitError::Unwanted(_)) {
            return;
        }
        // Where the machine is at fault and not a block, nothing more can be sealed.
        let is_about_a_block = matches!(error, UnitError::Trace(_) | UnitError::Damaged(_));
        let failed = Failed { start: range.start, error };
        unpoisoned(failures.lock()).push(failed);
        self.flow.fail_unit(range);
        if !is_about_a_block {
            self.flow.change(|state| state.stop(StageId::Trace));
        }
    }
}

/// A unit whose worker has panicked is never sealed: no thread may wait for it.
struct StopOnPanic<'a>(&'a Flow<'a>);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.change(|state| state.stop(StageId::Trace));
        }
    }
}

/// A unit as the flow counts it.
pub(crate) fn sealed(unit: &Unit) -> SealedUnit {
    SealedUnit { range: unit.range, rows: unit.rows(), bytes: unit.bytes() }
}
