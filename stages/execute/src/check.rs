//! What the header promises about the result of execution.

use std::borrow::Cow;
use std::fmt::Display;

use alloy::consensus::proofs::calculate_receipt_root;
use alloy::consensus::{Header, TxReceipt};
use alloy::primitives::{B256, Bloom};
use blockmill_chain::{ChainSpec, Receipt, RecoveredBlock};

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
    /// Hash of the requests (EIP-7685).
    pub requests_hash: B256,
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
            receipts_root: receipts.map(|receipts| calculate_receipt_root(&receipts)),
            blob_gas_used: executed.blob_gas_used,
            requests_hash: executed.requests.requests_hash(),
        }
    }

    /// Writes the results into a header that is being made. Fields that came with a later fork stay `None`.
    pub fn write_to(&self, header: &mut Header) {
        header.gas_used = self.gas_used;
        header.logs_bloom = self.logs_bloom;
        header.receipts_root = self.receipts_root.unwrap_or_default();
        header.blob_gas_used = header.blob_gas_used.map(|_| self.blob_gas_used);
        header.requests_hash = header.requests_hash.map(|_| self.requests_hash);
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
        if let Some(expected) = header.requests_hash {
            equal("requests hash", expected, self.requests_hash)?;
        }
        Ok(())
    }
}

/// Compares gas used, logs bloom, receipts root, blob gas and requests hash with the header. The receipts root is passed
/// over where it is not known: see [`BlockResults::new`].
pub fn check_block(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    executed: &Executed,
    transaction_roots: &[B256],
) -> Result<(), ExecuteError> {
    let results = BlockResults::new(spec, block, executed, transaction_roots);
    results
        .check(block.header())
        .map_err(|mismatch| ExecuteError::Mismatch { block: block.number(), mismatch })
}

/// Compares the state root after a block with its header.
pub fn check_state_root(header: &Header, actual: B256) -> Result<(), ExecuteError> {
    equal("state root", header.state_root, actual)
        .map_err(|mismatch| ExecuteError::Mismatch { block: header.number, mismatch })
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
