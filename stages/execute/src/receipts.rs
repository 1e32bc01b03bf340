//! Receipts as the header's receipts root commits to them.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hash};

use alloy::consensus::{Eip658Value, Receipt as ReceiptFields, ReceiptWithBloom, TxType};
use alloy::primitives::map::{AddressMap, B256Map, HashMap};
use alloy::primitives::{B256, Bloom, Log, keccak256};
use alloy_evm::Evm;
use alloy_evm::eth::receipt_builder::{ReceiptBuilder, ReceiptBuilderCtx};
use blockmill_chain::{Receipt, Transaction};

/// How many hashes of each kind are kept: half a megabyte at most, and more than the logs of usual blocks need.
const KEPT_HASHES: usize = 4_096;

/// Builds the receipts of one block, with a status (EIP-658).
///
/// A bloom filter takes the hash of every address and topic. Within a block most of them come again and again (a token, its
/// `Transfer`, a pool), and hashing each anew was a sixth of all that executing the block took.
#[derive(Debug, Default)]
pub(crate) struct StatusReceipts {
    addresses: RefCell<AddressMap<B256>>,
    topics: RefCell<B256Map<B256>>,
}

impl StatusReceipts {
    fn bloom(&self, logs: &[Log]) -> Bloom {
        let (mut addresses, mut topics) = (self.addresses.borrow_mut(), self.topics.borrow_mut());
        let mut bloom = Bloom::ZERO;
        for log in logs {
            bloom.m3_2048_hashed(&hash(&mut addresses, log.address));
            for topic in log.topics() {
                bloom.m3_2048_hashed(&hash(&mut topics, *topic));
            }
        }
        bloom
    }
}

fn hash<K: Copy + Eq + Hash + AsRef<[u8]>>(known: &mut HashMap<K, B256, impl BuildHasher>, value: K) -> B256 {
    if let Some(hash) = known.get(&value) {
        return *hash;
    }
    let hash = keccak256(value);
    if known.len() < KEPT_HASHES {
        known.insert(value, hash);
    }
    hash
}

impl ReceiptBuilder for StatusReceipts {
    type Transaction = Transaction;
    type Receipt = Receipt;

    fn build_receipt<E: Evm>(&self, cx: ReceiptBuilderCtx<'_, TxType, E>) -> Receipt {
        let receipt = ReceiptFields {
            status: Eip658Value::Eip658(cx.result.is_success()),
            cumulative_gas_used: cx.cumulative_gas_used,
            logs: cx.result.into_logs(),
        };
        let receipt = ReceiptWithBloom { logs_bloom: self.bloom(&receipt.logs), receipt };
        match cx.tx_type {
            TxType::Legacy => Receipt::Legacy(receipt),
            TxType::Eip2930 => Receipt::Eip2930(receipt),
            TxType::Eip1559 => Receipt::Eip1559(receipt),
            TxType::Eip4844 => Receipt::Eip4844(receipt),
            TxType::Eip7702 => Receipt::Eip7702(receipt),
        }
    }
}

/// The same receipt as it was before Byzantium: with the state root after the transaction in place of a status. All
/// transactions were legacy then.
pub(crate) fn with_state_root(receipt: &Receipt, root: B256) -> Receipt {
    let fields = ReceiptFields {
        status: Eip658Value::PostState(root),
        cumulative_gas_used: receipt.cumulative_gas_used(),
        logs: receipt.logs().to_vec(),
    };
    Receipt::Legacy(ReceiptWithBloom { receipt: fields, logs_bloom: *receipt.logs_bloom() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{Address, Bytes, logs_bloom};

    #[test]
    fn blooms_are_those_of_alloy_before_and_after_hashes_are_known() {
        // More than are kept, each twice; an address and the topic that holds it are not the same.
        let word = |number: usize| B256::left_padding_from(&number.to_be_bytes());
        let log = |number: usize| {
            let topics = (0..number % 5).map(|index| word(number + index * 7)).collect();
            Log::new_unchecked(Address::from_word(word(number)), topics, Bytes::new())
        };
        let receipts = StatusReceipts::default();
        for number in (0..2 * KEPT_HASHES).chain(0..2 * KEPT_HASHES) {
            let logs = [log(number), log(number + 1)];
            assert_eq!(receipts.bloom(&logs), logs_bloom(&logs));
        }
        assert_eq!(receipts.addresses.borrow().len(), KEPT_HASHES);
    }
}
