//! What goes wrong: reverts with and without reasons, at several depths, caught or not, and gas that runs out.

use alloy::primitives::{TxKind, U256};
use alloy::sol_types::SolCall;

use super::{Turn, exchange, tokens};
use crate::abi::Reverter;
use crate::draft::Draft;

/// Reasons that people read.
const REASONS: [&str; 5] = [
    "Mill: not the miller",
    "Mill: stones are worn",
    "SafeMath: subtraction underflow",
    "transfer amount exceeds allowance",
    "the price has moved too far between the time this was signed and the time it was executed",
];

/// Calls into itself before something fails, or fails at once.
fn depth(turn: &mut Turn<'_, '_>) -> U256 {
    U256::from(turn.scene.dice.hot_and_cold(7))
}

pub(super) fn revert(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let depth = depth(turn);
    let kind = turn.scene.dice.below(12);
    let input = match kind {
        0..=4 => Reverter::reasonCall { depth, why: (*turn.scene.dice.pick(&REASONS)).into() }.abi_encode(),
        5..=7 => Reverter::customCall { depth, code: U256::from(turn.scene.dice.below(100)) }.abi_encode(),
        8..=9 => Reverter::panicCall { depth, kind: U256::from(turn.scene.dice.below(5)) }.abi_encode(),
        10 => Reverter::emptyCall { depth }.abi_encode(),
        _ => Reverter::invalidCall { depth }.abi_encode(),
    };
    // Before Byzantium, and with INVALID always, all gas is gone.
    let gas_limit = 80_000 + depth.to::<u64>() * 20_000;
    Some(Draft::call(sender, turn.town.reverter, input, 50_000).with_gas_limit(gas_limit))
}

/// Fails inside, and goes on.
pub(super) fn caught(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let (depth, kind) = (depth(turn), U256::from(turn.scene.dice.below(9)));
    let levels = depth.to::<u64>() + 1;
    let input = Reverter::caughtCall { depth, kind }.abi_encode();
    Some(Draft::call(sender, turn.town.reverter, input, 40_000 + levels * 40_000))
}

/// A call with too little gas, for a computation without end or for something that works with more.
pub(super) fn out_of_gas(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    if turn.scene.dice.percent(30) {
        let sender = turn.scene.someone();
        let gas_limit = turn.scene.dice.between(40, 200) * 1_000;
        let input = Reverter::burnCall { loops: U256::MAX }.abi_encode();
        return Some(Draft::call(sender, turn.town.reverter, input, gas_limit).with_gas_limit(gas_limit));
    }
    let ordinary = if turn.scene.dice.percent(50) { exchange::swap(turn)? } else { tokens::transfer(turn)? };
    let short = 26_000 + ordinary.expected_gas / 10;
    matches!(ordinary.to, TxKind::Call(_))
        .then(|| Draft { expected_gas: short, ..ordinary }.with_gas_limit(short))
}
