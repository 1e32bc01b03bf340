//! Rules that the consensus tests do not reach, which end with Cancun.

use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy::primitives::{B64, B256, Bytes, U256};

use super::*;
use crate::{KnownChain, RecoveredBlock};

/// A header of mainnet's present.
fn header() -> Header {
    Header {
        number: 25_000_000,
        timestamp: 1_780_000_000,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        gas_limit: 60_000_000,
        gas_used: 30_000_000,
        base_fee_per_gas: Some(1_000_000_000),
        withdrawals_root: Some(B256::ZERO),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(B256::ZERO),
        ..Header::default()
    }
}

fn mainnet() -> ChainSpec {
    ChainSpec::known(KnownChain::Mainnet)
}

/// What is said of a block that differs from a right one.
fn alone(change: impl FnOnce(&mut Header)) -> Result<(), RuleError> {
    let mut header = header();
    change(&mut header);
    mainnet().check_block(&Block { header, body: Default::default() })
}

/// The same for a block that follows a right one.
fn following(change: impl FnOnce(&mut Header)) -> Result<(), RuleError> {
    let parent = RecoveredBlock {
        hash: B256::ZERO,
        block: Block { header: header(), body: Default::default() },
        senders: Vec::new(),
    };
    let mut ancestry = Ancestry::unknown();
    ancestry.push(&parent, None);
    let mut header = header();
    header.number += 1;
    header.timestamp += 12;
    change(&mut header);
    mainnet().check_with_ancestry(&Block { header, body: Default::default() }, &ancestry)
}

#[test]
fn a_right_block_breaks_no_rule() {
    assert_eq!(alone(|_| {}), Ok(()));
    assert_eq!(following(|_| {}), Ok(()));
}

#[test]
fn fields_are_there_from_their_fork_on_and_not_before() {
    let missing = |field| Err(RuleError::MissingField { field });
    assert_eq!(alone(|header| header.base_fee_per_gas = None), missing("base fee"));
    assert_eq!(alone(|header| header.withdrawals_root = None), missing("withdrawals root"));
    assert_eq!(alone(|header| header.excess_blob_gas = None), missing("excess blob gas"));
    assert_eq!(alone(|header| header.parent_beacon_block_root = None), missing("parent beacon block root"));
    assert_eq!(alone(|header| header.requests_hash = None), missing("requests hash"));
    let early = |field| Err(RuleError::EarlyField { field });
    assert_eq!(alone(|header| header.slot_number = Some(1)), early("slot number"));
    assert_eq!(alone(|header| header.timestamp = 1_746_612_310), early("requests hash"), "before Prague");
}

#[test]
fn blob_gas_is_whole_blobs_up_to_the_most() {
    let blob = 131_072;
    assert_eq!(alone(|header| header.blob_gas_used = Some(21 * blob)), Ok(()));
    for actual in [22 * blob, blob + 1] {
        let refused = alone(|header| header.blob_gas_used = Some(actual));
        assert_eq!(refused, Err(RuleError::BlobGasUsed { actual, most: 21 * blob }));
    }
}

#[test]
fn excess_blob_gas_and_base_fee_follow_from_the_parent() {
    let refused = following(|header| header.excess_blob_gas = Some(1));
    assert_eq!(refused, Err(RuleError::ExcessBlobGas { expected: 0, actual: 1 }));
    let refused = following(|header| header.base_fee_per_gas = Some(7));
    assert_eq!(refused, Err(RuleError::BaseFee { expected: 1_000_000_000, actual: 7 }));
}

#[test]
fn the_gas_limit_moves_by_less_than_a_1024th() {
    let bound = 60_000_000 / 1_024;
    for (step, is_right) in [(bound - 1, true), (bound, false)] {
        assert_eq!(following(|header| header.gas_limit += step).is_ok(), is_right, "up {step}");
        assert_eq!(following(|header| header.gas_limit -= step).is_ok(), is_right, "down {step}");
    }
    let actual = 1 << 63;
    assert_eq!(alone(|header| header.gas_limit = actual), Err(RuleError::GasLimitRange { actual }));
    let refused = alone(|header| (header.gas_limit, header.gas_used) = (5_000, 5_001));
    assert_eq!(refused, Err(RuleError::GasUsed { used: 5_001, limit: 5_000 }));
}

#[test]
fn after_the_merge_there_is_no_seal_and_no_ommer() {
    assert_eq!(alone(|header| header.difficulty = U256::ONE), Err(RuleError::SealAfterTheMerge));
    assert_eq!(alone(|header| header.nonce = B64::with_last_byte(1)), Err(RuleError::SealAfterTheMerge));
    let refused = alone(|header| header.ommers_hash = B256::ZERO);
    assert_eq!(refused, Err(RuleError::TooManyOmmers { count: 1, most: 0 }));
}

#[test]
fn a_block_is_no_larger_than_eight_mebibytes() {
    let block = |bytes: usize| {
        let mut block = Block { header: header(), body: Default::default() };
        let transaction = alloy::consensus::TxLegacy { input: vec![1; bytes].into(), ..Default::default() };
        let signature = alloy::primitives::Signature::new(U256::ONE, U256::ONE, false);
        block
            .body
            .transactions
            .push(alloy::consensus::SignableTransaction::into_signed(transaction, signature).into());
        mainnet().check_block(&block)
    };
    assert_eq!(block(MOST_BLOCK_BYTES - 2_000), Ok(()));
    assert!(matches!(block(MOST_BLOCK_BYTES), Err(RuleError::BlockTooLarge { .. })));
}

#[test]
fn extra_data_have_up_to_32_bytes() {
    assert_eq!(alone(|header| header.extra_data = Bytes::from(vec![0; 32])), Ok(()));
    let refused = alone(|header| header.extra_data = Bytes::from(vec![0; 33]));
    assert_eq!(refused, Err(RuleError::ExtraDataTooLong { bytes: 33 }));
}
