//! Balances, nonces, code, storage and proofs at the head, out of the store.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::rlp;
use alloy_trie::proof::{ProofNodes, ProofRetainer};
use alloy_trie::{HashBuilder, Nibbles, TrieAccount};
use blockmill_chain::{Account, CodeSource, HashedStateReader, StateReader};
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

/// `eth_getProof` of an account that exists.
pub(super) fn proof(store: &Store, params: &[Value]) -> Value {
    let address = address(&params[0]);
    let account = StateReader::account(store, address).unwrap().unwrap();
    let slots: Vec<_> = params[1].as_array().unwrap().iter().map(slot).collect();
    let (storage_root, storage_nodes) = storage_trie(store, address, &slots);
    let storage_proof = slots.iter().map(|slot| {
        let value = store.storage(address, *slot).unwrap();
        json!({ "key": slot, "value": value, "proof": path(&storage_nodes, B256::from(*slot)) })
    });
    json!({
        "address": address,
        "accountProof": path(&account_trie(store, address), address),
        "balance": account.balance,
        "codeHash": account.code_hash,
        "nonce": U256::from(account.nonce),
        "storageHash": storage_root,
        "storageProof": storage_proof.collect::<Vec<_>>(),
    })
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

/// The nodes of the state trie on the way to an account.
fn account_trie(store: &Store, address: Address) -> ProofNodes {
    let leaves = store.hashed_accounts().map(|account| {
        let (hashed, Account { nonce, balance, code_hash }) = account.unwrap();
        let (storage_root, _) = trie(storage_leaves(store, hashed), &[]);
        (hashed, rlp::encode(TrieAccount { nonce, balance, storage_root, code_hash }))
    });
    trie(leaves, &[keccak256(address)]).1
}

fn storage_trie(store: &Store, address: Address, slots: &[U256]) -> (B256, ProofNodes) {
    let targets: Vec<_> = slots.iter().map(|slot| keccak256(B256::from(*slot))).collect();
    trie(storage_leaves(store, keccak256(address)), &targets)
}

fn storage_leaves(store: &Store, account: B256) -> impl Iterator<Item = (B256, Vec<u8>)> {
    let slots = store.hashed_storage(account).map(Result::unwrap);
    slots.map(|(slot, value)| (slot, rlp::encode(value)))
}

/// The root of a trie of hashed keys in ascending order, and its nodes on the ways to the targets.
fn trie(leaves: impl Iterator<Item = (B256, Vec<u8>)>, targets: &[B256]) -> (B256, ProofNodes) {
    let targets = targets.iter().map(Nibbles::unpack).collect();
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets));
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), &value);
    }
    (builder.root(), builder.take_proof_nodes())
}

/// The nodes on the way to a key, from the root.
fn path(nodes: &ProofNodes, key: impl AsRef<[u8]>) -> Vec<Bytes> {
    let nodes = nodes.matching_nodes_sorted(&Nibbles::unpack(keccak256(key)));
    nodes.into_iter().map(|(_, node)| node).collect()
}
