//! A constant-product exchange with a router.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;

use super::{Turn, tokens};
use crate::abi::{Erc20, Router};
use crate::draft::Draft;
use crate::roles::KeyId;
use crate::town::Token;

pub(super) fn swap(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let path = path(turn)?;
    let first = turn.town.tokens[path[0]];
    let sender = tokens::holder(turn, first);
    let amount = match spendable(turn, first, sender) {
        Spending::Amount(amount) => amount,
        Spending::First(draft) => return Some(draft),
    };
    let hops = path.len() as u64 - 1;
    let deadline = turn.scene.block.timestamp + 600;
    let input = swap_input(turn, &path, amount, sender, deadline);
    Some(Draft::call(sender, turn.town.router, input, 45_000 + hops * 75_000))
}

/// Fails: the deadline has passed.
pub(super) fn swap_too_late(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let path = path(turn)?;
    let sender = turn.scene.someone();
    let amount = turn.scene.dice.amount(18, 20);
    let deadline = turn.scene.block.timestamp - 1;
    let input = swap_input(turn, &path, amount, sender, deadline);
    Some(Draft::call(sender, turn.town.router, input, 25_000))
}

pub(super) fn add_liquidity(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let &(a, b) = pick_pool(turn)?;
    let sender = turn.scene.someone();
    let (token_a, token_b) = (turn.town.tokens[a], turn.town.tokens[b]);
    let (amount_a, amount_b) = match (spendable(turn, token_a, sender), spendable(turn, token_b, sender)) {
        (Spending::Amount(a), Spending::Amount(b)) => (a, b),
        (Spending::First(draft), _) | (_, Spending::First(draft)) => return Some(draft),
    };
    let input = Router::addLiquidityCall {
        tokenA: token_a.address,
        tokenB: token_b.address,
        amountA: amount_a,
        amountB: amount_b,
        to: turn.scene.address(sender),
    };
    Some(Draft::call(sender, turn.town.router, input.abi_encode(), 170_000))
}

/// Whether a sender can spend a token through the router.
enum Spending {
    /// The sender can spend this much.
    Amount(U256),
    /// The sender has to send this transaction first.
    First(Draft),
}

/// A part of what the sender has and the router may take.
fn spendable(turn: &mut Turn<'_, '_>, token: Token, sender: KeyId) -> Spending {
    let Some(amount) = tokens::holding(turn, token, sender) else {
        return Spending::First(tokens::mint_to(turn, token, sender));
    };
    let router = turn.town.router;
    if tokens::allowance(turn, token, sender, router) < amount {
        let approve = Erc20::approveCall { spender: router, amount: U256::MAX };
        return Spending::First(Draft::call(sender, token.address, approve.abi_encode(), 46_000));
    }
    Spending::Amount(amount)
}

/// Two tokens with a pool, in either direction, or a third one in between.
fn path(turn: &mut Turn<'_, '_>) -> Option<Vec<usize>> {
    let &(a, b) = pick_pool(turn)?;
    let (from, to) = if turn.scene.dice.percent(50) { (a, b) } else { (b, a) };
    let mut path = vec![from, to];
    let onward = turn.town.pools.iter().find_map(|&(x, y)| match to {
        _ if x == to && y != from => Some(y),
        _ if y == to && x != from => Some(x),
        _ => None,
    });
    if turn.scene.dice.percent(30) {
        path.extend(onward);
    }
    Some(path)
}

fn pick_pool<'a>(turn: &mut Turn<'a, '_>) -> Option<&'a (usize, usize)> {
    let pools = &turn.town.pools;
    if pools.is_empty() { None } else { Some(turn.scene.dice.pick_hot(pools)) }
}

fn swap_input(turn: &Turn<'_, '_>, path: &[usize], amount: U256, to: KeyId, deadline: u64) -> Vec<u8> {
    let path: Vec<Address> = path.iter().map(|token| turn.town.tokens[*token].address).collect();
    let call = Router::swapExactTokensForTokensCall {
        amountIn: amount,
        amountOutMin: U256::from(1),
        path,
        to: turn.scene.address(to),
        deadline: U256::from(deadline),
    };
    call.abi_encode()
}
