//! Accounts that delegate to code (EIP-7702) and do several things at once.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;

use super::{Turn, tokens};
use crate::abi::{BatchWallet, Erc20};
use crate::draft::{Draft, Extras};
use crate::roles::{KeyId, ROLES};

/// Number of accounts that have a wallet's code, the hot ones.
const WALLETS: u64 = 40;

/// Delegates to the wallet's code, sometimes to nothing again; another account may pay for it.
pub(super) fn delegate(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let wallet = turn.town.modern?.wallet;
    let count = turn.scene.dice.between(1, 3);
    let target = if turn.scene.dice.percent(10) { Address::ZERO } else { wallet };
    let owners: Vec<KeyId> = (0..count).map(|_| wallet_owner(turn)).collect();
    let sponsor = if turn.scene.dice.percent(50) { owners[0] } else { turn.scene.someone() };
    let to = turn.scene.address(owners[0]);
    let delegations = owners.into_iter().map(|owner| (owner, target)).collect();
    let draft = Draft::call(sponsor, to, Vec::new(), 23_000);
    Some(draft.with_extras(Extras::Delegations(delegations)))
}

/// Several calls of an account to itself; without the wallet's code the call does nothing.
pub(super) fn execute(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    turn.town.modern?;
    let owner = wallet_owner(turn);
    let itself = turn.scene.address(owner);
    let count = turn.scene.dice.between(2, 6);
    let calls: Vec<_> = (0..count).map(|_| one_of_several(turn, owner)).collect();
    let input = BatchWallet::executeCall { calls }.abi_encode();
    Some(Draft::call(owner, itself, input, 30_000 + count * 38_000))
}

fn one_of_several(turn: &mut Turn<'_, '_>, owner: KeyId) -> BatchWallet::Call {
    let token = *turn.scene.dice.pick_hot(&turn.town.tokens);
    let to = turn.scene.recipient();
    match tokens::holding(turn, token, owner) {
        Some(amount) => BatchWallet::Call {
            to: token.address,
            value: U256::ZERO,
            data: Erc20::transferCall { to, amount }.abi_encode().into(),
        },
        None => BatchWallet::Call { to, value: turn.scene.dice.amount(13, 16), data: Vec::new().into() },
    }
}

fn wallet_owner(turn: &mut Turn<'_, '_>) -> KeyId {
    let ordinary = (turn.scene.keys.len() - ROLES) as u64;
    ROLES + turn.scene.dice.below(ordinary.min(WALLETS)) as usize
}
