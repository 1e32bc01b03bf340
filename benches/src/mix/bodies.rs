//! What can be counted in blocks without executing them.

use alloy::consensus::{Transaction as _, Typed2718 as _};
use alloy::eips::Encodable2718;
use alloy::primitives::map::{AddressMap, AddressSet};
use blockmill_chain::{RecoveredBlock, Transaction};

/// How many of the most frequent recipients are counted together.
const TOP_RECIPIENTS: usize = 10;

/// Sums over the bodies of blocks.
#[derive(Debug, Clone, Default)]
pub struct BodyCounts {
    /// Number of blocks.
    pub blocks: u64,
    /// Gas used, by their headers.
    pub gas: u64,
    /// Number of transactions, all types.
    pub transactions: u64,
    /// Transactions by type (EIP-2718), 0 to 4.
    pub by_type: [u64; 5],
    /// Transactions without a recipient.
    pub creations: u64,
    /// Zero bytes of call data and init code.
    pub zero_input_bytes: u64,
    /// The other bytes of it.
    pub nonzero_input_bytes: u64,
    /// Bytes of the encoded transactions.
    pub transaction_bytes: u64,
    /// Different senders of each block.
    pub senders_by_block: u64,
    /// Different recipients of each block.
    pub recipients_by_block: u64,
    /// Transactions to the ten most frequent recipients of each block.
    pub to_top_recipients_by_block: u64,
    recipients: AddressMap<u64>,
}

impl BodyCounts {
    pub(super) fn add(&mut self, block: &RecoveredBlock) {
        self.blocks += 1;
        self.gas += block.header().gas_used;
        let mut recipients = AddressMap::default();
        for transaction in &block.block.body.transactions {
            self.add_transaction(transaction);
            if let Some(to) = transaction.to() {
                *recipients.entry(to).or_default() += 1;
            }
        }
        self.senders_by_block += block.senders.iter().copied().collect::<AddressSet>().len() as u64;
        self.recipients_by_block += recipients.len() as u64;
        self.to_top_recipients_by_block += of_top_recipients(&recipients);
        for (to, transactions) in recipients {
            *self.recipients.entry(to).or_default() += transactions;
        }
    }

    fn add_transaction(&mut self, transaction: &Transaction) {
        self.transactions += 1;
        self.by_type[usize::from(transaction.ty())] += 1;
        self.creations += u64::from(transaction.is_create());
        let input = transaction.input();
        let zeros = input.iter().filter(|byte| **byte == 0).count();
        self.zero_input_bytes += zeros as u64;
        self.nonzero_input_bytes += (input.len() - zeros) as u64;
        self.transaction_bytes += transaction.encode_2718_len() as u64;
    }

    /// Different recipients of all blocks together.
    pub fn recipients(&self) -> u64 {
        self.recipients.len() as u64
    }

    /// Transactions to the ten most frequent recipients of all blocks together.
    pub fn to_top_recipients(&self) -> u64 {
        of_top_recipients(&self.recipients)
    }
}

fn of_top_recipients(recipients: &AddressMap<u64>) -> u64 {
    let mut counts: Vec<u64> = recipients.values().copied().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts.iter().take(TOP_RECIPIENTS).sum()
}
