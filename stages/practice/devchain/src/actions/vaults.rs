//! Contracts behind proxies: every call goes through a DELEGATECALL.

use alloy::primitives::U256;
use alloy::sol_types::SolCall;

use super::Turn;
use crate::abi::Vault;
use crate::draft::Draft;

/// Where a vault keeps shares.
const SHARES_SLOT: u64 = 0;

pub(super) fn deposit(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let vault = *turn.scene.dice.pick_hot(&turn.town.vaults);
    let sender = turn.scene.someone();
    let value = turn.scene.dice.amount(15, 18);
    Some(Draft::call(sender, vault, Vault::depositCall {}.abi_encode(), 62_000).with_value(value))
}

/// A withdrawal by an account that has shares there; else it fails.
pub(super) fn withdraw(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let vault = *turn.scene.dice.pick_hot(&turn.town.vaults);
    let sender = turn.scene.someone();
    let shares = turn.scene.mapped(vault, SHARES_SLOT, turn.scene.address(sender));
    if shares.is_zero() && !turn.scene.dice.percent(10) {
        return None;
    }
    let amount = shares / U256::from(3) + U256::from(1);
    Some(Draft::call(sender, vault, Vault::withdrawCall { amount }.abi_encode(), 48_000))
}

/// To the same code again.
pub(super) fn upgrade(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let vault = *turn.scene.dice.pick(&turn.town.vaults);
    let sender = turn.scene.someone();
    let implementation = turn.town.vault_code;
    Some(Draft::call(sender, vault, Vault::upgradeToCall { implementation }.abi_encode(), 36_000))
}
