//! Ether that moves: by itself, into contracts, and through them.

use alloy::primitives::U256;
use alloy::sol_types::SolCall;

use super::Turn;
use crate::abi::Splitter;
use crate::draft::Draft;

/// Enough for a wallet that takes ether without a word.
const WALLET_TRANSFER_GAS: u64 = 30_000;

pub(super) fn transfer(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let to = turn.scene.recipient();
    let value = turn.scene.dice.amount(14, 18);
    let transfer = Draft::transfer(sender, to, value);
    // An account that has delegated to a wallet runs its code.
    Some(if turn.scene.has_code(to) { transfer.with_gas_limit(WALLET_TRANSFER_GAS) } else { transfer })
}

/// To a contract that takes it without a word.
pub(super) fn pay_contract(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let to = *turn.scene.dice.pick_hot(&turn.town.splitters);
    let value = turn.scene.dice.amount(14, 18);
    Some(Draft::call(sender, to, Vec::new(), 22_000).with_value(value))
}

/// To many at once.
pub(super) fn split(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let splitter = *turn.scene.dice.pick(&turn.town.splitters);
    let parts = turn.scene.dice.between(2, 12);
    let to = (0..parts).map(|_| turn.scene.recipient()).collect();
    let value = turn.scene.dice.amount(16, 18);
    let input = Splitter::splitCall { to }.abi_encode();
    Some(Draft::call(sender, splitter, input, 25_000 + parts * 20_000).with_value(value))
}

/// Along a chain of contracts.
pub(super) fn relay(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let first = *turn.scene.dice.pick(&turn.town.splitters);
    let length = turn.scene.dice.between(1, 9);
    let mut hops: Vec<_> = (0..length).map(|_| *turn.scene.dice.pick(&turn.town.splitters)).collect();
    hops.push(turn.scene.recipient());
    let value = U256::from(turn.scene.dice.between(1, u64::MAX));
    let input = Splitter::relayCall { hops }.abi_encode();
    Some(Draft::call(sender, first, input, 50_000 + length * 14_000).with_value(value))
}
