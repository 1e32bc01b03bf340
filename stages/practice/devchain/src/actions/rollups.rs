//! A rollup that posts its batches, in calldata and in blobs.

use alloy::primitives::{B256, U256};
use alloy::sol_types::SolCall;

use super::Turn;
use crate::abi::Inbox;
use crate::draft::{Draft, Extras};
use crate::roles::SEQUENCER;

pub(super) fn post(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let length = turn.scene.dice.between(300, 6_000) as usize;
    // Batches are compressed: hardly a byte is zero.
    let batch = turn.scene.dice.noise(length);
    let input = Inbox::postCall { batch }.abi_encode();
    // 40 gas per byte are the floor of EIP-7623; before it a byte cost less.
    Some(Draft::call(SEQUENCER, turn.town.inbox, input, 50_000 + 40 * length as u64))
}

pub(super) fn post_blobs(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    turn.town.modern?;
    let most = turn.scene.block.max_blobs.min(6);
    if most == 0 {
        return None;
    }
    let count = turn.scene.dice.between(1, most);
    let hashes = (0..count).map(|_| versioned_hash(turn.scene.dice.word())).collect();
    let input = Inbox::postBlobsCall { count: U256::from(count) }.abi_encode();
    let draft = Draft::call(SEQUENCER, turn.town.inbox, input, 55_000 + count * 1_500);
    Some(draft.with_extras(Extras::Blobs(hashes)))
}

/// The versioned hash of a blob that does not exist: a block holds hashes only.
fn versioned_hash(mut hash: B256) -> B256 {
    hash[0] = alloy::eips::eip4844::VERSIONED_HASH_VERSION_KZG;
    hash
}
