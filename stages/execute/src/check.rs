//! What the header promises about the result of execution.

use std::borrow::Cow;
use std::fmt::Display;

use alloy::consensus::{Header, TxReceipt};
use alloy::eips::Encodable2718;
use alloy::eips::eip7685::Requests;
use alloy::eips::eip7928::constants::ITEM_COST;
use alloy::eips::eip7928::{AccountChanges, compute_block_access_list_hash, total_bal_items};
use alloy::primitives::{B256, Bloom};
use blockmill_chain::{ChainSpec, Receipt, RecoveredBlock};
use blockmill_hash::ordered_root;

use crate::error::{ExecuteError, Mismatch};
use crate::execute::Executed;
use crate::receipts::with_state_root;

/// What a header says about the result of its block, the state root aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockResults {
    /// Gas used by all transactions.
    pub gas_used: u64,
    /// Bloom filter over all logs.
    pub logs_bloom: Bloom,
    /// Root of the trie of receipts; `None` where they need state roots that are not known.
    pub receipts_root: Option<B256>,
    /// Blob gas used by all transactions (EIP-4844).
    pub blob_gas_used: u64,
    /// Hash of the requests (EIP-7685); `None` where they are not known.
    pub requests_hash: Option<B256>,
    /// Hash of the block access list (EIP-7928); `None` before Amsterdam, and where it is not known.
    pub access_list_hash: Option<B256>,
}

impl BlockResults {
    /// What executing `block` gave.
    ///
    /// `transaction_roots`: before Byzantium, the state root after each transaction. Where they are not known (a foreign
    /// witness), neither is the receipts root.
    pub fn new(
        spec: &ChainSpec,
        block: &RecoveredBlock,
        executed: &Executed,
        transaction_roots: &[B256],
    ) -> Self {
        let receipts = receipts(spec, block, executed, transaction_roots);
        Self {
            gas_used: executed.gas_used,
            logs_bloom: bloom(&executed.receipts),
            receipts_root: receipts.map(|receipts| ordered_root(&receipts, Encodable2718::encode_2718)),
            blob_gas_used: executed.blob_gas_used,
            requests_hash: executed.requests.as_ref().map(Requests::requests_hash),
            access_list_hash: executed.access_list.as_deref().map(compute_block_access_list_hash),
        }
    }

    /// Writes the results into a header that is being made. Fields that came with a later fork stay `None`.
    pub fn write_to(&self, header: &mut Header) {
        header.gas_used = self.gas_used;
        header.logs_bloom = self.logs_bloom;
        header.receipts_root = self.receipts_root.unwrap_or_default();
        header.blob_gas_used = header.blob_gas_used.map(|_| self.blob_gas_used);
        header.requests_hash = header.requests_hash.and(self.requests_hash);
        header.block_access_list_hash = header.block_access_list_hash.and(self.access_list_hash);
    }

    fn check(&self, header: &Header) -> Result<(), Mismatch> {
        equal("gas used", header.gas_used, self.gas_used)?;
        equal("logs bloom", header.logs_bloom, self.logs_bloom)?;
        if let Some(actual) = self.receipts_root {
            equal("receipts root", header.receipts_root, actual)?;
        }
        if let Some(expected) = header.blob_gas_used {
            equal("blob gas used", expected, self.blob_gas_used)?;
        }
        if let (Some(expected), Some(actual)) = (header.requests_hash, self.requests_hash) {
            equal("requests hash", expected, actual)?;
        }
        if let (Some(expected), Some(actual)) = (header.block_access_list_hash, self.access_list_hash) {
            equal("block access list hash", expected, actual)?;
        }
        Ok(())
    }
}

/// Compares gas used, logs bloom, receipts root, blob gas, requests hash and the hash of the block access list with the header,
/// and the list's size with its limit. The receipts root is passed over where it is not known: see [`BlockResults::new`].
pub fn check_block(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    executed: &Executed,
    transaction_roots: &[B256],
) -> Result<(), ExecuteError> {
    let results = BlockResults::new(spec, block, executed, transaction_roots);
    results
        .check(block.header())
        .and_then(|()| {
            check_access_list_size(block.header(), executed.access_list.as_deref().unwrap_or_default())
        })
        .map_err(|mismatch| ExecuteError::Mismatch { block: block.number(), mismatch })
}

/// EIP-7928: accounts and slots of the list are bounded by the block's gas limit.
fn check_access_list_size(header: &Header, list: &[AccountChanges]) -> Result<(), Mismatch> {
    let (items, most) = (total_bal_items(list), header.gas_limit / ITEM_COST as u64);
    match items > most {
        true => Err(Mismatch {
            field: "block access list",
            expected: format!("at most {most} accounts and slots (its gas limit divided by {ITEM_COST})"),
            actual: items.to_string(),
        }),
        false => Ok(()),
    }
}

/// Compares the state root after a block with its header.
pub fn check_state_root(block: u64, expected: B256, actual: B256) -> Result<(), ExecuteError> {
    equal("state root", expected, actual).map_err(|mismatch| ExecuteError::Mismatch { block, mismatch })
}

/// The receipts as the root commits to them; `None` where the roots that they need are not known.
fn receipts<'a>(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    executed: &'a Executed,
    roots: &[B256],
) -> Option<Cow<'a, [Receipt]>> {
    if spec.is_byzantium(block.number()) || executed.receipts.is_empty() {
        return Some(Cow::Borrowed(&executed.receipts));
    }
    let pairs = executed.receipts.iter().zip(roots);
    (roots.len() == executed.receipts.len())
        .then(|| Cow::Owned(pairs.map(|(receipt, root)| with_state_root(receipt, *root)).collect()))
}

fn bloom(receipts: &[Receipt]) -> Bloom {
    receipts.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.bloom())
}

/// Equal, or the mismatch with both values.
fn equal<T: PartialEq + Display>(field: &'static str, expected: T, actual: T) -> Result<(), Mismatch> {
    if expected == actual {
        return Ok(());
    }
    Err(Mismatch { field, expected: expected.to_string(), actual: actual.to_string() })
}
