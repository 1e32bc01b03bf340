//! Balances, nonces, code, storage and proofs at the head, out of the store.

use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Account, CodeSource, StateReader};
use blockmill_store::Store;
use serde_json::{Value, json};

/// `eth_getBalance`.
pub(super) fn balance(store: &Store, params: &[Value]) -> Value {
    json!(account(store, &params[0]).balance)
}

/// `eth_getTransactionCount`.
pub(super) fn nonce(store: &Store, params: &[Value]) -> Value {
    json!(U256::from(account(store, &params[0]).nonce))
}

/// `eth_getCode`.
pub(super) fn code(store: &Store, params: &[Value]) -> Value {
    json!(store.code(account(store, &params[0]).code_hash).unwrap().unwrap())
}

/// `eth_getStorageAt`.
pub(super) fn storage_at(store: &Store, params: &[Value]) -> Value {
    let slot = slot(&params[1]);
    json!(B256::from(store.storage(address(&params[0]), slot).unwrap()))
}

/// `eth_getProof`.
pub(super) fn proof(store: &Store, params: &[Value]) -> Value {
    let slots: Vec<_> = params[1].as_array().unwrap().iter().map(slot).collect();
    serde_json::to_value(blockmill_pipeline::proof(store, address(&params[0]), &slots).unwrap()).unwrap()
}

fn address(param: &Value) -> Address {
    param.as_str().unwrap().parse().unwrap()
}

fn slot(param: &Value) -> U256 {
    param.as_str().unwrap().parse().unwrap()
}

/// The account; an empty one where there is none.
fn account(store: &Store, param: &Value) -> Account {
    StateReader::account(store, address(param)).unwrap().unwrap_or_default()
}
