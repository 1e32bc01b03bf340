//! Witness files: a block as `eth_getBlockByNumber(number, true)` gives it, with the state before it:
//!
//! ```text
//! { "block": { … },
//!   "prestate": { address: { "balance", "nonce", "code", "storage": { slot: value } } },   // as prestateTracer has it
//!   "block_hashes": { number: hash } }
//! ```
//!
//! Of what such a file says only the block can be checked, against its own hash: the header, the transactions with
//! their hashes and senders, the withdrawals. The ommers are listed by hash alone, so of a block that has some the
//! ommers hash cannot be computed. Total difficulty and state are taken as written; replaying the block shows whether
//! the state fits.

use std::collections::BTreeMap;
use std::path::Path;

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::eips::Encodable2718;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::rpc::types::{Block as RpcBlock, Transaction as RpcTransaction};
use blockmill_chain::{Account, AccountWitness, Block, ChainSpec, RecoveredBlock, Transaction};
use blockmill_hash::ordered_root;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::block::{ForeignWitness, SourcedBlock};
use crate::error::{Checked, FilePlace, SourceError};
use crate::{json, senders, verify};

/// What the errors call it.
const WHAT: &str = "a witness file";

/// What [`survey`] learns of a file.
pub(crate) struct Survey {
    /// The number of the block in the file.
    pub(crate) block: u64,
    /// Its hash, as the file says; zero where it says nothing that could be one.
    pub(crate) hash: B256,
    /// Size of the JSON, unpacked, in bytes.
    pub(crate) json_bytes: usize,
}

/// Finds the block's number; `None` for JSON that has neither a block nor a state before it.
pub(crate) fn survey(path: &Path) -> Result<Option<Survey>, SourceError> {
    #[derive(Deserialize)]
    struct Shape {
        block: Option<Numbered>,
        prestate: Option<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Numbered {
        number: String,
        hash: Option<String>,
    }
    let Some((shape, json_bytes)) = json::skim::<Shape>(path, WHAT)? else { return Ok(None) };
    let Numbered { number: written, hash } = match (shape.block, shape.prestate) {
        (Some(block), Some(_)) => block,
        (None, None) => return Ok(None),
        _ => return Err(malformed(path, "the file has only one of 'block' and 'prestate'".into())),
    };
    let number = written.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let number = number.filter(|number| *number < u64::MAX);
    let block = number.ok_or_else(|| malformed(path, format!("'{written}' is not a block number")))?;
    let hash = hash.and_then(|hash| hash.parse().ok()).unwrap_or_default();
    Ok(Some(Survey { block, hash, json_bytes }))
}

/// Reads and checks a file that holds the block `number`.
pub(crate) fn read(path: &Path, number: u64, spec: &ChainSpec) -> Result<SourcedBlock, SourceError> {
    let written: WrittenWitness = json::read(path, WHAT)?;
    let place = || FilePlace::only_block(path, number);
    let header = &written.block.header;
    if header.number != number {
        return Err(SourceError::BlockNumber { place: place(), expected: number, actual: header.number });
    }
    verify::compare(Checked::BlockHash, header.hash, header.inner.hash_slow(), place)?;
    if let Some(parent) = written.block_hashes.get(&WitnessNumber(number.saturating_sub(1))) {
        verify::compare(Checked::ParentHash, header.parent_hash, *parent, place)?;
    }
    let (hash, total_difficulty) = (header.hash, header.total_difficulty);
    let witness = witness_of(written.prestate, written.block_hashes, written.block.uncles.clone());
    let (block, named) = consensus_block(written.block, path)?;
    check_transaction_hashes(&block, place)?;
    let ommers_known = witness.ommer_hashes.is_empty();
    let transactions_root = ordered_root(&block.body.transactions, Encodable2718::encode_2718);
    verify::check_body(&block, transactions_root, ommers_known, place)?;
    verify::check_rules(spec, &block, place)?;
    let senders = senders::recover(&block, spec, place)?;
    check_senders(&senders, &named, place)?;
    let block = RecoveredBlock { hash, block, senders };
    Ok(SourcedBlock {
        access_list: None,
        block,
        total_difficulty,
        transaction_roots: Vec::new(),
        ommers_known,
        witness: Some(witness),
    })
}

#[derive(Deserialize)]
struct WrittenWitness {
    block: RpcBlock<RpcTransaction<Transaction>>,
    prestate: BTreeMap<Address, WrittenAccount>,
    #[serde(default)]
    block_hashes: BTreeMap<WitnessNumber, B256>,
}

#[derive(Deserialize)]
struct WrittenAccount {
    #[serde(default, with = "alloy::serde::quantity")]
    nonce: u64,
    #[serde(default)]
    balance: U256,
    #[serde(default)]
    code: Bytes,
    #[serde(default)]
    storage: BTreeMap<U256, U256>,
}

/// A block number as the key of an object: decimal, or hexadecimal with 0x.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
struct WitnessNumber(u64);

impl TryFrom<String> for WitnessNumber {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        parsed.map(Self).map_err(|e| format!("'{text}' is not a block number: {e}"))
    }
}

/// The block in consensus form, and the senders that the file names.
fn consensus_block(
    written: RpcBlock<RpcTransaction<Transaction>>,
    path: &Path,
) -> Result<(Block, Vec<Address>), SourceError> {
    if !written.transactions.is_full() && !written.transactions.is_empty() {
        return Err(malformed(path, "the block lists only the hashes of its transactions".into()));
    }
    let mut named = Vec::with_capacity(written.transactions.len());
    let block = written.map_header(|header| header.into_consensus()).map_transactions(|transaction| {
        let (transaction, sender) = transaction.inner.into_parts();
        named.push(sender);
        transaction
    });
    Ok((block.into_consensus_block(), named))
}

/// A transaction's hash is read from the file; everything later trusts it.
fn check_transaction_hashes(block: &Block, place: impl Fn() -> Box<FilePlace>) -> Result<(), SourceError> {
    block.body.transactions.iter().try_for_each(|transaction| {
        let computed = keccak256(transaction.encoded_2718());
        verify::compare(Checked::TransactionHash, computed, *transaction.tx_hash(), &place)
    })
}

fn check_senders(
    recovered: &[Address],
    named: &[Address],
    place: impl Fn() -> Box<FilePlace>,
) -> Result<(), SourceError> {
    let different = recovered.iter().zip(named).position(|(recovered, named)| recovered != named);
    different.map_or(Ok(()), |transaction| {
        let (recovered, written) = (recovered[transaction], named[transaction]);
        Err(SourceError::Sender { place: place(), transaction, recovered, written })
    })
}

fn witness_of(
    prestate: BTreeMap<Address, WrittenAccount>,
    block_hashes: BTreeMap<WitnessNumber, B256>,
    ommer_hashes: Vec<B256>,
) -> ForeignWitness {
    let mut codes = BTreeMap::new();
    let account = |(address, written): (Address, WrittenAccount)| {
        let code_hash = if written.code.is_empty() { KECCAK_EMPTY } else { keccak256(&written.code) };
        if !written.code.is_empty() {
            codes.insert(code_hash, written.code);
        }
        let account = Account { nonce: written.nonce, balance: written.balance, code_hash };
        let storage = written.storage.into_iter().collect();
        AccountWitness { address, account: Some(account), storage }
    };
    let accounts = prestate.into_iter().map(account).collect();
    let block_hashes = block_hashes.into_iter().map(|(number, hash)| (number.0, hash)).collect();
    ForeignWitness { accounts, block_hashes, codes: codes.into_values().collect(), ommer_hashes }
}

fn malformed(path: &Path, problem: String) -> SourceError {
    SourceError::Format { place: FilePlace::file(path), problem }
}
