//! Actions with fungible tokens.

use alloy::eips::eip2930::{AccessList, AccessListItem};
use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;

use super::Turn;
use crate::abi::Erc20;
use crate::draft::{Draft, Extras};
use crate::roles::KeyId;
use crate::scene::mapping_slot;
use crate::town::Token;

/// Where tokens keep balances and allowances.
pub(super) const BALANCES_SLOT: u64 = 0;
pub(super) const ALLOWANCES_SLOT: u64 = 1;

pub(super) fn transfer(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let token = *turn.scene.dice.pick_hot(&turn.town.tokens);
    let sender = holder(turn, token);
    Some(match holding(turn, token, sender) {
        Some(amount) => {
            let to = turn.scene.recipient();
            Draft::call(sender, token.address, Erc20::transferCall { to, amount }.abi_encode(), 48_000)
        }
        None => mint_to(turn, token, sender),
    })
}

pub(super) fn transfer_with_access_list(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let token = *turn.scene.dice.pick_hot(&turn.town.tokens);
    let sender = holder(turn, token);
    let amount = holding(turn, token, sender)?;
    let to = turn.scene.recipient();
    let balance_of =
        |who: Address| B256::from(mapping_slot(who.into_word(), B256::from(U256::from(BALANCES_SLOT))));
    let storage_keys = vec![balance_of(turn.scene.address(sender)), balance_of(to)];
    let list = AccessList(vec![AccessListItem { address: token.address, storage_keys }]);
    let draft = Draft::call(sender, token.address, Erc20::transferCall { to, amount }.abi_encode(), 44_000);
    Some(draft.with_extras(Extras::AccessList(list)))
}

/// Fails: more is sent than there is.
pub(super) fn transfer_too_much(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let token = *turn.scene.dice.pick_hot(&turn.town.tokens);
    let sender = turn.scene.someone();
    let to = turn.scene.recipient();
    let amount = balance(turn, token, sender) + U256::from(1);
    Some(Draft::call(sender, token.address, Erc20::transferCall { to, amount }.abi_encode(), 27_000))
}

pub(super) fn approve(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let token = *turn.scene.dice.pick_hot(&turn.town.tokens);
    let sender = turn.scene.someone();
    let spender = if turn.scene.dice.percent(60) { turn.town.router } else { turn.scene.recipient() };
    let amount = if turn.scene.dice.percent(60) { U256::MAX } else { turn.scene.dice.amount(18, 24) };
    Some(Draft::call(sender, token.address, Erc20::approveCall { spender, amount }.abi_encode(), 46_000))
}

/// A transfer by a spender that was allowed to; for one that was not, the owner approves first.
pub(super) fn transfer_from(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let token = *turn.scene.dice.pick_hot(&turn.town.tokens);
    let (owner, spender) = (holder(turn, token), turn.scene.someone());
    let (from, amount) = (turn.scene.address(owner), holding(turn, token, owner)?);
    let by = turn.scene.address(spender);
    if allowance(turn, token, owner, by) < amount {
        let approve = Erc20::approveCall { spender: by, amount: amount * U256::from(10) };
        return Some(Draft::call(owner, token.address, approve.abi_encode(), 46_000));
    }
    let to = turn.scene.recipient();
    let input = Erc20::transferFromCall { from, to, amount }.abi_encode();
    Some(Draft::call(spender, token.address, input, 55_000))
}

pub(super) fn mint_or_burn(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let token = *turn.scene.dice.pick_hot(&turn.town.tokens);
    let sender = turn.scene.someone();
    Some(match holding(turn, token, sender) {
        Some(amount) if turn.scene.dice.percent(40) => {
            Draft::call(sender, token.address, Erc20::burnCall { amount }.abi_encode(), 36_000)
        }
        _ => mint_to(turn, token, sender),
    })
}

/// New tokens for an account that has none.
pub(super) fn mint_to(turn: &mut Turn<'_, '_>, token: Token, holder: KeyId) -> Draft {
    let power = if token.is_huge { 42 } else { 20 };
    let amount = turn.scene.dice.amount(power, power + 3);
    let to = turn.scene.address(holder);
    Draft::call(holder, token.address, Erc20::mintCall { to, amount }.abi_encode(), 66_000)
}

/// An account that has some of a token, if one is easily found.
pub(super) fn holder(turn: &mut Turn<'_, '_>, token: Token) -> KeyId {
    const SEARCHED: usize = 6;
    let mut holder = turn.scene.someone();
    for _ in 0..SEARCHED {
        if !balance(turn, token, holder).is_zero() {
            break;
        }
        holder = turn.scene.someone();
    }
    holder
}

/// A part of what the holder has, sometimes all of it; `None` where that is nothing.
pub(super) fn holding(turn: &mut Turn<'_, '_>, token: Token, holder: KeyId) -> Option<U256> {
    let part = U256::from(if turn.scene.dice.percent(12) { 1 } else { turn.scene.dice.between(10, 100) });
    Some(balance(turn, token, holder) / part).filter(|amount| !amount.is_zero())
}

fn balance(turn: &Turn<'_, '_>, token: Token, holder: KeyId) -> U256 {
    turn.scene.mapped(token.address, BALANCES_SLOT, turn.scene.address(holder))
}

/// What `spender` may take of `owner`'s tokens.
pub(super) fn allowance(turn: &Turn<'_, '_>, token: Token, owner: KeyId, spender: Address) -> U256 {
    let owner = turn.scene.address(owner).into_word();
    let inner = mapping_slot(owner, B256::from(U256::from(ALLOWANCES_SLOT)));
    turn.scene.slot(token.address, mapping_slot(spender.into_word(), inner.into()))
}
