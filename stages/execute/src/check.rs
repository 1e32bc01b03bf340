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

/// Compares gas used, logs bloom, receipts root, blob gas and requests hash with the header.
///
/// `transaction_roots`: before Byzantium, the state root after each transaction. Where they are not known (a foreign
/// witness), the receipts root of such a block cannot be checked and is passed over.
pub fn check_block(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    executed: &Executed,
    transaction_roots: &[B256],
) -> Result<(), ExecuteError> {
    let header = block.header();
    let refuse = |mismatch| ExecuteError::Mismatch { block: block.number(), mismatch };
    equal("gas used", header.gas_used, executed.gas_used).map_err(refuse)?;
    equal("logs bloom", header.logs_bloom, bloom(&executed.receipts)).map_err(refuse)?;
    if let Some(receipts) = receipts(spec, block, executed, transaction_roots) {
        equal("receipts root", header.receipts_root, calculate_receipt_root(&receipts)).map_err(refuse)?;
    }
    if let Some(expected) = header.blob_gas_used {
        equal("blob gas used", expected, executed.blob_gas_used).map_err(refuse)?;
    }
    if let Some(expected) = header.requests_hash {
        equal("requests hash", expected, executed.requests.requests_hash()).map_err(refuse)?;
    }
    Ok(())
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
