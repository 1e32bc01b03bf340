//! What people do: one function a kind of transaction, and how often each is done.

mod collectibles;
mod ether;
mod exchange;
mod factories;
mod failures;
mod precompiles;
mod rollups;
mod system;
mod tokens;
mod vaults;
mod wallets;
mod work;

use std::collections::VecDeque;

use alloy::primitives::Address;
use blockmill_chain::Fork;

use crate::draft::Draft;
use crate::scene::Scene;
use crate::town::Town;

/// What transactions have left that later ones come back to.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    /// Contracts that can be destroyed.
    mortals: VecDeque<Address>,
    /// Contracts that a factory made.
    children: VecDeque<Address>,
    /// Tokens that people have deployed.
    own_tokens: u64,
}

/// No more are remembered: what is older rests.
const REMEMBERED: usize = 64;

fn remember(list: &mut VecDeque<Address>, address: Address) {
    if list.len() == REMEMBERED {
        list.pop_front();
    }
    list.push_back(address);
}

/// What an action is given.
#[derive(Debug)]
pub(crate) struct Turn<'a, 's> {
    pub(crate) scene: &'a mut Scene<'s>,
    pub(crate) town: &'a Town,
    pub(crate) leftovers: &'a mut Leftovers,
    /// The nonces that the keys will use next.
    pub(crate) nonces: &'a [u64],
}

/// A kind of transaction.
struct Action {
    /// The name under which the census counts it.
    label: &'static str,
    /// How often, relative to the others.
    weight: u64,
    /// From which fork on.
    since: Fork,
    /// Puts one together; `None` where there is nothing to do it with.
    draft: fn(&mut Turn<'_, '_>) -> Option<Draft>,
}

const fn action(
    weight: u64,
    since: Fork,
    label: &'static str,
    draft: fn(&mut Turn<'_, '_>) -> Option<Draft>,
) -> Action {
    Action { label, weight, since, draft }
}

/// The mix. Its weights are set by comparison with real blocks: see the README of this crate.
const MIX: [Action; 40] = [
    action(900, Fork::Frontier, "ether: transfers", ether::transfer),
    action(60, Fork::Frontier, "ether: to contracts", ether::pay_contract),
    action(8, Fork::Frontier, "ether: split", ether::split),
    action(10, Fork::Frontier, "ether: relayed", ether::relay),
    action(250, Fork::Frontier, "tokens: transfers", tokens::transfer),
    action(40, Fork::Frontier, "tokens: approvals", tokens::approve),
    action(40, Fork::Frontier, "tokens: transfers on behalf", tokens::transfer_from),
    action(8, Fork::Frontier, "tokens: mint and burn", tokens::mint_or_burn),
    action(5, Fork::Frontier, "tokens: more than there is", tokens::transfer_too_much),
    action(20, Fork::Berlin, "tokens: with access list", tokens::transfer_with_access_list),
    action(230, Fork::Frontier, "exchange: swaps", exchange::swap),
    action(6, Fork::Frontier, "exchange: liquidity", exchange::add_liquidity),
    action(8, Fork::Frontier, "exchange: too late", exchange::swap_too_late),
    action(35, Fork::Frontier, "collectibles: ERC-721 mints", collectibles::mint),
    action(45, Fork::Frontier, "collectibles: ERC-721 transfers", collectibles::transfer),
    action(6, Fork::Frontier, "collectibles: ERC-1155 mints", collectibles::mint_items),
    action(6, Fork::Frontier, "collectibles: ERC-1155 transfers", collectibles::transfer_items),
    action(4, Fork::Frontier, "collectibles: ERC-1155 batches", collectibles::transfer_batch),
    action(150, Fork::Frontier, "vaults: deposits", vaults::deposit),
    action(130, Fork::Frontier, "vaults: withdrawals", vaults::withdraw),
    action(1, Fork::Frontier, "vaults: upgrades", vaults::upgrade),
    action(4, Fork::Frontier, "factories: CREATE", factories::create),
    action(5, Fork::Cancun, "factories: CREATE2", factories::create2),
    action(2, Fork::Cancun, "factories: destroyed at once", factories::create_and_destroy),
    action(4, Fork::Cancun, "factories: children", factories::touch_child),
    action(3, Fork::Frontier, "contracts: own tokens", factories::deploy_token),
    action(3, Fork::Frontier, "contracts: mortals", factories::deploy_mortal),
    action(3, Fork::Frontier, "contracts: self-destructs", factories::destroy_mortal),
    action(9, Fork::Frontier, "failures: reverted", failures::revert),
    action(6, Fork::Frontier, "failures: caught", failures::caught),
    action(5, Fork::Frontier, "failures: out of gas", failures::out_of_gas),
    action(40, Fork::Frontier, "precompiles", precompiles::probe),
    action(60, Fork::Frontier, "work: storage and computation", work::run),
    action(4, Fork::Cancun, "work: views in a loop", work::views),
    action(4, Fork::Cancun, "wallets: batches by EIP-7702", wallets::execute),
    action(4, Fork::Prague, "wallets: delegations", wallets::delegate),
    action(5, Fork::Istanbul, "rollups: batches in calldata", rollups::post),
    action(5, Fork::Cancun, "rollups: batches in blobs", rollups::post_blobs),
    action(1, Fork::Cancun, "system: deposits", system::deposit),
    action(1, Fork::Prague, "system: requests", system::request),
];

/// Puts a transaction of the mix together.
pub(crate) fn any(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    /// Some kinds need what is not there yet.
    const TRIES: usize = 8;
    (0..TRIES).find_map(|_| {
        let action = choose(turn.scene);
        (action.draft)(turn).map(|draft| Draft { label: action.label, ..draft })
    })
}

fn choose(scene: &mut Scene<'_>) -> &'static Action {
    let allowed: Vec<&Action> = MIX.iter().filter(|action| scene.is_active(action.since)).collect();
    let total = allowed.iter().map(|action| action.weight).sum();
    let mut at = scene.dice.below(total);
    let chosen = allowed.into_iter().find(|action| match at.checked_sub(action.weight) {
        Some(rest) => {
            at = rest;
            false
        }
        None => true,
    });
    chosen.expect("a number below the sum of the weights falls to one of them")
}
