//! Merkle proofs of accounts and slots at the head (EIP-1186).

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::rpc::types::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy::serde::JsonStorageKey;
use blockmill_store::{Store, StoreError};
use blockmill_trie::{EMPTY_ROOT_HASH, TrieAccount, account_proof, storage_proof};

use crate::error::RunError;

/// The proof of an account and of some of its slots, as `eth_getProof` answers for the last executed block. It starts from
/// the state root in that block's header, or the answer is an error.
///
/// # Errors
/// A store without state, or one that is damaged.
pub fn proof(
    store: &Store,
    address: Address,
    slots: &[U256],
) -> Result<EIP1186AccountProofResponse, RunError> {
    let number = store.execute_checkpoint()?.ok_or(RunError::NothingExecuted)?;
    let header = store.header(number)?.ok_or(StoreError::UnknownBlock { number })?;
    let hashed = keccak256(address);
    let (account, nodes) = account_proof(store, hashed)?;
    let root = root_of(&nodes);
    if root != header.state_root {
        return Err(RunError::DamagedTrie { block: number, expected: header.state_root, actual: root });
    }
    let account = account.unwrap_or_default();
    let storage_proof = slots.iter().map(|slot| slot_proof(store, hashed, *slot));
    let TrieAccount { nonce, balance, storage_root, code_hash, .. } = account;
    Ok(EIP1186AccountProofResponse {
        address,
        balance,
        code_hash,
        nonce,
        storage_hash: storage_root,
        account_proof: nodes,
        storage_proof: storage_proof.collect::<Result<_, _>>()?,
    })
}

fn slot_proof(store: &Store, owner: B256, slot: U256) -> Result<EIP1186StorageProof, RunError> {
    let (value, proof) = storage_proof(store, owner, keccak256(B256::from(slot)))?;
    Ok(EIP1186StorageProof { key: JsonStorageKey::Number(slot), value, proof })
}

/// The hash that the first node of a proof has; that of the empty trie where there is none.
fn root_of(nodes: &[Bytes]) -> B256 {
    nodes.first().map_or(EMPTY_ROOT_HASH, keccak256)
}
