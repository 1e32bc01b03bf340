//! A block: the fields of its header, and a line per transaction.

use std::path::Path;

use alloy::consensus::{Header, Transaction as _};
use alloy::primitives::utils::{format_ether, format_units};
use alloy::primitives::{Address, Bytes};
use blockmill_chain::Transaction;
use blockmill_store::{Store, StoredBlock};

use super::{CommandError, opened};
use crate::args::BlockName;
use crate::text::{Align, TextTable, count, fields};

/// The lines of a block.
pub(super) fn show(name: BlockName, data_dir: &Path) -> Result<Vec<String>, CommandError> {
    let store = opened::store(data_dir)?;
    let stored = find(&store, name, data_dir)?;
    let mut lines = fields(&facts(&stored));
    if !stored.block.senders.is_empty() {
        lines.push(String::new());
        lines.extend(transactions(&stored).lines());
    }
    Ok(lines)
}

fn find(store: &Store, name: BlockName, data_dir: &Path) -> Result<StoredBlock, CommandError> {
    let path = || data_dir.to_path_buf();
    let block = match name {
        BlockName::Number(number) => number,
        BlockName::Hash(hash) => {
            store.number_of(hash)?.ok_or_else(|| CommandError::NoBlockHash { hash, path: path() })?
        }
    };
    match store.block(block)? {
        Some(stored) => Ok(stored),
        None => {
            let last = store.last_block()?.map_or_else(|| "none".to_owned(), |last| last.to_string());
            Err(CommandError::NoBlock { block, last, path: path() })
        }
    }
}

type Facts = Vec<(&'static str, String)>;

/// The header in the order of its RLP, with what the body adds.
fn facts(stored: &StoredBlock) -> Facts {
    let header = stored.block.header();
    let body = &stored.block.block.body;
    let mut facts = vec![
        ("number", count(header.number)),
        ("hash", stored.block.hash.to_string()),
        ("parent_hash", header.parent_hash.to_string()),
        ("ommers_hash", header.ommers_hash.to_string()),
        ("miner", lower(header.beneficiary)),
        ("state_root", header.state_root.to_string()),
        ("transactions_root", header.transactions_root.to_string()),
        ("receipts_root", header.receipts_root.to_string()),
        ("difficulty", header.difficulty.to_string()),
        ("gas_limit", count(header.gas_limit)),
        ("gas_used", count(header.gas_used)),
        ("timestamp", format!("{} (seconds since 1970)", header.timestamp)),
        ("extra_data", header.extra_data.to_string()),
        ("mix_hash", header.mix_hash.to_string()),
        ("nonce", header.nonce.to_string()),
    ];
    facts.extend(later_fields(header));
    facts.extend(stored.total_difficulty.map(|total| ("total_difficulty", total.to_string())));
    facts.extend([
        ("size", format!("{} bytes", count(stored.block.rlp_bytes() as u64))),
        ("transactions", count(body.transactions.len() as u64)),
        ("ommers", count(body.ommers.len() as u64)),
    ]);
    facts.extend(body.withdrawals.as_ref().map(|list| ("withdrawals", count(list.len() as u64))));
    facts
}

/// Fields that came with forks, where the block has them.
fn later_fields(header: &Header) -> impl Iterator<Item = (&'static str, String)> {
    [
        header.base_fee_per_gas.map(|fee| ("base_fee_per_gas", format!("{} wei", count(fee)))),
        header.withdrawals_root.map(|root| ("withdrawals_root", root.to_string())),
        header.blob_gas_used.map(|gas| ("blob_gas_used", count(gas))),
        header.excess_blob_gas.map(|gas| ("excess_blob_gas", count(gas))),
        header.parent_beacon_block_root.map(|root| ("parent_beacon_block_root", root.to_string())),
        header.requests_hash.map(|hash| ("requests_hash", hash.to_string())),
    ]
    .into_iter()
    .flatten()
}

fn transactions(stored: &StoredBlock) -> TextTable {
    let mut table = TextTable::new([("index", Align::Right), ("hash, sender, recipient", Align::Left)]);
    let body = &stored.block.block.body;
    for (index, (transaction, sender)) in body.transactions.iter().zip(&stored.block.senders).enumerate() {
        table.row([index.to_string(), transaction.tx_hash().to_string()]);
        table.row([String::new(), format!("{} -> {}", lower(*sender), recipient(transaction))]);
        table.row([String::new(), summary(transaction)]);
    }
    table
}

fn recipient(transaction: &Transaction) -> String {
    transaction.to().map_or_else(|| "new contract".to_owned(), lower)
}

/// An address as the tables and their `hex` views write it, so that one is found by the other.
pub(super) fn lower(address: Address) -> String {
    format!("{address:#x}")
}

fn summary(transaction: &Transaction) -> String {
    let input: &Bytes = transaction.input();
    let price = format_units(transaction.max_fee_per_gas(), "gwei").unwrap_or_default();
    format!(
        "type {}, {} ether, {} bytes of input, nonce {}, gas limit {} at {} gwei",
        transaction.tx_type() as u8,
        trimmed(&format_ether(transaction.value())),
        count(input.len() as u64),
        count(transaction.nonce()),
        count(transaction.gas_limit()),
        trimmed(&price),
    )
}

/// A decimal number without zeros that say nothing.
pub(super) fn trimmed(decimal: &str) -> &str {
    if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::B256;
    use blockmill_chain::{Block, RecoveredBlock};

    #[test]
    fn only_zeros_after_the_point_are_trimmed() {
        assert_eq!(trimmed("1.500"), "1.5");
        assert_eq!(trimmed("100.000"), "100");
        assert_eq!(trimmed("100"), "100");
    }

    #[test]
    fn a_block_shows_the_fields_of_its_fork_only() {
        let stored = StoredBlock {
            block: RecoveredBlock { hash: B256::ZERO, block: Block::default(), senders: vec![] },
            total_difficulty: None,
            transaction_roots: vec![],
        };
        let names: Vec<_> = facts(&stored).into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"gas_used") && names.contains(&"size"));
        assert!(!names.contains(&"base_fee_per_gas") && !names.contains(&"total_difficulty"));
    }
}
