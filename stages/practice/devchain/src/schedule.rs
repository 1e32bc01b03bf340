//! When blocks come: times and ommers, drawn ahead of the chain, because the genesis file has to tell when later forks
//! begin and at which total difficulty proof of work ends.

use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy::primitives::{B256, U256};
use blockmill_chain::ChainSpec;

use crate::dice::Dice;

/// The stream of [`Dice`] that times are drawn from.
const STREAM: u64 = 1;

/// What is known of a block before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) number: u64,
    /// The block's time, in seconds since 1970.
    pub(crate) timestamp: u64,
    /// Whether the block comes before the merge.
    pub(crate) is_mined: bool,
    /// Whether a sibling of its parent was mined too (proof of work only).
    pub(crate) has_ommer: bool,
}

/// The slots of blocks 1, 2, … in order; the same each time it is started.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    dice: Dice,
    number: u64,
    timestamp: u64,
    /// The first block of proof of stake.
    merge: Option<u64>,
}

/// Where the merge is, and when certain blocks come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forecast {
    /// The total difficulty of the last block of proof of work.
    pub(crate) terminal_total_difficulty: U256,
    times: Vec<(u64, u64)>,
}

impl Schedule {
    /// A schedule that starts after the genesis block.
    pub(crate) fn new(seed: u64, genesis_timestamp: u64, merge: Option<u64>) -> Self {
        Self { dice: Dice::new(seed, STREAM), number: 0, timestamp: genesis_timestamp, merge }
    }

    /// Goes to the next slot and returns it.
    pub(crate) fn advance(&mut self) -> Slot {
        self.number += 1;
        let is_mined = self.merge.is_none_or(|merge| self.number < merge);
        self.timestamp += if is_mined { self.dice.between(5, 24) } else { self.seconds_to_next_proposal() };
        let has_ommer = is_mined && self.number > 1 && self.dice.once_in(12);
        Slot { number: self.number, timestamp: self.timestamp, is_mined, has_ommer }
    }

    /// Twelve, and some proposers miss their slot.
    fn seconds_to_next_proposal(&mut self) -> u64 {
        if self.dice.once_in(80) { 24 } else { 12 }
    }

    /// Looks ahead, to the last of these blocks: `spec` has the forks that go by block number.
    pub(crate) fn forecast(mut self, spec: &ChainSpec, genesis: &Header, blocks: &[u64]) -> Forecast {
        let mut parent = genesis.clone();
        let mut total = genesis.difficulty;
        let mut times = vec![(0, genesis.timestamp)];
        let last = blocks.iter().copied().chain(self.merge).max().unwrap_or(0);
        while parent.number < last {
            let slot = self.advance();
            let difficulty = match self.merge {
                Some(merge) if slot.number >= merge => U256::ZERO,
                _ => spec.difficulty(&parent, slot.timestamp),
            };
            total += difficulty;
            parent = outline(&slot, difficulty);
            if blocks.contains(&slot.number) {
                times.push((slot.number, slot.timestamp));
            }
        }
        Forecast { terminal_total_difficulty: total, times }
    }
}

impl Forecast {
    /// The time of one of the blocks that were asked for; of others that they never come.
    pub(crate) fn time_of(&self, block: u64) -> u64 {
        self.times.iter().find(|(known, _)| *known == block).map_or(u64::MAX, |(_, time)| *time)
    }
}

/// A header with the fields that the difficulty of the next block depends on.
fn outline(slot: &Slot, difficulty: U256) -> Header {
    let ommers_hash = if slot.has_ommer { B256::ZERO } else { EMPTY_OMMER_ROOT_HASH };
    Header { number: slot.number, timestamp: slot.timestamp, difficulty, ommers_hash, ..Header::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_the_same_each_time() {
        let draw = || {
            let mut schedule = Schedule::new(5, 1_000, Some(40));
            (0..80).map(|_| schedule.advance()).collect::<Vec<_>>()
        };
        let slots = draw();
        assert_eq!(slots, draw());
        assert!(slots[1..39].iter().any(|slot| slot.has_ommer), "mined blocks have ommers");
        assert!(slots[39..].iter().all(|slot| !slot.has_ommer), "proposed ones have none");
        assert!(slots.windows(2).all(|pair| pair[1].timestamp > pair[0].timestamp));
    }
}
