//! Ordinary life that costs more with every block, and storms in between.

use super::Traffic;
use super::mix::Mix;
use super::storm::Storm;
use crate::compiled::Compiled;
use crate::draft::Draft;
use crate::error::DevchainError;
use crate::scene::Scene;

/// Ordinary life with storms.
pub(crate) struct Skewed {
    mix: Mix,
    storm: Storm,
}

/// A storm comes once in so many blocks, and is so many times as heavy as the blocks around it, or as heavy as a block
/// can be.
const STORM_INTERVAL: u64 = 37;
const STORM_WEIGHT: u64 = 8;

/// Whether a block is a storm, and how many times as heavy as its neighbours it is then.
pub(crate) fn storm_weight(number: u64) -> u64 {
    if number % STORM_INTERVAL == STORM_INTERVAL - 1 { STORM_WEIGHT } else { 1 }
}

impl Skewed {
    pub(crate) fn new(compiled: Compiled, blocks: u64) -> Result<Self, DevchainError> {
        Ok(Self { mix: Mix::new(compiled, blocks), storm: Storm::new(Compiled::read()?) })
    }
}

impl Traffic for Skewed {
    fn next(&mut self, scene: &mut Scene<'_>, nonces: &[u64]) -> Result<Option<Draft>, DevchainError> {
        match storm_weight(scene.block.number) {
            1 => self.mix.next(scene, nonces),
            _ => self.storm.next(scene, nonces),
        }
    }
}
