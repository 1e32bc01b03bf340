//! Chance that is the same everywhere: one generator with a fixed algorithm, and whole numbers only, because floating
//! point functions differ between machines in their last bit.

use alloy::primitives::{Address, B256, Bytes, U256};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A sequence of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The sequence of a seed; the streams of one seed are independent of each other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in `0..end`; 0 where `end` is.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The bias is below 2^-32 for all that is asked for here.
        ((u128::from(self.0.next_u64()) * u128::from(end)) >> 64) as u64
    }

    /// A number that is uniform in `low..=high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True for so many of a hundred.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// True once in `odds`.
    pub(crate) fn once_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    /// In `0..end` with the logarithm uniform: 0 is as likely as 1 and 2 together, those as 3 to 6 together, and so on.
    /// That is a Zipf distribution with exponent 1: a few are hot, most are cold.
    pub(crate) fn hot_and_cold(&mut self, end: u64) -> u64 {
        let orders = u64::from(u64::BITS - end.leading_zeros());
        loop {
            let power = 1 << self.below(orders);
            let rank = power - 1 + self.below(power);
            if rank < end || end == 0 {
                return rank;
            }
        }
    }

    /// One of a slice that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// One of a slice that is not empty, the first ones much more often than the last.
    pub(crate) fn pick_hot<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.hot_and_cold(from.len() as u64) as usize]
    }

    /// 32 random bytes.
    pub(crate) fn word(&mut self) -> B256 {
        let mut word = B256::ZERO;
        self.0.fill_bytes(word.as_mut_slice());
        word
    }

    /// A random address, whose key is unknown.
    pub(crate) fn stranger(&mut self) -> Address {
        Address::from_word(self.word())
    }

    /// Bytes of which about a third are zero, as in calldata.
    pub(crate) fn calldata(&mut self, len: usize) -> Bytes {
        let mut bytes = vec![0; len];
        self.0.fill_bytes(&mut bytes);
        bytes.iter_mut().filter(|byte| **byte < 85).for_each(|byte| *byte = 0);
        bytes.into()
    }

    /// Bytes without a pattern.
    pub(crate) fn noise(&mut self, len: usize) -> Bytes {
        let mut bytes = vec![0; len];
        self.0.fill_bytes(&mut bytes);
        bytes.into()
    }

    /// An amount in wei: between the powers of ten, as people choose amounts.
    pub(crate) fn amount(&mut self, low_power: u64, high_power: u64) -> U256 {
        let unit = U256::from(10).pow(U256::from(self.between(low_power, high_power)));
        U256::from(self.between(1, 99)) * unit / U256::from(10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_never_changes() {
        let mut dice = Dice::new(1, 2);
        let drawn: Vec<_> = (0..4).map(|_| dice.below(1_000_000)).collect();
        assert_eq!(drawn, FROZEN, "every chain of every seed would be another one");
    }

    const FROZEN: [u64; 4] = [876_394, 682_740, 336_666, 511_807];

    #[test]
    fn a_few_are_hot_and_all_are_reached() {
        let mut dice = Dice::new(7, 0);
        let mut counts = [0; 100];
        (0..20_000).for_each(|_| counts[dice.hot_and_cold(100) as usize] += 1);
        assert!(counts[0] > 10 * counts[50], "{counts:?}");
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    }

    #[test]
    fn ranges_hold_their_ends() {
        let mut dice = Dice::new(3, 0);
        let drawn: std::collections::BTreeSet<_> = (0..200).map(|_| dice.between(4, 6)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [4, 5, 6]);
        assert_eq!(dice.hot_and_cold(1), 0);
    }
}
