//! Every order of events that a small run can have: no thread waits for ever, and no queue outgrows its
//! budget.

use std::collections::HashSet;

use blockmill_chain::{BlockRange, StageId};

use super::limits::QueueLimits;
use super::state::{Resumed, State, Task};
use super::units::SealedUnit;
use crate::run::units::{BlockCost, UnitCost, UnitLimits};

/// So much that what a block costs beside its gas does not weigh.
const MGAS: u64 = 1_000_000;

/// A run of one block per slice.
#[derive(Debug, Clone)]
struct Chain {
    /// Mgas of each block; so many bytes has its witness, and as many its rows.
    gas: Vec<u64>,
    limits: QueueLimits,
    workers: usize,
    gathers: bool,
    /// A stage that fails at some moment.
    fails: Option<StageId>,
}

/// A moment of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Moment {
    state: State,
    read: u64,
    executed: u64,
    traced: Vec<BlockRange>,
    loaded: u64,
    /// The unit of each worker.
    hands: Vec<Option<UnitCost>>,
    has_failed: bool,
}

impl Chain {
    fn of(gas: &[u64]) -> Self {
        let limits = QueueLimits { read_ahead_bytes: 2, witness_bytes: 5, sealed_bytes: 6 };
        Self { gas: gas.to_vec(), limits, workers: 2, gathers: false, fails: None }
    }

    fn end(&self) -> u64 {
        self.gas.len() as u64
    }

    fn bytes(&self, range: BlockRange) -> u64 {
        range.numbers().map(|number| self.gas[number as usize]).sum()
    }

    fn first(&self) -> Moment {
        let resumed = Resumed {
            read: 0,
            executed: Some(0),
            witness_bytes: 0,
            loaded: 0,
            sealed: Vec::new(),
            end: self.end(),
        };
        let unit = UnitLimits { blocks: 3, gas: 4 * MGAS };
        Moment {
            state: State::new(resumed, self.limits, unit, self.workers, self.gathers),
            read: 0,
            executed: 0,
            traced: Vec::new(),
            loaded: 0,
            hands: vec![None; self.workers],
            has_failed: false,
        }
    }

    fn waiting_witnesses(&self, moment: &Moment) -> u64 {
        let executed = self.bytes(BlockRange::new(0, moment.executed));
        executed - moment.traced.iter().map(|range| self.bytes(*range)).sum::<u64>()
    }

    /// What may come next.
    fn successors(&self, moment: &Moment) -> Vec<Moment> {
        let mut next = Vec::new();
        let mut add = |change: &dyn Fn(&mut Moment)| {
            let mut after = moment.clone();
            change(&mut after);
            next.push(after);
        };
        if moment.state.grant(StageId::Source).is_some() {
            add(&|m| {
                m.read += 1;
                let waiting = self.waiting_witnesses(m);
                m.state.advanced(StageId::Source, m.read, 1, waiting);
            });
        }
        if moment.state.grant(StageId::Execute).is_some() {
            add(&|m| {
                m.executed += 1;
                let waiting = self.waiting_witnesses(m);
                m.state.advanced(StageId::Execute, m.executed, 0, waiting);
            });
        }
        if let Some(grant) = moment.state.grant(StageId::Load) {
            assert_eq!(grant.range.start, moment.loaded, "the load goes in the order of the blocks");
            add(&|m| {
                m.loaded = grant.range.end;
                let waiting = self.waiting_witnesses(m);
                m.state.advanced(StageId::Load, m.loaded, 0, waiting);
            });
        }
        for worker in 0..self.workers {
            match moment.hands[worker] {
                Some(unit) => add(&|m| self.seal(m, worker, unit)),
                None if moment.state.has_task() => add(&|m| self.take(m, worker)),
                None => {}
            }
        }
        if let (Some(stage), false) = (self.fails, moment.has_failed) {
            add(&|m| {
                m.has_failed = true;
                m.state.stop(stage);
            });
        }
        next
    }

    fn take(&self, moment: &mut Moment, worker: usize) {
        match moment.state.task().unwrap() {
            Task::Look(range) => {
                let cost = |number: u64| BlockCost { number, gas: self.gas[number as usize] * MGAS };
                moment.state.looked(range, &range.numbers().map(cost).collect::<Vec<_>>());
            }
            Task::Seal(unit) => moment.hands[worker] = Some(unit),
        }
    }

    fn seal(&self, moment: &mut Moment, worker: usize, unit: UnitCost) {
        moment.hands[worker] = None;
        moment.traced.push(unit.range);
        moment.traced.sort_by_key(|range| range.start);
        let sealed = SealedUnit { range: unit.range, rows: 1, bytes: self.bytes(unit.range) };
        let waiting = self.waiting_witnesses(moment);
        moment.state.sealed(sealed, waiting);
    }

    fn check(&self, moment: &Moment) {
        let (heaviest, most) = (self.gas.iter().max().unwrap(), self.gas.iter().sum::<u64>());
        // A unit that is not whole yet may hold this much; then execute goes on whatever the queue holds.
        let open_unit = 4 + heaviest;
        let waiting = self.waiting_witnesses(moment);
        assert!(
            waiting <= self.limits.witness_bytes + heaviest + open_unit,
            "{waiting} bytes of witnesses wait"
        );
        let ahead = moment.read - moment.executed;
        assert!(ahead <= self.limits.read_ahead_bytes, "{ahead} blocks wait");
        let sealed: u64 = moment.traced.iter().map(|range| self.bytes(*range)).sum::<u64>()
            - self.bytes(BlockRange::new(0, moment.loaded));
        let in_hands = self.workers as u64 * open_unit;
        assert!(sealed <= (self.limits.sealed_bytes + in_hands).min(most), "{sealed} bytes are sealed ahead");
    }

    /// Walks through every order of events; how many moments there are.
    fn explore(&self) -> usize {
        let mut seen = HashSet::from([self.first()]);
        let mut open = vec![self.first()];
        while let Some(moment) = open.pop() {
            self.check(&moment);
            let successors = self.successors(&moment);
            let is_over = successors.iter().all(|next| next.has_failed != moment.has_failed);
            if is_over {
                self.check_end(&moment);
            }
            open.extend(successors.into_iter().filter(|next| seen.insert(next.clone())));
        }
        seen.len()
    }

    fn check_end(&self, moment: &Moment) {
        for stage in StageId::ALL {
            assert!(moment.state.is_finished(stage), "{stage} waits for ever: {moment:#?}");
        }
        if !moment.has_failed {
            assert_eq!(moment.loaded, self.end(), "the run ends early: {moment:#?}");
        }
    }
}

/// Light, heavy and mixed blocks, whole units and a rest at the end.
const CHAINS: [&[u64]; 5] = [
    &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    &[9, 1, 1, 1, 9, 1, 3, 2, 1, 1, 4],
    &[1, 9, 1, 1, 1, 1, 1, 1, 5, 5],
    &[3, 3, 3, 3, 3, 3, 3, 3],
    &[9, 9, 9, 9, 9],
];

#[test]
fn nobody_waits_for_ever_and_no_queue_outgrows_its_budget() {
    let moments: usize = CHAINS.iter().map(|gas| Chain::of(gas).explore()).sum();
    assert!(moments > 1_000, "only {moments} moments were looked at");
}

#[test]
fn queues_smaller_than_any_item_let_one_through_at_a_time() {
    for gas in CHAINS {
        let limits = QueueLimits { read_ahead_bytes: 1, witness_bytes: 1, sealed_bytes: 1 };
        Chain { limits, ..Chain::of(gas) }.explore();
    }
}

#[test]
fn units_that_are_held_back_for_other_workers_are_not_held_back_for_ever() {
    for gas in CHAINS {
        for witness_bytes in [1, 5, 100] {
            let limits = QueueLimits { witness_bytes, ..Chain::of(gas).limits };
            Chain { limits, gathers: true, ..Chain::of(gas) }.explore();
        }
    }
}

#[test]
fn more_workers_than_units_find_an_end() {
    Chain { workers: 3, ..Chain::of(&[9, 1, 1, 1, 4]) }.explore();
}

#[test]
fn a_stage_that_fails_ends_the_run_whenever_it_does() {
    for stage in StageId::ALL {
        Chain { fails: Some(stage), ..Chain::of(&[1, 9, 1, 3, 1]) }.explore();
    }
}

#[test]
fn a_straggler_holds_nobody_until_the_disk_budget_is_used_up() {
    let chain = Chain::of(&[9, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    let mut moment =
        Chain { limits: QueueLimits { witness_bytes: 100, ..chain.limits }, ..chain.clone() }.first();
    for number in 1..=10 {
        moment.state.advanced(StageId::Source, number, 1, 1);
        moment.state.advanced(StageId::Execute, number, 1, 1);
    }
    chain.take(&mut moment, 0);
    chain.take(&mut moment, 0);
    let straggler = moment.hands[0].unwrap().range;
    assert_eq!(straggler, BlockRange::new(0, 1));
    for sealed in [(1, 4), (4, 7)] {
        chain.take(&mut moment, 1);
        let unit = moment.hands[1].unwrap();
        assert_eq!((unit.range.start, unit.range.end), sealed);
        chain.seal_without_witnesses(&mut moment, unit);
    }
    assert!(!moment.state.has_task(), "six bytes are sealed ahead, the budget is six");
    chain.seal_without_witnesses(&mut moment, UnitCost { range: straggler, cost: 0 });
    assert_eq!(moment.state.grant(StageId::Load).unwrap().range, BlockRange::new(0, 7));
    assert!(!moment.state.has_task(), "loading makes room");
    moment.state.advanced(StageId::Load, 7, 0, 0);
    assert!(moment.state.has_task());
}

impl Chain {
    fn seal_without_witnesses(&self, moment: &mut Moment, unit: UnitCost) {
        moment.state.sealed(SealedUnit { range: unit.range, rows: 1, bytes: self.bytes(unit.range) }, 0);
    }
}

#[test]
fn the_heaviest_of_a_round_goes_first_and_later_rounds_wait() {
    let gas = [4, 8, 6, 5, 7, 9, 4, 4, 99];
    let chain = Chain { workers: 2, ..Chain::of(&gas) };
    let limits = QueueLimits { witness_bytes: 1_000, read_ahead_bytes: 1_000, sealed_bytes: 1_000 };
    let mut moment = Chain { limits, ..chain.clone() }.first();
    moment.state.advanced(StageId::Source, 9, 1, 1);
    moment.state.advanced(StageId::Execute, 9, 1, 1);
    chain.take(&mut moment, 0);
    let mut order = Vec::new();
    while moment.state.has_task() {
        chain.take(&mut moment, 0);
        order.extend(moment.hands[0].take().map(|unit| gas[unit.range.start as usize]));
    }
    assert_eq!(order, [9, 8, 7, 6, 5, 4, 4, 4, 99]);
}

#[test]
fn a_unit_that_an_earlier_run_sealed_by_other_limits_stays_whole() {
    let sealed = SealedUnit { range: BlockRange::new(4, 6), rows: 1, bytes: 1 };
    let resumed =
        Resumed { read: 10, executed: Some(10), witness_bytes: 0, loaded: 0, sealed: vec![sealed], end: 10 };
    let limits = QueueLimits { read_ahead_bytes: 1_000, witness_bytes: 1_000, sealed_bytes: 1_000 };
    let mut state = State::new(resumed, limits, UnitLimits { blocks: 3, gas: u64::MAX }, 1, false);
    let mut cut = Vec::new();
    while let Some(task) = state.task() {
        match task {
            Task::Look(range) => {
                let costs: Vec<_> = range.numbers().map(|number| BlockCost { number, gas: 1 }).collect();
                state.looked(range, &costs);
            }
            Task::Seal(unit) => cut.push((unit.range.start, unit.range.end)),
        }
    }
    cut.sort_unstable();
    assert_eq!(cut, [(0, 3), (3, 4), (6, 9), (9, 10)]);
}
