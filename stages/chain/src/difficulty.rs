//! The difficulty that a block of proof of work must have.
//!
//! It follows the parent's by how long the block took, never falls below a minimum, and then grows by the "bomb", which
//! doubles every 100,000 blocks and which six forks pushed back. The minimum is applied before the bomb is added, as in
//! [EIP-100](https://eips.ethereum.org/EIPS/eip-100) and in geth; no public chain or test would show the other order.

use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy::primitives::U256;

use crate::{ChainSpec, Fork};

/// No block is easier than this, bomb aside.
const MINIMUM_DIFFICULTY: U256 = U256::from_limbs([131_072, 0, 0, 0]);

/// A step of adjustment is the parent's difficulty divided by this.
const STEPS_PER_DIFFICULTY: U256 = U256::from_limbs([2_048, 0, 0, 0]);

/// However long a block took, it is no more than this many steps easier than its parent.
const MOST_STEPS_DOWN: i64 = 99;

/// A Frontier block that comes in fewer seconds is harder than its parent.
const FRONTIER_SECONDS: u64 = 13;

/// From Homestead on, every so many seconds are a step down ([EIP-2](https://eips.ethereum.org/EIPS/eip-2)).
const HOMESTEAD_SECONDS: u64 = 10;

/// From Byzantium on ([EIP-100](https://eips.ethereum.org/EIPS/eip-100)).
const BYZANTIUM_SECONDS: u64 = 9;

/// The bomb doubles with every period.
const BOMB_PERIOD_BLOCKS: u64 = 100_000;

/// By how many blocks forks pushed the bomb back, latest first: the first of them that is active holds.
const BOMB_DELAYS: [(Fork, u64); 6] = [
    (Fork::GrayGlacier, 11_400_000),   // https://eips.ethereum.org/EIPS/eip-5133
    (Fork::ArrowGlacier, 10_700_000),  // https://eips.ethereum.org/EIPS/eip-4345
    (Fork::London, 9_700_000),         // https://eips.ethereum.org/EIPS/eip-3554
    (Fork::MuirGlacier, 9_000_000),    // https://eips.ethereum.org/EIPS/eip-2384
    (Fork::Constantinople, 5_000_000), // https://eips.ethereum.org/EIPS/eip-1234
    (Fork::Byzantium, 3_000_000),      // https://eips.ethereum.org/EIPS/eip-649
];

impl ChainSpec {
    /// The difficulty of the block after `parent` if its time is `timestamp` and it is one of proof of work
    /// (see [`is_merged`](Self::is_merged)).
    ///
    /// Any two headers will do: a time that is not later than the parent's counts as the same, and numbers that no chain
    /// reaches saturate.
    pub fn difficulty(&self, parent: &Header, timestamp: u64) -> U256 {
        let number = parent.number.saturating_add(1);
        let steps = self.difficulty_steps(parent, number, timestamp.saturating_sub(parent.timestamp));
        let adjusted = adjust(parent.difficulty, steps).max(MINIMUM_DIFFICULTY);
        adjusted.saturating_add(bomb(number.saturating_sub(self.bomb_delay(number))))
    }

    /// How many steps harder than its parent a block is that took `seconds`.
    fn difficulty_steps(&self, parent: &Header, number: u64, seconds: u64) -> i64 {
        if self.is_byzantium(number) {
            let parent_has_ommers = parent.ommers_hash != EMPTY_OMMER_ROOT_HASH;
            steps_down_from(if parent_has_ommers { 2 } else { 1 }, seconds / BYZANTIUM_SECONDS)
        } else if self.is_homestead(number) {
            steps_down_from(1, seconds / HOMESTEAD_SECONDS)
        } else if seconds < FRONTIER_SECONDS {
            1
        } else {
            -1
        }
    }

    fn bomb_delay(&self, number: u64) -> u64 {
        let active = BOMB_DELAYS.iter().find(|(fork, _)| self.condition(*fork).active_at_block(number));
        active.map_or(0, |(_, blocks)| *blocks)
    }
}

fn steps_down_from(highest: i64, down: u64) -> i64 {
    highest.saturating_sub_unsigned(down).max(-MOST_STEPS_DOWN)
}

fn adjust(parent: U256, steps: i64) -> U256 {
    let change = parent / STEPS_PER_DIFFICULTY * U256::from(steps.unsigned_abs());
    if steps < 0 { parent - change } else { parent.saturating_add(change) }
}

/// What the bomb adds at a block whose number the delay was taken from.
fn bomb(number: u64) -> U256 {
    match (number / BOMB_PERIOD_BLOCKS).checked_sub(2) {
        Some(doublings) => U256::ONE.checked_shl(doublings as usize).unwrap_or(U256::MAX),
        None => U256::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KnownChain;

    /// A difficulty as mainnet had it in 2017, divisible by 2048.
    const DIFFICULTY: u64 = 1 << 50;
    const STEP: u64 = DIFFICULTY / 2_048;

    /// What mainnet asks of a block, less its parent's difficulty.
    fn change(number: u64, seconds: u64, parent_has_ommers: bool) -> i128 {
        let ommers_hash = if parent_has_ommers { Default::default() } else { EMPTY_OMMER_ROOT_HASH };
        let difficulty = U256::from(DIFFICULTY);
        let parent =
            Header { number: number - 1, timestamp: 7, difficulty, ommers_hash, ..Header::default() };
        let asked = ChainSpec::known(KnownChain::Mainnet).difficulty(&parent, 7 + seconds);
        asked.to::<i128>() - i128::from(DIFFICULTY)
    }

    #[test]
    fn the_bomb_stands_where_each_fork_put_it() {
        let expected = [
            (4_369_999, 10, 1 << 41),
            (4_370_000, 9, 1 << 11),
            (7_279_999, 9, 1 << 40),
            (7_280_000, 9, 1 << 20),
            (9_199_999, 9, 1 << 39),
            (9_200_000, 9, 1 << 0),
            (12_964_999, 9, 1 << 37),
            (12_965_000, 9, 1 << 30),
            (13_772_999, 9, 1 << 38),
            (13_773_000, 9, 1 << 28),
            (15_049_999, 9, 1 << 41),
            (15_050_000, 9, 1 << 34),
        ];
        for (number, seconds_of_no_step, bomb) in expected {
            assert_eq!(change(number, seconds_of_no_step, false), bomb, "block {number}");
        }
        assert_eq!(change(199_999, 0, false), i128::from(STEP), "no bomb yet");
        assert_eq!(change(200_000, 0, false), i128::from(STEP) + 1);
    }

    #[test]
    fn steps_are_counted_as_each_fork_counts_them() {
        let cases = [
            (1, 12, false, 1),
            (1, 13, false, -1),
            (1, 100_000, true, -1),
            (1_150_000, 9, false, 1),
            (1_150_000, 10, true, 0),
            (1_150_000, 20, false, -1),
            (1_150_000, 999, false, -98),
            (1_150_000, 100_000, false, -99),
            (4_370_000, 8, false, 1),
            (4_370_000, 8, true, 2),
            (4_370_000, 9, false, 0),
            (4_370_000, 18, true, 0),
            (4_370_000, u64::MAX - 7, true, -99),
        ];
        for (number, seconds, parent_has_ommers, steps) in cases {
            let bomb = change(number, 0, false) - i128::from(STEP);
            let expected = steps * i128::from(STEP) + bomb;
            assert_eq!(change(number, seconds, parent_has_ommers), expected, "{number}: {seconds} s");
        }
    }

    #[test]
    fn the_minimum_holds_before_the_bomb_is_added() {
        let spec = ChainSpec::known(KnownChain::Mainnet);
        let parent = Header { number: 499_999, difficulty: MINIMUM_DIFFICULTY, ..Header::default() };
        assert_eq!(spec.difficulty(&parent, 1_000), MINIMUM_DIFFICULTY + U256::from(8));
    }

    #[test]
    fn headers_out_of_this_world_saturate() {
        let spec = ChainSpec::known(KnownChain::Mainnet);
        let parent = Header { number: u64::MAX, timestamp: 9, difficulty: U256::MAX, ..Header::default() };
        assert_eq!(spec.difficulty(&parent, 0), U256::MAX);
    }
}
