//! The rules under a lock: threads wait here for their turn.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Cancel, StageId, unpoisoned};

use super::state::{Grant, State, Task};
use super::units::SealedUnit;
use super::waits::Waits;
use crate::run::units::BlockCost;

/// How many stages work at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One stage, the one furthest downstream that can get on.
    InTurn,
    /// All stages, each on threads of its own.
    Overlapped,
}

/// How soon a waiting thread sees a request to stop.
const CANCEL_POLL: Duration = Duration::from_millis(50);

/// What the stages of a run share.
pub(crate) struct Flow<'a> {
    state: Mutex<State>,
    changed: Condvar,
    mode: Mode,
    cancel: &'a Cancel,
    waits: Waits,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(state: State, mode: Mode, workers: usize, cancel: &'a Cancel) -> Self {
        Self { state: Mutex::new(state), changed: Condvar::new(), mode, cancel, waits: Waits::new(workers) }
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    pub(crate) fn waits(&self) -> &Waits {
        &self.waits
    }

    /// Changes the state and wakes everyone whose turn may have come.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Looks at the state.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Waits for the stage's turn; `None` where it will have none any more.
    pub(crate) fn wait(&self, stage: StageId) -> Option<Grant> {
        self.wait_for(stage, |state| state.grant(stage))
    }

    /// The next task of a worker of the trace stage; where stages take turns, `None` means that it is another's.
    pub(crate) fn task(&self) -> Option<Task> {
        match self.mode {
            Mode::Overlapped => self.wait_for(StageId::Trace, State::task),
            Mode::InTurn if self.cancel.is_cancelled() => None,
            Mode::InTurn => self.lock().task(),
        }
    }

    /// Costs that were looked up.
    pub(crate) fn looked(&self, range: BlockRange, blocks: &[BlockCost]) {
        self.change(|state| state.looked(range, blocks));
    }

    /// Notes a sealed unit.
    pub(crate) fn sealed(&self, unit: SealedUnit, witness_bytes: u64) {
        self.change(|state| state.sealed(unit, witness_bytes));
    }

    /// A unit could not be sealed.
    pub(crate) fn fail_unit(&self, range: BlockRange) {
        self.change(|state| state.fail_unit(range));
    }

    /// Whether work on the unit is still of use.
    pub(crate) fn wants_unit(&self, range: BlockRange) -> bool {
        self.look(|state| state.wants_unit(range))
    }

    fn wait_for<T>(&self, stage: StageId, turn: impl Fn(&mut State) -> Option<T>) -> Option<T> {
        let mut state = self.lock();
        loop {
            if self.cancel.is_cancelled() {
                return None;
            }
            if let Some(turn) = turn(&mut state) {
                return Some(turn);
            }
            if state.is_finished(stage) {
                return None;
            }
            let (want, since) = (state.wants(stage), Instant::now());
            let waited = self.changed.wait_timeout(state, CANCEL_POLL);
            state = unpoisoned(waited).0;
            self.waits.waited(stage, want, since.elapsed());
        }
    }

    /// A panic elsewhere is passed on by its thread; the state is whole after every change.
    fn lock(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }
}
