//! Counts what a chain holds, for its README.

use std::collections::BTreeMap;

use alloy::consensus::{Transaction as _, Typed2718};
use blockmill_chain::Block;
use blockmill_execute::Executed;

/// What a chain holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Number of blocks after the genesis block.
    pub blocks: u64,
    /// Number of transactions.
    pub transactions: u64,
    /// Gas used by all blocks.
    pub gas_used: u64,
    /// Transactions whose receipt says that they failed.
    pub failed: u64,
    /// Number of logs.
    pub logs: u64,
    /// Contract creations by transactions.
    pub creations: u64,
    /// Number of blobs.
    pub blobs: u64,
    /// Number of ommers.
    pub ommers: u64,
    /// Number of withdrawals.
    pub withdrawals: u64,
    /// EIP-7685 requests, as lists of one type.
    pub requests: u64,
    /// The gas of the heaviest block.
    pub most_gas: u64,
    /// Bytes of the chain file.
    pub bytes: u64,
    /// Transactions by EIP-2718 type.
    pub by_type: BTreeMap<u8, u64>,
    /// Transactions by what they are for.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// Accounts after the last block.
    pub accounts: u64,
    /// Slots that are not zero after the last block.
    pub slots: u64,
}

impl Census {
    pub(crate) fn add(&mut self, block: &Block, executed: &Executed, labels: &[&'static str], bytes: u64) {
        let body = &block.body;
        self.blocks += 1;
        self.transactions += body.transactions.len() as u64;
        self.gas_used += executed.gas_used;
        self.most_gas = self.most_gas.max(executed.gas_used);
        self.failed += executed.receipts.iter().filter(|receipt| !receipt.is_success()).count() as u64;
        self.logs += executed.receipts.iter().map(|receipt| receipt.logs().len() as u64).sum::<u64>();
        self.ommers += body.ommers.len() as u64;
        self.withdrawals += body.withdrawals.as_ref().map_or(0, |all| all.len() as u64);
        self.requests += executed.requests.as_ref().map_or(0, |requests| requests.len()) as u64;
        self.bytes += bytes;
        for transaction in &body.transactions {
            self.creations += u64::from(transaction.is_create());
            *self.by_type.entry(transaction.ty()).or_default() += 1;
            self.blobs += transaction.blob_versioned_hashes().map_or(0, |hashes| hashes.len() as u64);
        }
        for label in labels {
            *self.by_kind.entry(label).or_default() += 1;
        }
    }
}
