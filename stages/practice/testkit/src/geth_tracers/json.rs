//! The shape of a tracer test file, and the block that its context stands for.

use std::collections::BTreeMap;
use std::path::Path;

use alloy::consensus::constants::{EMPTY_WITHDRAWALS, KECCAK_EMPTY};
use alloy::consensus::proofs::calculate_transaction_root;
use alloy::consensus::transaction::SignerRecoverable;
use alloy::consensus::{BlockBody, EMPTY_OMMER_ROOT_HASH, Header, Transaction as _};
use alloy::eips::eip2718::Decodable2718;
use alloy::eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy::genesis::{ChainConfig, Genesis};
use alloy::primitives::map::B256Map;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use blockmill_chain::{
    Absence, Account, AccountWitness, Block, ChainSpec, Fork, RecoveredBlock, Transaction, WitnessReads,
};
use serde::Deserialize;
use serde_json::Value;

use super::TracerTest;
use crate::number::Word;
use crate::{VectorError, file, number};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    genesis: Parent,
    context: Context,
    input: Bytes,
    #[serde(default)]
    tracer_config: Value,
    result: Value,
}

/// The block before the transaction's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parent {
    alloc: BTreeMap<Address, AllocAccount>,
    config: serde_json::Map<String, Value>,
    mix_hash: B256,
    #[serde(default, deserialize_with = "number::optional_u64")]
    base_fee_per_gas: Option<u64>,
    #[serde(default, deserialize_with = "number::optional_u64")]
    blob_gas_used: Option<u64>,
    #[serde(default, deserialize_with = "number::optional_u64")]
    excess_blob_gas: Option<u64>,
}

#[derive(Deserialize)]
struct AllocAccount {
    #[serde(deserialize_with = "number::u256")]
    balance: U256,
    #[serde(default, deserialize_with = "number::u64")]
    nonce: u64,
    #[serde(default)]
    code: Bytes,
    #[serde(default)]
    storage: BTreeMap<Word, Word>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(deserialize_with = "number::u64")]
    number: u64,
    #[serde(deserialize_with = "number::u64")]
    timestamp: u64,
    #[serde(deserialize_with = "number::u256")]
    difficulty: U256,
    #[serde(deserialize_with = "number::u64")]
    gas_limit: u64,
    miner: Address,
    #[serde(default, deserialize_with = "number::optional_u64")]
    base_fee_per_gas: Option<u64>,
}

pub(super) fn read(path: &Path) -> Result<TracerTest, VectorError> {
    let Test { mut genesis, context, input, tracer_config, result } = file::json(path)?;
    let config = config(std::mem::take(&mut genesis.config)).map_err(VectorError::json(path))?;
    let spec =
        ChainSpec::rules(&Genesis { config, ..Genesis::default() }).map_err(VectorError::fork(path))?;
    let (transaction, sender) = transaction(&input)
        .map_err(|problem| VectorError::Transaction { path: path.to_path_buf(), problem })?;
    let header = header(&spec, &context, &genesis, &transaction);
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    Ok(TracerTest {
        path: path.to_path_buf(),
        tracer: folder.to_string_lossy().into_owned(),
        tracer_config,
        spec,
        block: block(header, transaction, sender),
        codes: codes(&genesis.alloc),
        reads: reads(genesis.alloc),
        result,
    })
}

/// Go reads field names whatever their case, and some files rely on it (`IstanbulBlock`).
fn config(written: serde_json::Map<String, Value>) -> Result<ChainConfig, serde_json::Error> {
    let config = written.into_iter().map(|(name, value)| (decapitalized(&name), value)).collect();
    serde_json::from_value(Value::Object(config))
}

fn decapitalized(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().into_iter().flat_map(char::to_lowercase).collect::<String>() + rest.as_str()
}

fn transaction(input: &[u8]) -> Result<(Transaction, Address), String> {
    let transaction = Transaction::decode_2718_exact(input).map_err(|error| error.to_string())?;
    // Unchecked: before Homestead a high s was allowed.
    let sender = transaction.recover_signer_unchecked().map_err(|error| error.to_string())?;
    Ok((transaction, sender))
}

fn header(spec: &ChainSpec, context: &Context, parent: &Parent, transaction: &Transaction) -> Header {
    let active = |fork| spec.is_active(fork, context.number, context.timestamp, context.difficulty);
    let cancun = active(Fork::Cancun);
    Header {
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: context.miner,
        transactions_root: calculate_transaction_root(std::slice::from_ref(transaction)),
        difficulty: context.difficulty,
        number: context.number,
        gas_limit: context.gas_limit,
        timestamp: context.timestamp,
        mix_hash: if active(Fork::Paris) { parent.mix_hash } else { B256::ZERO },
        base_fee_per_gas: context.base_fee_per_gas.filter(|_| active(Fork::London)),
        withdrawals_root: active(Fork::Shanghai).then_some(EMPTY_WITHDRAWALS),
        blob_gas_used: cancun.then(|| transaction.blob_gas_used().unwrap_or(0)),
        excess_blob_gas: cancun.then(|| excess_blob_gas(spec, context, parent)),
        parent_beacon_block_root: cancun.then_some(B256::ZERO),
        requests_hash: active(Fork::Prague).then_some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    }
}

fn excess_blob_gas(spec: &ChainSpec, context: &Context, parent: &Parent) -> u64 {
    let (Some(params), Some(excess), Some(used)) =
        (spec.blob_params(context.timestamp), parent.excess_blob_gas, parent.blob_gas_used)
    else {
        return 0;
    };
    params.next_block_excess_blob_gas_osaka(excess, used, parent.base_fee_per_gas.unwrap_or(0))
}

fn block(header: Header, transaction: Transaction, sender: Address) -> RecoveredBlock {
    let withdrawals = header.withdrawals_root.map(|_| Default::default());
    let body = BlockBody { transactions: vec![transaction], ommers: Vec::new(), withdrawals };
    RecoveredBlock { hash: header.hash_slow(), block: Block { header, body }, senders: vec![sender] }
}

fn codes(alloc: &BTreeMap<Address, AllocAccount>) -> B256Map<Bytes> {
    let codes = alloc.values().map(|account| &account.code).filter(|code| !code.is_empty());
    codes.map(|code| (keccak256(code), code.clone())).collect()
}

fn reads(alloc: BTreeMap<Address, AllocAccount>) -> WitnessReads {
    WitnessReads {
        absence: Absence::MeansNonexistent,
        accounts: alloc.into_iter().map(account).collect(),
        creation_checks: Vec::new(),
        block_hashes: Vec::new(),
        transaction_roots: Vec::new(),
        total_difficulty: None,
    }
}

fn account((address, written): (Address, AllocAccount)) -> AccountWitness {
    let AllocAccount { balance, nonce, code, storage } = written;
    let code_hash = if code.is_empty() { KECCAK_EMPTY } else { keccak256(&code) };
    AccountWitness {
        address,
        account: Some(Account { nonce, balance, code_hash }),
        storage: storage.into_iter().map(|(slot, value)| (slot.0, value.0)).collect(),
    }
}
