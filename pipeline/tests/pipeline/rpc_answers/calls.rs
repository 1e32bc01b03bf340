//! Calls on the state at the head.

use alloy::primitives::{Address, Bytes, U256};
use blockmill_chain::ChainSpec;
use blockmill_execute::{CodeCache, ViewCalls};
use blockmill_store::Store;
use serde_json::{Value, json};

/// What geth gives a call that names no gas.
const GAS_CAP: u64 = 50_000_000;

/// `eth_call` of a contract from the zero address: the `result`, or the code of the `error`.
pub(super) fn call(spec: &ChainSpec, store: &Store, params: &[Value]) -> Value {
    let head = store.execute_checkpoint().unwrap().unwrap();
    let header = store.header(head).unwrap().unwrap();
    let codes = CodeCache::new(1 << 20);
    let call = &params[0];
    assert_eq!(call["from"], json!(Address::ZERO));
    let to = call["to"].as_str().unwrap().parse().unwrap();
    let input: Bytes = call["input"].as_str().unwrap_or("0x").parse().unwrap();
    let gas = call["gas"].as_str().map_or(GAS_CAP, |gas| gas.parse::<U256>().unwrap().to());
    let returned = ViewCalls::new(spec, &header, store, &codes).call(to, input, gas).unwrap();
    returned.map_or_else(|| json!({ "code": REVERTED }), |returned| json!(returned))
}

/// The code of geth's error where a call was reverted.
const REVERTED: u64 = 3;
