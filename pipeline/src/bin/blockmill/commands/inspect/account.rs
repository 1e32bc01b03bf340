//! An account as it is after the last executed block.

use std::io;
use std::path::Path;

use alloy::primitives::utils::format_ether;
use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Account, CodeSource, StateReader};
use blockmill_pipeline::proof;
use blockmill_store::Store;

use super::block::{lower, trimmed};
use super::{CommandError, opened};
use crate::text::{count, fields};

/// The lines of an account.
pub(super) fn show(address: Address, slots: &[U256], data_dir: &Path) -> Result<Vec<String>, CommandError> {
    let store = opened::store(data_dir)?;
    let head = store.execute_checkpoint()?.ok_or_else(|| CommandError::NoState { path: data_dir.into() })?;
    let mut facts = vec![("address", lower(address)), ("after block", count(head))];
    match store.account(address)? {
        Some(account) => facts.extend(account_facts(&store, account)?),
        None => facts.push(("account", "does not exist".to_owned())),
    }
    for slot in slots {
        let value = B256::from(store.storage(address, *slot)?);
        facts.push(("slot", format!("{} = {value}", B256::from(*slot))));
    }
    Ok(fields(&facts))
}

/// The proof of an account, as JSON.
pub(super) fn prove(address: Address, slots: &[U256], data_dir: &Path) -> Result<Vec<String>, CommandError> {
    let proof = proof(&opened::store(data_dir)?, address, slots)?;
    Ok(vec![serde_json::to_string_pretty(&proof).map_err(io::Error::from)?])
}

fn account_facts(store: &Store, account: Account) -> Result<[(&'static str, String); 4], CommandError> {
    let code_bytes = store.code(account.code_hash)?.map_or(0, |code| code.len());
    let ether = format_ether(account.balance);
    Ok([
        ("balance", format!("{} wei ({} ether)", account.balance, trimmed(&ether))),
        ("nonce", count(account.nonce)),
        ("code_hash", account.code_hash.to_string()),
        ("code", format!("{} bytes", count(code_bytes as u64))),
    ])
}
