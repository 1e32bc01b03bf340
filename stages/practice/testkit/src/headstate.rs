//! `headstate.json`: geth's dump of the whole state at the head of a chain.
//!
//! Keys of `storage` are the slots themselves, not their hashes (geth had the preimages), padded to 32 bytes with
//! `0x`; values are hex without `0x` and without leading zeros. Numbers are decimal.

use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::{Address, B256, Bytes, U256};
use serde::Deserialize;

use crate::expected_state::{ExpectedAccount, ExpectedState};
use crate::number::Word;
use crate::{VectorError, file, number};

/// A dump: its accounts and the state root that geth had for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadState {
    /// State root of the head block.
    pub root: B256,
    /// Every account of the state.
    pub accounts: ExpectedState,
}

/// Reads a `headstate.json` or `headstate.json.gz`.
pub fn read(path: &Path) -> Result<HeadState, VectorError> {
    let dump: Dump = file::json(path)?;
    let accounts = dump.accounts.into_iter().map(|(address, account)| (address, account.into()));
    Ok(HeadState { root: dump.root, accounts: accounts.collect() })
}

#[derive(Deserialize)]
struct Dump {
    root: B256,
    accounts: BTreeMap<Address, DumpAccount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DumpAccount {
    #[serde(deserialize_with = "number::u256")]
    balance: U256,
    #[serde(deserialize_with = "number::u64")]
    nonce: u64,
    code_hash: B256,
    #[serde(default)]
    code: Bytes,
    #[serde(default)]
    storage: BTreeMap<Word, Word>,
}

impl From<DumpAccount> for ExpectedAccount {
    fn from(dump: DumpAccount) -> Self {
        let storage = dump.storage.into_iter().map(|(slot, value)| (slot.0, value.0)).collect();
        Self { code_hash: dump.code_hash, ..Self::new(dump.balance, dump.nonce, dump.code, storage) }
    }
}
