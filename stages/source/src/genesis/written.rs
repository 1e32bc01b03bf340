//! A genesis file as it is written, and what it means.

use std::collections::BTreeMap;

use alloy::genesis::{ChainConfig, GenesisAccount};
use alloy::primitives::{Address, B256, Bytes};
use blockmill_chain::fork_keys;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::GenesisError;
use super::number::{GenesisNumber, parse};

/// What geth puts in the place of a gas limit of zero.
const DEFAULT_GAS_LIMIT: u64 = 4_712_388;

/// The keys that count; geth reads them in any case, and some tools write them in another.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenGenesis {
    config: Option<Map<String, Value>>,
    nonce: Option<GenesisNumber>,
    timestamp: Option<GenesisNumber>,
    #[serde(alias = "extradata")]
    extra_data: Option<Bytes>,
    #[serde(alias = "gaslimit")]
    gas_limit: Option<GenesisNumber>,
    difficulty: Option<GenesisNumber>,
    #[serde(alias = "mixhash")]
    mix_hash: Option<B256>,
    coinbase: Option<Address>,
    alloc: Option<BTreeMap<Address, Account>>,
    number: Option<GenesisNumber>,
    #[serde(alias = "parenthash")]
    parent_hash: Option<B256>,
    base_fee_per_gas: Option<GenesisNumber>,
    excess_blob_gas: Option<GenesisNumber>,
    blob_gas_used: Option<GenesisNumber>,
    slot_number: Option<GenesisNumber>,
}

#[derive(Deserialize)]
struct Account {
    balance: GenesisNumber,
    nonce: Option<GenesisNumber>,
    code: Option<Bytes>,
    #[serde(default, deserialize_with = "alloy::serde::storage::deserialize_storage_map")]
    storage: Option<BTreeMap<B256, B256>>,
}

/// Why a genesis file cannot be used.
pub(super) enum Refusal {
    Genesis(GenesisError),
    /// An error in `config`; its line is counted from the start of that part.
    Json(serde_json::Error),
}

impl From<GenesisError> for Refusal {
    fn from(error: GenesisError) -> Self {
        Self::Genesis(error)
    }
}

impl WrittenGenesis {
    pub(super) fn into_genesis(self) -> Result<alloy::genesis::Genesis, Refusal> {
        let Some(config) = &self.config else {
            return Err(GenesisError::Missing { keys: [vec!["config"], self.missing()].concat() }.into());
        };
        let config = config_of(config)?;
        Ok(alloy::genesis::Genesis { config, ..self.into_known_genesis()? })
    }

    /// Like `into_genesis`, for a chain whose rules are known: `config` is ignored.
    pub(super) fn into_known_genesis(self) -> Result<alloy::genesis::Genesis, Refusal> {
        let (Some(alloc), Some(gas_limit), Some(difficulty)) = (&self.alloc, self.gas_limit, self.difficulty)
        else {
            return Err(GenesisError::Missing { keys: self.missing() }.into());
        };
        let gas_limit = u64_of("gasLimit", gas_limit)?;
        let optional =
            |key, number: Option<GenesisNumber>| number.map(|number| u64_of(key, number)).transpose();
        Ok(alloy::genesis::Genesis {
            config: ChainConfig::default(),
            nonce: optional("nonce", self.nonce)?.unwrap_or(0),
            timestamp: optional("timestamp", self.timestamp)?.unwrap_or(0),
            extra_data: self.extra_data.clone().unwrap_or_default(),
            gas_limit: if gas_limit == 0 { DEFAULT_GAS_LIMIT } else { gas_limit },
            difficulty: difficulty.0,
            mix_hash: self.mix_hash.unwrap_or_default(),
            coinbase: self.coinbase.unwrap_or_default(),
            alloc: alloc.iter().map(account_of).collect::<Result<_, _>>()?,
            number: optional("number", self.number)?,
            parent_hash: self.parent_hash,
            base_fee_per_gas: optional("baseFeePerGas", self.base_fee_per_gas)?.map(u128::from),
            excess_blob_gas: optional("excessBlobGas", self.excess_blob_gas)?,
            blob_gas_used: optional("blobGasUsed", self.blob_gas_used)?,
            slot_number: optional("slotNumber", self.slot_number)?,
        })
    }

    /// The required keys of the block that are not there.
    fn missing(&self) -> Vec<&'static str> {
        let keys = [
            ("alloc", self.alloc.is_some()),
            ("gasLimit", self.gas_limit.is_some()),
            ("difficulty", self.difficulty.is_some()),
        ];
        keys.into_iter().filter(|(_, is_there)| !is_there).map(|(key, _)| key).collect()
    }
}

fn u64_of(key: &str, GenesisNumber(number): GenesisNumber) -> Result<u64, GenesisError> {
    let too_large = |_| GenesisError::TooLarge { key: key.into(), value: number.to_string(), most: "2^64-1" };
    u64::try_from(number).map_err(too_large)
}

fn account_of((address, written): (&Address, &Account)) -> Result<(Address, GenesisAccount), GenesisError> {
    let nonce =
        written.nonce.map(|nonce| u64_of(&format!("the nonce of {address:#x}"), nonce)).transpose()?;
    let account = GenesisAccount {
        nonce,
        balance: written.balance.0,
        code: written.code.clone(),
        storage: written.storage.clone(),
        ..GenesisAccount::default()
    };
    Ok((*address, account))
}

/// The keys of `config` that are known besides those of the forks.
const OTHER_KEYS: [&str; 7] = [
    "chainId",
    "daoForkSupport",
    "mergeNetsplitBlock",
    "terminalTotalDifficulty",
    "terminalTotalDifficultyPassed",
    "depositContractAddress",
    "blobSchedule",
];

/// A key as geth writes it; it reads them in any case, as Besu does.
fn canonical(key: &str) -> &str {
    // Besu's older name.
    if key.eq_ignore_ascii_case("constantinopleFixBlock") {
        return "petersburgBlock";
    }
    fork_keys().chain(OTHER_KEYS).find(|known| known.eq_ignore_ascii_case(key)).unwrap_or(key)
}

/// The configuration, with its keys and numbers as the reader of the library takes them.
fn config_of(written: &Map<String, Value>) -> Result<ChainConfig, Refusal> {
    let named = written.iter().map(|(key, value)| (canonical(key).to_owned(), value.clone()));
    let mut config: Map<String, Value> = named.collect();
    // The library would take 1, which is mainnet's.
    if config.get("chainId").is_none_or(Value::is_null) {
        return Err(GenesisError::Missing { keys: vec!["config.chainId"] }.into());
    }
    refuse_foreign_rules(&config)?;
    for (key, value) in &mut config {
        let Some(number) = value.as_str().and_then(parse) else { continue };
        match u64::try_from(number) {
            Ok(number) if key == "chainId" || is_scheduled(key) => *value = number.into(),
            // No block has such a number.
            Err(_) if key.ends_with("Block") => *value = u64::MAX.into(),
            Err(_) if key == "chainId" || is_scheduled(key) => {
                let (key, value) = (format!("config.{key}"), number.to_string());
                return Err(GenesisError::TooLarge { key, value, most: "2^64-1" }.into());
            }
            _ => {}
        }
    }
    // Besu knows the two EIPs of Spurious Dragon by the block of one.
    if let (None, Some(block)) = (config.get("eip155Block"), config.get("eip158Block").cloned()) {
        config.insert("eip155Block".into(), block);
    }
    serde_json::from_value(Value::Object(config)).map_err(Refusal::Json)
}

/// Keys of Besu, Quorum and the OP Stack that change what a valid block is, with the value that changes nothing.
const FOREIGN_RULES: [(&str, u64); 6] = [
    ("contractSizeLimit", 24_576),
    ("maxCodeSize", 24),
    ("evmStackSize", 1_024),
    ("zeroBaseFee", 0),
    ("isQuorum", 0),
    ("optimism", 0),
];

fn refuse_foreign_rules(config: &Map<String, Value>) -> Result<(), GenesisError> {
    let is_off = |value: &Value, usual: u64| match value {
        Value::Null | Value::Bool(false) => true,
        value => value.as_u64().or_else(|| value.as_str()?.parse().ok()) == Some(usual),
    };
    for (key, usual) in FOREIGN_RULES {
        if let Some(value) = config.get(key).filter(|value| !is_off(value, usual)) {
            return Err(GenesisError::ForeignRule { key, value: value.to_string() });
        }
    }
    // Besu reads its keys in any case.
    let ethash = config.get("ethash").and_then(Value::as_object).into_iter().flatten();
    let fixed = ethash.into_iter().find(|(key, _)| key.eq_ignore_ascii_case("fixeddifficulty"));
    let mines = config.get("terminalTotalDifficulty").is_none_or(|total| !is_off(total, 0));
    match fixed {
        Some((_, value)) if mines => {
            Err(GenesisError::ForeignRule { key: "ethash.fixeddifficulty", value: value.to_string() })
        }
        _ => Ok(()),
    }
}

/// Whether a key has the block or the time of a fork.
fn is_scheduled(key: &str) -> bool {
    key.ends_with("Block") || key.ends_with("Time")
}
