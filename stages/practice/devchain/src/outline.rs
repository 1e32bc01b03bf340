//! Headers, as far as they are known before their block is executed.

use alloy::consensus::constants::EMPTY_WITHDRAWALS;
use alloy::consensus::proofs::{
    calculate_ommers_root, calculate_transaction_root, calculate_withdrawals_root,
};
use alloy::consensus::{BlockBody, EMPTY_OMMER_ROOT_HASH, Header};
use alloy::eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy::eips::eip7928::constants::EMPTY_BLOCK_ACCESS_LIST_HASH;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use blockmill_chain::{ChainSpec, Fork, Transaction};

use crate::dice::Dice;
use crate::schedule::Slot;

/// Slots of these chains are counted from 1970 on.
const SECONDS_PER_SLOT: u64 = 12;

/// Blocks from the fork on that have to say so (EIP-779).
const DAO_EXTRA_DATA_BLOCKS: u64 = 10;
const DAO_EXTRA_DATA: &[u8] = b"dao-hard-fork";

/// The extra data of the block builders, hot ones first.
const BUILDERS: [&[u8]; 5] = [b"gristmill", b"windmill.example", b"watermill-eu-1", b"", b"pepper mill"];

/// A header that says everything but what comes of its block's execution.
pub(crate) fn outline(
    spec: &ChainSpec,
    parent: &Header,
    parent_hash: B256,
    slot: &Slot,
    gas_limit: u64,
    dice: &mut Dice,
) -> Header {
    let difficulty = if slot.is_mined { spec.difficulty(parent, slot.timestamp) } else { U256::ZERO };
    let active = |fork| spec.is_active(fork, slot.number, slot.timestamp, difficulty);
    let builder = dice.hot_and_cold(BUILDERS.len() as u64) as usize;
    let excess_blob_gas = spec.excess_blob_gas(parent, slot.timestamp);
    let draw = dice.word();
    Header {
        parent_hash,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: builder_address(builder),
        difficulty,
        number: slot.number,
        gas_limit,
        timestamp: slot.timestamp,
        extra_data: extra_data(spec, slot.number, BUILDERS[builder]),
        // The seal of a mined block is not valid: no nonce was searched for.
        mix_hash: draw,
        nonce: if slot.is_mined { slot.number.into() } else { 0u64.into() },
        base_fee_per_gas: spec.base_fee(parent),
        withdrawals_root: active(Fork::Shanghai).then_some(EMPTY_WITHDRAWALS),
        blob_gas_used: excess_blob_gas.map(|_| 0),
        excess_blob_gas,
        parent_beacon_block_root: active(Fork::Cancun).then(|| keccak256(draw)),
        requests_hash: active(Fork::Prague).then_some(EMPTY_REQUESTS_HASH),
        block_access_list_hash: active(Fork::Amsterdam).then_some(EMPTY_BLOCK_ACCESS_LIST_HASH),
        slot_number: active(Fork::Amsterdam).then_some(slot.timestamp / SECONDS_PER_SLOT),
        ..Header::default()
    }
}

/// Commits to the body.
pub(crate) fn set_body_roots(header: &mut Header, body: &BlockBody<Transaction>) {
    header.transactions_root = calculate_transaction_root(&body.transactions);
    header.ommers_hash = calculate_ommers_root(&body.ommers);
    header.withdrawals_root = body.withdrawals.as_ref().map(|all| calculate_withdrawals_root(all));
}

/// A block that was mined at the same time as `sibling`, and lost.
pub(crate) fn ommer(spec: &ChainSpec, sibling: &Header, parent: &Header, dice: &mut Dice) -> Header {
    let timestamp = sibling.timestamp + dice.between(1, 3);
    Header {
        beneficiary: dice.stranger(),
        extra_data: if *sibling.extra_data == *DAO_EXTRA_DATA {
            sibling.extra_data.clone()
        } else {
            Bytes::from_static(b"too late")
        },
        timestamp,
        difficulty: spec.difficulty(parent, timestamp),
        mix_hash: dice.word(),
        ..sibling.clone()
    }
}

fn extra_data(spec: &ChainSpec, number: u64, own: &'static [u8]) -> Bytes {
    let is_marked =
        spec.dao_fork_block.is_some_and(|dao| (dao..dao + DAO_EXTRA_DATA_BLOCKS).contains(&number));
    Bytes::from_static(if is_marked { DAO_EXTRA_DATA } else { own })
}

/// The fee recipient of a builder, the same in all its blocks.
fn builder_address(builder: usize) -> Address {
    Address::from_word(keccak256([b"blockmill builder".as_slice(), &[builder as u8]].concat()))
}
