//! The rules, as a value.

use std::collections::{BTreeMap, VecDeque};

use blockmill_chain::{BlockRange, StageId};

use super::limits::{BLOCKS_PER_LOOK, QueueLimits, ROWS_WORTH_A_LOAD, UNITS_PER_ROUND};
use super::units::{SealedUnit, Units};
use crate::run::units::{BlockCost, Cutter, UnitCost, UnitLimits};

/// Where the stages of a run stand when it begins.
#[derive(Debug, Clone)]
pub(crate) struct Resumed {
    /// The first block that is not stored.
    pub(crate) read: u64,
    /// The first block that is not executed; `None` where there is no execution, and witnesses come with their blocks.
    pub(crate) executed: Option<u64>,
    /// Encoded bytes of the witnesses that wait.
    pub(crate) witness_bytes: u64,
    /// The first block whose rows are wanted and not loaded.
    pub(crate) loaded: u64,
    /// What an earlier run has sealed.
    pub(crate) sealed: Vec<SealedUnit>,
    /// One past the last block of the run.
    pub(crate) end: u64,
}

/// What a stage may work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) range: BlockRange,
}

/// What a stage waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Something to work on.
    Input,
    /// Somewhere to put what it makes.
    Room,
}

/// What a worker of the trace stage may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Look up what these blocks cost, so that they can be cut into units.
    Look(BlockRange),
    /// Trace a unit and seal its rows.
    Seal(UnitCost),
}

/// A slice of blocks that is stored and waits for its execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Ahead {
    end: u64,
    bytes: u64,
}

/// Positions and queues of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    limits: QueueLimits,
    workers: usize,
    /// Whether units are held back until there is one for every worker.
    gathers: bool,
    end: u64,
    read: u64,
    ahead: VecDeque<Ahead>,
    executed: u64,
    executes: bool,
    witness_bytes: u64,
    looked_at: u64,
    is_looking: bool,
    cutter: Cutter,
    /// Sealed by an earlier run, and not reached by the cutter yet.
    found: BTreeMap<u64, SealedUnit>,
    units: Units,
    loaded: u64,
    stopped: [bool; StageId::ALL.len()],
    /// The start of the first unit that could not be sealed: those before it are finished.
    failed_unit: Option<u64>,
}

impl State {
    pub(crate) fn new(
        resumed: Resumed,
        limits: QueueLimits,
        unit_limits: UnitLimits,
        workers: usize,
        gathers: bool,
    ) -> Self {
        let Resumed { read, executed, witness_bytes, loaded, sealed, end } = resumed;
        let mut state = Self {
            limits,
            workers,
            gathers,
            end,
            read: read.min(end),
            ahead: VecDeque::new(),
            executed: executed.unwrap_or(read).min(end),
            executes: executed.is_some(),
            witness_bytes,
            looked_at: loaded,
            is_looking: false,
            cutter: Cutter::new(unit_limits, loaded),
            found: sealed.into_iter().map(|unit| (unit.range.start, unit)).collect(),
            units: Units::default(),
            loaded,
            stopped: [false; StageId::ALL.len()],
            failed_unit: None,
        };
        state.take_found();
        state
    }

    /// What a stage may do now. The workers of trace then ask for [tasks](Self::task).
    pub(crate) fn grant(&self, stage: StageId) -> Option<Grant> {
        if self.is_pointless(stage) {
            return None;
        }
        let range = match stage {
            StageId::Source if !self.read_queue_is_full() => BlockRange::new(self.read, self.end),
            StageId::Execute if !self.witness_queue_is_full() => BlockRange::new(self.executed, self.read),
            StageId::Trace if self.has_task() => BlockRange::new(self.loaded, self.executed),
            StageId::Load => {
                let loadable = self.units.loadable(self.loaded)?;
                // Where stages take turns, waiting for more keeps none of them waiting.
                let is_worth_it = loadable.is_full || !self.gathers && loadable.rows >= ROWS_WORTH_A_LOAD;
                let is_due = is_worth_it || self.sealed_queue_is_full() || self.is_finished(StageId::Trace);
                is_due.then_some(loadable.range)?
            }
            _ => return None,
        };
        (!range.is_empty()).then_some(Grant { range })
    }

    /// Hands out work of the trace stage.
    pub(crate) fn task(&mut self) -> Option<Task> {
        let task = self.next_task()?;
        match task {
            Task::Look(_) => self.is_looking = true,
            Task::Seal(unit) => {
                if !self.sealed_queue_is_full() {
                    self.units.begin_round(self.round_units());
                }
                self.units.claimed(unit.range);
            }
        }
        Some(task)
    }

    /// What a worker would get.
    fn next_task(&self) -> Option<Task> {
        if self.is_pointless(StageId::Trace) {
            return None;
        }
        let looks_on = !self.is_looking && self.failed_unit.is_none();
        if looks_on && self.looked_at < self.executed && self.units.waiting() < self.round_units() {
            let end = self.executed.min(self.looked_at + BLOCKS_PER_LOOK);
            return Some(Task::Look(BlockRange::new(self.looked_at, end)));
        }
        let is_held_back = self.failed_unit.is_none()
            && self.gathers
            && self.units.waiting() < self.workers
            && self.can_grow();
        if is_held_back {
            return None;
        }
        let unit = match self.sealed_queue_is_full() {
            // What can be loaded makes room.
            true if self.units.loadable(self.loaded).is_some() => return None,
            true => self.units.first_waiting()?,
            false => self.units.heaviest(self.round_units())?,
        };
        Some(Task::Seal(unit))
    }

    /// Units of a round.
    fn round_units(&self) -> usize {
        UNITS_PER_ROUND * self.workers
    }

    /// Whether a worker would get a task.
    pub(super) fn has_task(&self) -> bool {
        self.next_task().is_some()
    }

    /// Whether the stage has nothing to do and will never have.
    pub(crate) fn is_finished(&self, stage: StageId) -> bool {
        if self.is_pointless(stage) {
            return true;
        }
        match stage {
            StageId::Source => self.read >= self.end,
            StageId::Execute => self.is_finished(StageId::Source) && self.executed >= self.read,
            StageId::Trace => {
                let has_looked = self.looked_at >= self.executed && !self.is_looking;
                let input_ended = self.is_finished(StageId::Execute);
                input_ended && (has_looked || self.failed_unit.is_some()) && !self.units.has_unsealed()
            }
            StageId::Load => self.is_finished(StageId::Trace) && self.grant(stage).is_none(),
        }
    }

    /// The stage has done everything before `next`. `bytes` are those of the blocks that it stored, `witness_bytes` those
    /// of all witnesses that wait.
    pub(crate) fn advanced(&mut self, stage: StageId, next: u64, bytes: u64, witness_bytes: u64) {
        self.witness_bytes = witness_bytes;
        match stage {
            StageId::Source => {
                self.read = next.min(self.end);
                self.ahead.push_back(Ahead { end: next, bytes });
                if !self.executes {
                    self.executed = self.read;
                }
            }
            StageId::Execute => self.executed = next.min(self.end),
            StageId::Trace => {}
            StageId::Load => {
                self.loaded = next;
                self.units.loaded(next);
            }
        }
        while self.ahead.front().is_some_and(|ahead| ahead.end <= self.executed) {
            self.ahead.pop_front();
        }
    }

    /// The costs of the blocks in a range that was to be looked up.
    pub(crate) fn looked(&mut self, range: BlockRange, blocks: &[BlockCost]) {
        for block in blocks {
            // A unit of an earlier run may end after this block.
            if block.number < self.cutter.start() {
                continue;
            }
            let next = block.number + 1;
            // One may begin after it amid a unit, where that run had other limits.
            let cut_short = |cutter: &mut Cutter| match self.found.contains_key(&next) {
                true => cutter.finish(next),
                false => None,
            };
            if let Some(unit) = self.cutter.push(*block).or_else(|| cut_short(&mut self.cutter)) {
                self.units.push(unit);
                self.take_found();
            }
        }
        self.looked_at = self.looked_at.max(range.end);
        self.is_looking = false;
        if range.end >= self.end
            && let Some(unit) = self.cutter.finish(self.end)
        {
            self.units.push(unit);
        }
    }

    /// The rows of a unit are durable; its witnesses are gone, and so many bytes of others wait.
    pub(crate) fn sealed(&mut self, unit: SealedUnit, witness_bytes: u64) {
        self.units.sealed(unit);
        self.witness_bytes = witness_bytes;
    }

    /// The unit, or looking up its blocks, has failed: only what lies before it is finished.
    pub(crate) fn fail_unit(&mut self, range: BlockRange) {
        let first = self.failed_unit.map_or(range.start, |first| first.min(range.start));
        self.failed_unit = Some(first);
        self.units.drop_from(first);
        self.is_looking = false;
    }

    /// Whether the unit lies before every unit that has failed.
    pub(crate) fn wants_unit(&self, range: BlockRange) -> bool {
        self.failed_unit.is_none_or(|first| range.start < first)
    }

    /// The sealed units from the first that is not loaded on, as far as none is missing.
    pub(crate) fn sealed_units(&self) -> impl Iterator<Item = SealedUnit> + '_ {
        self.units.sealed_from(self.loaded)
    }

    /// The stage has failed, or cannot get on.
    pub(crate) fn stop(&mut self, stage: StageId) {
        self.stopped[stage as usize] = true;
    }

    /// The first stage that is not at the end of the run, and the first block that it has not done.
    pub(crate) fn unfinished(&self) -> Option<(StageId, u64)> {
        let positions =
            [(StageId::Source, self.read), (StageId::Execute, self.executed), (StageId::Load, self.loaded)];
        positions.into_iter().find(|(_, next)| *next < self.end)
    }

    /// What a stage that gets no grant is waiting for.
    pub(crate) fn wants(&self, stage: StageId) -> Want {
        let is_blocked = match stage {
            StageId::Source => self.read < self.end,
            StageId::Execute => self.executed < self.read,
            StageId::Trace => self.units.waiting() > 0,
            StageId::Load => false,
        };
        if is_blocked { Want::Room } else { Want::Input }
    }

    /// Whether the work of the stage has no reader: it, or a stage after it, has stopped.
    fn is_pointless(&self, stage: StageId) -> bool {
        let trace_has_failed = self.failed_unit.is_some() && stage < StageId::Trace;
        trace_has_failed || self.stopped[stage as usize..].contains(&true)
    }

    /// Where nothing is executed, blocks come with their witnesses.
    fn read_queue_is_full(&self) -> bool {
        if !self.executes {
            return self.witness_queue_is_full();
        }
        let bytes: u64 = self.ahead.iter().map(|ahead| ahead.bytes).sum();
        bytes >= self.limits.read_ahead_bytes && self.executed < self.read
    }

    /// Where there is no whole unit to trace, waiting for one would be for ever.
    fn witness_queue_is_full(&self) -> bool {
        let trace_can_go_on = self.looked_at < self.executed || self.units.has_unsealed();
        self.witness_bytes >= self.limits.witness_bytes && trace_can_go_on
    }

    fn sealed_queue_is_full(&self) -> bool {
        self.units.sealed_bytes() >= self.limits.sealed_bytes
    }

    /// Whether a stage before trace can go on.
    fn can_grow(&self) -> bool {
        self.grant(StageId::Execute).is_some() || self.grant(StageId::Source).is_some()
    }

    /// Units of an earlier run that begin where the cutter stands.
    fn take_found(&mut self) {
        while let Some(sealed) = self.found.remove(&self.cutter.start()) {
            self.units.push_sealed(sealed);
            self.cutter.skip_to(sealed.range.end);
            self.looked_at = self.looked_at.max(sealed.range.end);
        }
    }
}
