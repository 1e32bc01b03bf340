//! Tokens that are not all the same: ERC-721 and ERC-1155.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::SolCall;

use super::Turn;
use crate::abi::{Erc721, Erc1155};
use crate::draft::Draft;
use crate::roles::KeyId;
use crate::scene::mapping_slot;

/// Where an ERC-721 keeps owners and the next id.
const OWNERS_SLOT: u64 = 0;
const NEXT_ID_SLOT: u64 = 2;

/// How many kinds of ERC-1155 items there are.
const ITEM_KINDS: u64 = 40;

pub(super) fn mint(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let collection = *turn.scene.dice.pick_hot(&turn.town.collections);
    let sender = turn.scene.someone();
    let to = turn.scene.address(sender);
    Some(Draft::call(sender, collection, Erc721::mintCall { to }.abi_encode(), 73_000))
}

/// A transfer by the owner, if that is one of our keys; else by another account, and it fails.
pub(super) fn transfer(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let collection = *turn.scene.dice.pick_hot(&turn.town.collections);
    let next = turn.scene.slot(collection, U256::from(NEXT_ID_SLOT)).saturating_to::<u64>();
    let id = U256::from(1 + turn.scene.dice.below(next.checked_sub(2)?));
    let owner = turn.scene.slot(collection, mapping_slot(id.into(), U256::from(OWNERS_SLOT).into()));
    let from = Address::from_word(owner.into());
    let sender = owner_key(turn, from)?;
    let to = turn.scene.recipient();
    Some(Draft::call(sender, collection, Erc721::transferFromCall { from, to, id }.abi_encode(), 55_000))
}

pub(super) fn mint_items(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let kinds = turn.scene.dice.between(1, 6);
    let first = turn.scene.dice.below(ITEM_KINDS);
    let ids = (first..first + kinds).map(|id| U256::from(id % ITEM_KINDS)).collect();
    let amounts = (0..kinds).map(|_| U256::from(turn.scene.dice.between(1, 1_000))).collect();
    let to = turn.scene.address(sender);
    let input = Erc1155::mintBatchCall { to, ids, amounts }.abi_encode();
    Some(Draft::call(sender, turn.town.items, input, 30_000 + kinds * 24_000))
}

pub(super) fn transfer_items(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let (id, amount) = held_items(turn, sender).into_iter().next()?;
    let (from, to) = (turn.scene.address(sender), turn.scene.recipient());
    let input = Erc1155::safeTransferFromCall { from, to, id, amount, data: Bytes::new() }.abi_encode();
    Some(Draft::call(sender, turn.town.items, input, 52_000))
}

pub(super) fn transfer_batch(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let (ids, amounts): (Vec<_>, Vec<_>) = held_items(turn, sender).into_iter().unzip();
    let kinds = ids.len() as u64;
    let (from, to) = (turn.scene.address(sender), turn.scene.recipient());
    let data = turn.scene.dice.calldata(20);
    let input = Erc1155::safeBatchTransferFromCall { from, to, ids, amounts, data }.abi_encode();
    (kinds > 1).then(|| Draft::call(sender, turn.town.items, input, 35_000 + kinds * 27_000))
}

/// Kinds of items that the holder has, with a part of how many.
fn held_items(turn: &Turn<'_, '_>, holder: KeyId) -> Vec<(U256, U256)> {
    let holder = turn.scene.address(holder).into_word();
    let held = (0..ITEM_KINDS).filter_map(|id| {
        let of_kind = mapping_slot(U256::from(id).into(), B256::ZERO);
        let amount = turn.scene.slot(turn.town.items, mapping_slot(holder, of_kind.into()));
        (!amount.is_zero()).then(|| (U256::from(id), amount.div_ceil(U256::from(20))))
    });
    held.take(8).collect()
}

fn owner_key(turn: &mut Turn<'_, '_>, owner: Address) -> Option<KeyId> {
    /// Hot accounts own most.
    const SEARCHED: usize = 512;
    let known = turn.scene.keys.iter().take(SEARCHED).position(|key| key.address == owner);
    known.or_else(|| turn.scene.dice.percent(20).then(|| turn.scene.someone()))
}
