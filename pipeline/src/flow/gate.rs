//! The rules under a lock: threads wait here for their turn.

use std::sync::{Condvar, Mutex, MutexGuard, TryLockError};
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
    publishing: Mutex<()>,
    mode: Mode,
    cancel: &'a Cancel,
    waits: Waits,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(state: State, mode: Mode, workers: usize, cancel: &'a Cancel) -> Self {
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            publishing: Mutex::new(()),
            mode,
            cancel,
            waits: Waits::new(workers),
        }
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

    /// Notes a sealed unit, and has those published by `publish` whose turn it is.
    pub(crate) fn sealed<E>(
        &self,
        unit: SealedUnit,
        witness_bytes: u64,
        publish: impl Fn(BlockRange) -> Result<(), E>,
    ) -> Result<(), E> {
        self.change(|state| state.sealed(unit, witness_bytes));
        self.publish(publish)
    }

    /// Publishes the units whose turn it is. One thread does at a time, so that names appear in the order of
    /// the blocks; the others do not wait for it: it sees what others have sealed meanwhile.
    pub(crate) fn publish<E>(&self, publish: impl Fn(BlockRange) -> Result<(), E>) -> Result<(), E> {
        // Asked again when the lock is free: a thread that found it taken has sealed a unit before that.
        while self.look(State::next_to_publish).is_some() {
            let _alone = match self.publishing.try_lock() {
                Ok(alone) => alone,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return Ok(()),
            };
            while let Some(range) = self.look(State::next_to_publish) {
                publish(range)?;
                self.change(|state| state.published(range));
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::flow::{QueueLimits, Resumed};
    use crate::run::units::UnitLimits;

    #[test]
    fn who_seals_a_unit_while_another_thread_publishes_does_not_wait_for_it() {
        let unit = |start: u64| SealedUnit { range: BlockRange::new(start, start + 1), rows: 1, bytes: 1 };
        let sealed = vec![(unit(0), false)];
        let resumed = Resumed { read: 2, executed: Some(2), witness_bytes: 0, loaded: 0, sealed, end: 2 };
        let limits = UnitLimits { blocks: 1, gas: u64::MAX };
        let mut state = State::new(resumed, QueueLimits::default(), limits, 2, false);
        state.looked(BlockRange::new(1, 2), &[BlockCost { number: 1, gas: 1 }]);
        let cancel = Cancel::default();
        let flow = &Flow::new(state, Mode::Overlapped, 2, &cancel);
        let (begun, wait_for_begin) = mpsc::channel();
        let (go_on, wait_to_go_on) = mpsc::channel::<()>();
        let published = Mutex::new(Vec::new());
        let name = |range: BlockRange| {
            published.lock().unwrap().push(range.start);
            Ok::<_, Infallible>(())
        };
        thread::scope(|scope| {
            scope.spawn(move || {
                flow.publish(|range| {
                    begun.send(()).unwrap();
                    if range.start == 0 {
                        wait_to_go_on.recv().unwrap();
                    }
                    name(range)
                })
            });
            wait_for_begin.recv().unwrap();
            let sealing = scope.spawn(move || flow.sealed(unit(1), 0, |_| Ok::<_, Infallible>(())));
            sealing.join().unwrap().unwrap();
            go_on.send(()).unwrap();
        });
        assert_eq!(
            *published.lock().unwrap(),
            [0, 1],
            "the other thread publishes what was sealed meanwhile"
        );
    }
}
