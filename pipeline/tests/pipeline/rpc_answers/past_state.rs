//! Balances, nonces, code and storage after any block, out of the diffs.

use alloy::primitives::{U256, keccak256};
use serde_json::{Value, json};

use super::tables::number_of;
use crate::harness::Tables;

/// Compares what an answer says about accounts and slots with what the diffs say of the same block; how many values that
/// were.
pub(super) fn compare(tables: &Tables, method: &str, params: &[Value], geths: &Value) -> usize {
    let number = block_of(tables, method, params).unwrap();
    let at = At { tables, number, address: params[0].as_str().unwrap() };
    match method {
        "eth_getBalance" => assert_eq!(at.balance(), *geths),
        "eth_getTransactionCount" => assert_eq!(at.nonce(), *geths),
        "eth_getCode" => assert_eq!(json!(at.code()), *geths),
        "eth_getStorageAt" => {
            let value: U256 = at.slot(&params[1]);
            assert_eq!(json!(alloy::primitives::B256::from(value)), *geths);
        }
        "eth_getProof" => return at.compare_proof(geths),
        _ => panic!("{method} does not ask for state"),
    }
    1
}

/// `eth_getBalance`.
pub(super) fn balance(tables: &Tables, params: &[Value]) -> Value {
    let number = block_of(tables, "eth_getBalance", params).unwrap();
    At { tables, number, address: params[0].as_str().unwrap() }.balance()
}

/// The block that is asked about: the head, if none is named.
pub(super) fn block_of(tables: &Tables, method: &str, params: &[Value]) -> Option<u64> {
    let position = if matches!(method, "eth_getProof" | "eth_getStorageAt") { 2 } else { 1 };
    number_of(tables, params.get(position).unwrap_or(&json!("latest")))
}

/// An account as of a block.
struct At<'a> {
    tables: &'a Tables,
    number: u64,
    address: &'a str,
}

impl At<'_> {
    fn value(&self, of: &str) -> Option<String> {
        self.tables.value(&format!("SELECT {of}"))
    }

    fn number(&self, of: &str) -> Value {
        let value = self.value(&format!("{of}(bin('{}'), {})::VARCHAR", self.address, self.number));
        json!(value.unwrap_or("0".into()).parse::<U256>().unwrap())
    }

    fn balance(&self) -> Value {
        self.number("balance_at")
    }

    fn nonce(&self) -> Value {
        self.number("nonce_at")
    }

    fn code(&self) -> String {
        self.value(&format!("hex0x(code_at(bin('{}'), {}))", self.address, self.number))
            .unwrap_or("0x".into())
    }

    fn slot(&self, slot: &Value) -> U256 {
        let slot: U256 = slot.as_str().unwrap().parse().unwrap();
        let value = self.value(&format!(
            "u256_dec(storage_at(bin('{}'), u256('{slot}'), {}))",
            self.address, self.number
        ));
        value.unwrap().parse().unwrap()
    }

    fn compare_proof(&self, geths: &Value) -> usize {
        assert_eq!(self.balance(), geths["balance"]);
        assert_eq!(self.nonce(), geths["nonce"]);
        let code = alloy::primitives::hex::decode(self.code()).unwrap();
        assert_eq!(json!(keccak256(code)), geths["codeHash"]);
        let slots = geths["storageProof"].as_array().unwrap();
        for slot in slots {
            assert_eq!(json!(self.slot(&slot["key"])), slot["value"]);
        }
        3 + slots.len()
    }
}
