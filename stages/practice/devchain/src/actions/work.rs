//! Contracts that work: storage, hashes, logs, arithmetic, and views in a loop.

use alloy::primitives::U256;
use alloy::sol_types::SolCall;

use super::Turn;
use crate::abi::{Erc20, Multicall, Worker};
use crate::draft::Draft;

pub(super) fn run(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let seed = turn.scene.dice.word().into();
    let dice = &mut turn.scene.dice;
    let (loops, reads, writes) = (dice.hot_and_cold(120), dice.hot_and_cold(60), dice.hot_and_cold(16));
    let (hashes, logs) = (dice.hot_and_cold(60), dice.hot_and_cold(8));
    let call = Worker::runCall {
        seed,
        loops: U256::from(loops),
        reads: U256::from(reads),
        writes: U256::from(writes),
        hashes: U256::from(hashes),
        logs: U256::from(logs),
    };
    let gas = 45_000 + loops * 765 + reads * 2_400 + writes * 8_000 + hashes * 250 + logs * 1_600;
    Some(Draft::call(sender, turn.town.worker, call.abi_encode(), gas))
}

/// Asks for many balances in one transaction.
pub(super) fn views(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let multicall = turn.town.modern?.multicall;
    let sender = turn.scene.someone();
    let calls = turn.scene.dice.between(2, 20);
    let mut asked = Vec::new();
    for _ in 0..calls {
        let token = turn.scene.dice.pick_hot(&turn.town.tokens).address;
        let owner = turn.scene.recipient();
        asked.push((token, Erc20::balanceOfCall { owner }.abi_encode().into()));
    }
    let (targets, data) = asked.into_iter().unzip();
    let input = Multicall::aggregateCall { targets, data }.abi_encode();
    Some(Draft::call(sender, multicall, input, 30_000 + calls * 5_500))
}
