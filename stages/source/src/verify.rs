//! The checks of a single block: everything its header commits to that can be computed without executing it.

use alloy::consensus::proofs::calculate_ommers_root;
use alloy::eips::eip7928::{AccountChanges, compute_block_access_list_hash, validate_block_access_list};
use alloy::primitives::B256;
use alloy_rlp::Encodable;
use blockmill_chain::{Ancestry, Block, ChainSpec};
use blockmill_hash::ordered_root;

use crate::error::{Checked, FilePlace, SourceError};

/// Transactions and withdrawals are those of the header; so are the ommers, where the body has them.
///
/// `transactions_root`: of the block's transactions.
pub(crate) fn check_body(
    block: &Block,
    transactions_root: B256,
    ommers_known: bool,
    place: impl Fn() -> Box<FilePlace>,
) -> Result<(), SourceError> {
    let (header, body) = (&block.header, &block.body);
    compare(Checked::TransactionsRoot, header.transactions_root, transactions_root, &place)?;
    if ommers_known {
        compare(Checked::OmmersHash, header.ommers_hash, calculate_ommers_root(&body.ommers), &place)?;
    }
    match (header.withdrawals_root, &body.withdrawals) {
        (Some(expected), Some(withdrawals)) => {
            let actual = ordered_root(withdrawals, Encodable::encode);
            compare(Checked::WithdrawalsRoot, expected, actual, &place)
        }
        (None, None) => Ok(()),
        _ => Err(SourceError::WithdrawalsPresence { place: place() }),
    }
}

/// The block access list is that of the header, and in the order that EIP-7928 demands: then only execution can tell whether it
/// is right.
pub(crate) fn check_access_list(
    block: &Block,
    list: &[AccountChanges],
    place: impl Fn() -> Box<FilePlace>,
) -> Result<(), SourceError> {
    let Some(expected) = block.header.block_access_list_hash else {
        return Err(SourceError::Format {
            place: place(),
            problem: "the block has an access list, and its header none".into(),
        });
    };
    compare(Checked::AccessListHash, expected, compute_block_access_list_hash(list), &place)?;
    validate_block_access_list(list, block.body.transactions.len())
        .map_err(|source| SourceError::AccessList { place: place(), source })
}

/// This build has the rules of the block, and none is broken that needs no other block.
pub(crate) fn check_rules(
    spec: &ChainSpec,
    block: &Block,
    place: impl Fn() -> Box<FilePlace>,
) -> Result<(), SourceError> {
    let newer = |source| SourceError::Fork { place: place(), source: Box::new(source) };
    spec.check_fork(&block.header).map_err(newer)?;
    spec.check_block(block).map_err(|source| SourceError::Rule { place: place(), source: Box::new(source) })
}

/// Nor one about the blocks before it, as far as these are known.
pub(crate) fn check_with_ancestry(
    spec: &ChainSpec,
    block: &Block,
    ancestry: &Ancestry,
    place: impl Fn() -> Box<FilePlace>,
) -> Result<(), SourceError> {
    let broken = |source| SourceError::Rule { place: place(), source: Box::new(source) };
    spec.check_with_ancestry(block, ancestry).map_err(broken)
}

/// Two hashes that must be the same.
pub(crate) fn compare(
    checked: Checked,
    expected: B256,
    actual: B256,
    place: impl Fn() -> Box<FilePlace>,
) -> Result<(), SourceError> {
    if expected == actual {
        return Ok(());
    }
    Err(SourceError::Mismatch { place: place(), checked, expected, actual })
}
