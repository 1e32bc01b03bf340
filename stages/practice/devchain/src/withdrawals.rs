//! What validators get back (EIP-4895).

use alloy::eips::eip4895::{Withdrawal, Withdrawals};

use crate::scene::Scene;

/// Gwei in an ether.
const ETHER: u64 = 1_000_000_000;

/// Validators of the chain that is not there.
const VALIDATORS: u64 = 50_000;

/// The withdrawals of a block, numbered from `first` on.
pub(crate) fn draw(scene: &mut Scene<'_>, first: u64) -> Withdrawals {
    let count = scene.dice.below(9);
    let one = |index| Withdrawal {
        index,
        validator_index: scene.dice.below(VALIDATORS),
        address: scene.recipient(),
        amount: amount(scene),
    };
    Withdrawals::new((first..first + count).map(one).collect())
}

/// Mostly rewards, sometimes all that a validator has, seldom nothing.
fn amount(scene: &mut Scene<'_>) -> u64 {
    match scene.dice.below(50) {
        0 => 0,
        1 => 32 * ETHER,
        _ => scene.dice.between(14_000_000, 19_000_000),
    }
}
