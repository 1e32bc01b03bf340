//! The order in which units are handed out: for benches that measure how well it balances.

use blockmill_chain::BlockRange;

use super::limits::QueueLimits;
use super::state::{Resumed, State, Task};
use crate::run::units::{BlockCost, UnitLimits};

/// The units of a chain whose blocks use so much gas, in the order in which that many workers get them where no queue is
/// full: the next one goes to the worker that is free first.
pub fn hand_out_order(gas: &[u64], limits: UnitLimits, workers: usize) -> Vec<BlockRange> {
    let end = gas.len() as u64;
    let resumed = Resumed { read: end, executed: None, witness_bytes: 0, loaded: 0, sealed: Vec::new(), end };
    let unlimited =
        QueueLimits { read_ahead_bytes: u64::MAX, witness_bytes: u64::MAX, sealed_bytes: u64::MAX };
    let mut state = State::new(resumed, unlimited, limits, workers, false);
    let cost = |number: u64| BlockCost { number, gas: gas[number as usize] };
    let mut order = Vec::new();
    while let Some(task) = state.task() {
        match task {
            Task::Look(range) => state.looked(range, &range.numbers().map(cost).collect::<Vec<_>>()),
            Task::Seal(unit) => order.push(unit.range),
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_handed_out_once_and_a_round_starts_with_its_heaviest_unit() {
        const MGAS: u64 = 1_000_000;
        let gas = (0..1_000).map(|number| if number == 20 { 90 * MGAS } else { (1 + number % 3) * MGAS });
        let limits = UnitLimits { blocks: 10, gas: 50 * MGAS };
        let mut order = hand_out_order(&gas.collect::<Vec<_>>(), limits, 4);
        assert!(order[0].contains(20), "{}", order[0]);
        order.sort_by_key(|range| range.start);
        assert!(order.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!((order[0].start, order.last().map(|range| range.end)), (0, Some(1_000)));
    }
}
