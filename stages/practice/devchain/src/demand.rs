//! How much people want, given what it costs: without this the base fee would run away, in one direction or the other.

use crate::compose::{Fees, GWEI};
use crate::dice::Dice;

/// Blobs are left alone when one costs more, wei per blob gas.
const DEAR_BLOB_FEE: u128 = 100 * GWEI as u128;

/// Gas that is wanted for a block that should use `usual`.
pub(crate) fn gas(usual: u64, fees: &Fees, dice: &mut Dice) -> u64 {
    let thousandths = match fees.base_fee.map(|fee| fee / GWEI) {
        None => 800,
        // More than blocks hold: some of what is wanted never fits, because senders offer more gas than they use.
        Some(0) => 2_500,
        Some(1..=4) => 1_900,
        Some(5..=14) => 1_500,
        Some(15..=39) => 1_200,
        Some(40..=99) => 1_000,
        Some(_) => 700,
    };
    // Some blocks are nearly empty, some nearly full.
    let mood = dice.between(400, 1_600);
    (u128::from(usual) * thousandths * u128::from(mood) / 1_000_000) as u64
}

/// Blobs that are wanted of those that a block can hold.
pub(crate) fn blobs(most: u64, fees: &Fees) -> u64 {
    if fees.blob_fee > DEAR_BLOB_FEE { 0 } else { most }
}
