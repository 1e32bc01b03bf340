//! The units between execute and load: waiting, claimed, sealed, published.

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
    /// The unit is published, as are all before it.
    Published(SealedUnit),
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
    pub(super) fn push_sealed(&mut self, sealed: SealedUnit, is_published: bool) {
        let phase = if is_published { Phase::Published(sealed) } else { Phase::Sealed(sealed) };
        self.sealed_bytes += sealed.bytes;
        self.units.push_back((UnitCost { range: sealed.range, cost: 0 }, phase));
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

    /// Whether none waits to be published, except after a gap.
    pub(super) fn are_published(&self) -> bool {
        !self.has_unsealed() && self.next_to_publish().is_none()
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

    /// The sealed unit that follows those that are published.
    pub(super) fn next_to_publish(&self) -> Option<BlockRange> {
        let mut end = self.units.front()?.0.range.start;
        for (unit, phase) in &self.units {
            match phase {
                Phase::Published(_) => end = unit.range.end,
                Phase::Sealed(_) if unit.range.start == end => return Some(unit.range),
                _ => return None,
            }
        }
        None
    }

    /// A unit has its name.
    pub(super) fn published(&mut self, range: BlockRange) {
        if let Some(at) = self.find(range.start)
            && let Phase::Sealed(unit) = self.units[at].1
        {
            self.units[at].1 = Phase::Published(unit);
        }
    }

    /// The published units that one transaction takes.
    pub(super) fn loadable(&self) -> Option<Loadable> {
        let (first, _) = self.units.front()?;
        let mut loadable = Loadable {
            range: BlockRange::new(first.range.start, first.range.start),
            rows: 0,
            is_full: false,
        };
        let mut count = 0;
        for (unit, phase) in &self.units {
            let Phase::Published(sealed) = phase else { break };
            loadable.range.end = unit.range.end;
            loadable.rows += sealed.rows;
            count += 1;
            loadable.is_full = loadable.rows >= ROWS_PER_LOAD || count >= UNITS_PER_LOAD;
            if loadable.is_full {
                break;
            }
        }
        (count > 0).then_some(loadable)
    }

    /// Everything before `next` is in the tables.
    pub(super) fn loaded(&mut self, next: u64) {
        while let Some((unit, Phase::Published(sealed))) = self.units.front()
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
