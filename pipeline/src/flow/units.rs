//! The units between execute and load: waiting, claimed, sealed.

use std::cmp::Reverse;
use std::collections::VecDeque;

use blockmill_chain::BlockRange;

use super::limits::{ROWS_PER_LOAD, UNITS_PER_LOAD};
use crate::run::units::UnitCost;

/// A unit whose rows are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SealedUnit {
    pub(crate) range: BlockRange,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// What one transaction can load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loadable {
    pub(super) range: BlockRange,
    pub(super) rows: u64,
    /// More would be too much for one.
    pub(super) is_full: bool,
}

/// How far a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    /// No worker has it.
    Waiting,
    /// A worker traces it.
    Claimed,
    /// Its rows are durable.
    Sealed(SealedUnit),
}

/// Units in the order of their blocks, from the first that is not loaded on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Units {
    units: VecDeque<(UnitCost, Phase)>,
    /// Waiting units that are handed out before later ones, by the start of their range; the heaviest last.
    round: Vec<u64>,
    sealed_bytes: u64,
}

impl Units {
    /// A unit that an earlier run has sealed.
    pub(super) fn push_sealed(&mut self, sealed: SealedUnit) {
        self.sealed_bytes += sealed.bytes;
        self.units.push_back((UnitCost { range: sealed.range, cost: 0 }, Phase::Sealed(sealed)));
    }

    /// A unit that is to be traced.
    pub(super) fn push(&mut self, unit: UnitCost) {
        self.units.push_back((unit, Phase::Waiting));
    }

    /// Units that no worker has.
    pub(super) fn waiting(&self) -> usize {
        self.units.iter().filter(|(_, phase)| *phase == Phase::Waiting).count()
    }

    /// Whether one is waiting or being worked on.
    pub(super) fn has_unsealed(&self) -> bool {
        self.first_unsealed().is_some()
    }

    /// Bytes that are sealed and not loaded.
    pub(super) fn sealed_bytes(&self) -> u64 {
        self.sealed_bytes
    }

    /// The first unit that is not sealed, if no worker has it.
    pub(super) fn first_waiting(&self) -> Option<UnitCost> {
        let (unit, phase) = self.units.get(self.first_unsealed()?)?;
        (*phase == Phase::Waiting).then_some(*unit)
    }

    /// The heaviest unit of the round; where it is over, of the next one.
    pub(super) fn heaviest(&self, round_units: usize) -> Option<UnitCost> {
        match self.round.last() {
            Some(heaviest) => self.units.get(self.find(*heaviest)?).map(|(unit, _)| *unit),
            None => self.next_round(round_units).max_by_key(weight),
        }
    }

    /// The first waiting units.
    fn next_round(&self, round_units: usize) -> impl Iterator<Item = UnitCost> + '_ {
        let waiting = self.units.iter().filter(|(_, phase)| *phase == Phase::Waiting);
        waiting.take(round_units).map(|(unit, _)| *unit)
    }

    /// Begins the next round where one is over.
    pub(super) fn begin_round(&mut self, round_units: usize) {
        if self.round.is_empty() {
            let mut round: Vec<_> = self.next_round(round_units).collect();
            round.sort_by_key(weight);
            self.round = round.into_iter().map(|unit| unit.range.start).collect();
        }
    }

    /// A worker has taken a waiting unit.
    pub(super) fn claimed(&mut self, range: BlockRange) {
        self.round.retain(|start| *start != range.start);
        self.set(range, Phase::Claimed);
    }

    /// Forgets the units from `start` on that are not sealed: they are not wanted any more.
    pub(super) fn drop_from(&mut self, start: u64) {
        let is_kept = |unit: &UnitCost| unit.range.start < start;
        self.units.retain(|(unit, phase)| is_kept(unit) || !matches!(phase, Phase::Waiting | Phase::Claimed));
        self.round.retain(|unit| *unit < start);
    }

    /// The rows of a claimed unit are durable.
    pub(super) fn sealed(&mut self, unit: SealedUnit) {
        self.sealed_bytes += unit.bytes;
        self.set(unit.range, Phase::Sealed(unit));
    }

    /// The sealed units that one transaction takes, of which the first begins at block `start`.
    pub(super) fn loadable(&self, start: u64) -> Option<Loadable> {
        let mut loadable = Loadable { range: BlockRange::new(start, start), rows: 0, is_full: false };
        let mut count = 0;
        for sealed in self.sealed_from(start) {
            loadable.range.end = sealed.range.end;
            loadable.rows += sealed.rows;
            count += 1;
            loadable.is_full = loadable.rows >= ROWS_PER_LOAD || count >= UNITS_PER_LOAD;
            if loadable.is_full {
                break;
            }
        }
        (count > 0).then_some(loadable)
    }

    /// The unbroken row of sealed units from block `start` on.
    pub(super) fn sealed_from(&self, start: u64) -> impl Iterator<Item = SealedUnit> + '_ {
        let mut end = start;
        self.units.iter().map_while(move |(unit, phase)| match phase {
            Phase::Sealed(sealed) if unit.range.start == end => {
                end = unit.range.end;
                Some(*sealed)
            }
            _ => None,
        })
    }

    /// Everything before `next` is in the tables.
    pub(super) fn loaded(&mut self, next: u64) {
        while let Some((unit, Phase::Sealed(sealed))) = self.units.front()
            && unit.range.end <= next
        {
            self.sealed_bytes -= sealed.bytes;
            self.units.pop_front();
        }
    }

    fn first_unsealed(&self) -> Option<usize> {
        self.units.iter().position(|(_, phase)| matches!(phase, Phase::Waiting | Phase::Claimed))
    }

    fn find(&self, start: u64) -> Option<usize> {
        self.units.binary_search_by_key(&start, |(unit, _)| unit.range.start).ok()
    }

    fn set(&mut self, range: BlockRange, phase: Phase) {
        if let Some(at) = self.find(range.start) {
            self.units[at].1 = phase;
        }
    }
}

/// What units of a round are ordered by: the earlier of two that cost alike comes first, and so weighs more.
fn weight(unit: &UnitCost) -> (u64, Reverse<u64>) {
    (unit.cost, Reverse(unit.range.start))
}
