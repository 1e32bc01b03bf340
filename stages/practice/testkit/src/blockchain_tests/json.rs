//! The shape of a consensus test file, old (ethereum/tests) and new (EEST): the new one gives chain id and blob parameters
//! beside the network's name, and of an invalid block what a decoder should make of it (`rlp_decoded`, not read here).

use std::collections::BTreeMap;
use std::path::Path;

use alloy::eips::eip7840::BlobParams;
use alloy::genesis::{ChainConfig, Genesis, GenesisAccount};
use alloy::primitives::{Address, B64, B256, Bytes, U256};
use blockmill_chain::ChainSpec;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{BlockchainTest, PostState, SealEngine, TestBlock, TestHeader, network};
use crate::expected_state::{ExpectedAccount, ExpectedState};
use crate::number::Word;
use crate::{VectorError, file, number};

/// Everything before the network's name in the reason for refusing a block.
const EXCEPTION: &str = "expectException";

pub(super) fn read(path: &Path) -> Result<Vec<BlockchainTest>, VectorError> {
    let tests: BTreeMap<String, Test> = file::json(path)?;
    tests.into_iter().map(|(name, test)| test.checked(path, name)).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    network: String,
    #[serde(default)]
    config: Config,
    genesis_block_header: Header,
    #[serde(rename = "genesisRLP")]
    genesis_rlp: Bytes,
    pre: BTreeMap<Address, Account>,
    blocks: Vec<Block>,
    #[serde(rename = "lastblockhash")]
    last_block_hash: B256,
    #[serde(flatten)]
    post: Post,
    seal_engine: Engine,
}

/// What new files say of the network beside its name.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default, rename = "chainid", deserialize_with = "number::optional_u64")]
    chain_id: Option<u64>,
    #[serde(default)]
    blob_schedule: BTreeMap<String, Blobs>,
}

/// Blob parameters by the names of EIP-7840, as hex strings.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blobs {
    #[serde(deserialize_with = "number::u64")]
    target: u64,
    #[serde(deserialize_with = "number::u64")]
    max: u64,
    #[serde(deserialize_with = "number::u64")]
    base_fee_update_fraction: u64,
}

#[derive(Deserialize)]
enum Post {
    #[serde(rename = "postState")]
    Accounts(BTreeMap<Address, Account>),
    #[serde(rename = "postStateHash")]
    Root(B256),
}

#[derive(Deserialize)]
enum Engine {
    NoProof,
    Ethash,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    hash: B256,
    parent_hash: B256,
    state_root: B256,
    coinbase: Address,
    mix_hash: B256,
    nonce: B64,
    extra_data: Bytes,
    #[serde(deserialize_with = "number::u64")]
    number: u64,
    #[serde(deserialize_with = "number::u64")]
    timestamp: u64,
    #[serde(deserialize_with = "number::u64")]
    gas_limit: u64,
    #[serde(deserialize_with = "number::u256")]
    difficulty: U256,
    #[serde(default, deserialize_with = "number::optional_u64")]
    base_fee_per_gas: Option<u64>,
    #[serde(default, deserialize_with = "number::optional_u64")]
    blob_gas_used: Option<u64>,
    #[serde(default, deserialize_with = "number::optional_u64")]
    excess_blob_gas: Option<u64>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(deserialize_with = "number::u256")]
    balance: U256,
    #[serde(deserialize_with = "number::u64")]
    nonce: u64,
    code: Bytes,
    storage: BTreeMap<Word, Word>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    rlp: Bytes,
    block_header: Option<Header>,
    #[serde(rename = "chainname")]
    chain_name: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, TextOrElse>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrElse {
    Text(String),
    Else(IgnoredAny),
}

impl Test {
    fn checked(self, path: &Path, name: String) -> Result<BlockchainTest, VectorError> {
        let path = path.to_path_buf();
        let config = network::config(&self.network).ok_or_else(|| self.network.clone());
        let config = match config.and_then(|config| self.config.written_over(config)) {
            Ok(config) => config,
            Err(network) => return Err(VectorError::Network { path, test: name, network }),
        };
        let header = &self.genesis_block_header;
        let (genesis_hash, genesis_state_root) = (header.hash, header.state_root);
        let genesis = genesis(config, self.genesis_block_header, self.pre);
        Ok(BlockchainTest {
            spec: ChainSpec::custom(&genesis).map_err(VectorError::fork(&path))?,
            genesis,
            genesis_hash,
            genesis_state_root,
            genesis_rlp: self.genesis_rlp,
            blocks: self.blocks.into_iter().map(|block| block.of(&self.network)).collect(),
            last_block_hash: self.last_block_hash,
            post: self.post.into(),
            seal_engine: self.seal_engine.into(),
            network: self.network,
            path,
            name,
        })
    }
}

impl Config {
    /// The network's configuration with what the file says instead; the error is the name of a fork that is not known.
    fn written_over(&self, mut config: ChainConfig) -> Result<ChainConfig, String> {
        config.chain_id = self.chain_id.unwrap_or(config.chain_id);
        for (fork, blobs) in &self.blob_schedule {
            let name = network::blob_schedule_name(fork).ok_or_else(|| fork.clone())?;
            config.blob_schedule.insert(name, blobs.into());
        }
        Ok(config)
    }
}

/// As alloy reads a genesis file's `blobSchedule`.
impl From<&Blobs> for BlobParams {
    fn from(written: &Blobs) -> Self {
        Self {
            target_blob_count: written.target,
            max_blob_count: written.max,
            update_fraction: written.base_fee_update_fraction.into(),
            max_blobs_per_tx: written.max,
            ..Self::cancun()
        }
    }
}

impl Block {
    fn of(self, network: &str) -> TestBlock {
        let header = self.block_header.map(|Header { hash, parent_hash, number, .. }| TestHeader {
            hash,
            parent_hash,
            number,
        });
        let expect_exception = exception(self.rest, network);
        TestBlock { rlp: self.rlp, header, expect_exception, chain_name: self.chain_name }
    }
}

/// The reason given for all networks, or for this one.
fn exception(mut rest: BTreeMap<String, TextOrElse>, network: &str) -> Option<String> {
    ["", "ALL", network].into_iter().find_map(|of| match rest.remove(&format!("{EXCEPTION}{of}")) {
        Some(TextOrElse::Text(reason)) => Some(reason),
        Some(TextOrElse::Else(IgnoredAny)) | None => None,
    })
}

fn genesis(config: ChainConfig, header: Header, pre: BTreeMap<Address, Account>) -> Genesis {
    Genesis {
        config,
        nonce: header.nonce.into(),
        timestamp: header.timestamp,
        extra_data: header.extra_data,
        gas_limit: header.gas_limit,
        difficulty: header.difficulty,
        mix_hash: header.mix_hash,
        coinbase: header.coinbase,
        alloc: pre.into_iter().map(|(address, account)| (address, account.into())).collect(),
        base_fee_per_gas: header.base_fee_per_gas.map(u128::from),
        excess_blob_gas: header.excess_blob_gas,
        blob_gas_used: header.blob_gas_used,
        number: Some(header.number),
        parent_hash: Some(header.parent_hash),
        ..Genesis::default()
    }
}

impl From<Account> for GenesisAccount {
    fn from(account: Account) -> Self {
        let word = |(slot, value): (Word, Word)| (slot.0.into(), value.0.into());
        Self::default()
            .with_nonce(Some(account.nonce))
            .with_balance(account.balance)
            .with_code(Some(account.code))
            .with_storage(Some(account.storage.into_iter().map(word).collect()))
    }
}

impl From<Account> for ExpectedAccount {
    fn from(account: Account) -> Self {
        let storage = account.storage.into_iter().map(|(slot, value)| (slot.0, value.0)).collect();
        Self::new(account.balance, account.nonce, account.code, storage)
    }
}

impl From<Post> for PostState {
    fn from(post: Post) -> Self {
        match post {
            Post::Accounts(accounts) => {
                let accounts = accounts.into_iter().map(|(address, account)| (address, account.into()));
                Self::Accounts(accounts.collect::<ExpectedState>())
            }
            Post::Root(root) => Self::Root(root),
        }
    }
}

impl From<Engine> for SealEngine {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::NoProof => Self::NoProof,
            Engine::Ethash => Self::Ethash,
        }
    }
}
