//! Contracts that come, and contracts that go.

use alloy::primitives::U256;
use alloy::sol_types::SolCall;

use super::{Turn, remember};
use crate::abi::{Child, Create2Factory, Factory, Mortal};
use crate::draft::Draft;
use crate::town::{create2_address, token_arguments};

pub(super) fn create(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let seed = turn.scene.dice.word().into();
    Some(Draft::call(sender, turn.town.factory, Factory::createCall { seed }.abi_encode(), 135_000))
}

pub(super) fn create2(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let factory = turn.town.modern?.create2;
    let sender = turn.scene.someone();
    let (salt, seed) = (turn.scene.dice.word(), turn.scene.dice.word().into());
    let child = create2_address(factory, salt, &turn.town.child_code, seed);
    remember(&mut turn.leftovers.children, child);
    let input = Create2Factory::deployCall { salt, seed }.abi_encode();
    Some(Draft::call(sender, factory, input, 140_000))
}

pub(super) fn create_and_destroy(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let factory = turn.town.modern?.create2;
    let sender = turn.scene.someone();
    let (salt, beneficiary) = (turn.scene.dice.word(), turn.scene.recipient());
    let value = turn.scene.dice.amount(14, 17);
    let input = Create2Factory::deployAndDestroyCall { salt, beneficiary }.abi_encode();
    Some(Draft::call(sender, factory, input, 105_000).with_value(value))
}

pub(super) fn touch_child(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let child = *turn.leftovers.children.front()?;
    let sender = turn.scene.someone();
    Some(Draft::call(sender, child, Child::touchCall {}.abi_encode(), 34_000))
}

/// A new token, which few will ever use.
pub(super) fn deploy_token(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    turn.leftovers.own_tokens += 1;
    let mut code = turn.town.token_code.to_vec();
    let number = 100 + turn.leftovers.own_tokens;
    code.extend(token_arguments(number, turn.scene.dice.amount(20, 27)));
    Some(Draft::create(sender, code, 180_000))
}

pub(super) fn deploy_mortal(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let value = if turn.scene.dice.percent(70) { turn.scene.dice.amount(14, 17) } else { U256::ZERO };
    let address = turn.scene.address(sender).create(turn.nonces[sender]);
    remember(&mut turn.leftovers.mortals, address);
    Some(Draft::create(sender, turn.town.mortal_code.clone(), 0).with_value(value))
}

/// In favour of another account, sometimes of itself: then its ether is burnt (before Cancun).
pub(super) fn destroy_mortal(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let mortal = turn.leftovers.mortals.pop_front()?;
    let sender = turn.scene.someone();
    let beneficiary = if turn.scene.dice.percent(20) { mortal } else { turn.scene.recipient() };
    let input = Mortal::destroyCall { beneficiary }.abi_encode();
    Some(Draft::call(sender, mortal, input, 40_000))
}
