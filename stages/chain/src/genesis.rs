//! Block 0 and the state it starts from.

use alloy::consensus::constants::{EMPTY_WITHDRAWALS, KECCAK_EMPTY};
use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy::eips::eip1559::INITIAL_BASE_FEE;
use alloy::eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy::eips::eip7928::constants::EMPTY_BLOCK_ACCESS_LIST_HASH;
use alloy::genesis::Genesis;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};

use crate::{Account, BlockChanges, ChainSpec, Fork, StorageChanges};

/// An account of the genesis state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenesisAccount {
    /// The address of the account.
    pub address: Address,
    /// Nonce, balance, code hash.
    pub account: Account,
    /// Its code, empty where it has none.
    pub code: Bytes,
    /// Its non-zero slots, sorted.
    pub storage: Vec<(U256, U256)>,
}

/// The genesis block: its accounts, and its header for a given state root.
#[derive(Debug, Clone)]
pub struct GenesisBlock {
    /// The accounts, sorted by address.
    pub accounts: Vec<GenesisAccount>,
    header: Header,
}

impl GenesisBlock {
    /// Takes the alloc and the header fields out of a genesis file.
    pub fn new(genesis: &Genesis, spec: &ChainSpec) -> Self {
        Self { accounts: accounts_of(genesis), header: header_of(genesis, spec) }
    }

    /// The state as changes to one without any account.
    pub fn changes(&self) -> BlockChanges {
        let mut changes = BlockChanges::default();
        for GenesisAccount { address, account, code, storage } in &self.accounts {
            changes.accounts.insert(*address, Some(*account));
            if !code.is_empty() {
                changes.code.insert(account.code_hash, code.clone());
            }
            if !storage.is_empty() {
                let slots = storage.iter().copied().collect();
                changes.storage.insert(*address, StorageChanges { wiped: false, slots });
            }
        }
        changes
    }

    /// The header with the root that was computed from [`accounts`](Self::accounts).
    pub fn header(&self, state_root: B256) -> Header {
        Header { state_root, ..self.header.clone() }
    }
}

fn accounts_of(genesis: &Genesis) -> Vec<GenesisAccount> {
    let account = |(address, written): (&Address, &alloy::genesis::GenesisAccount)| {
        let code = written.code.clone().unwrap_or_default();
        let code_hash = if code.is_empty() { KECCAK_EMPTY } else { keccak256(&code) };
        let slots = written.storage_slots().filter(|(_, value)| !value.is_zero());
        GenesisAccount {
            address: *address,
            account: Account { nonce: written.nonce.unwrap_or(0), balance: written.balance, code_hash },
            code,
            storage: slots.map(|(slot, value)| (slot.into(), value)).collect(),
        }
    };
    genesis.alloc.iter().map(account).collect()
}

/// Fields that came with a fork are there from genesis on where the fork is active at genesis.
fn header_of(genesis: &Genesis, spec: &ChainSpec) -> Header {
    let number = genesis.number.unwrap_or(0);
    let active = |fork| spec.is_active(fork, number, genesis.timestamp, genesis.difficulty);
    let (cancun, amsterdam) = (active(Fork::Cancun), active(Fork::Amsterdam));
    Header {
        parent_hash: genesis.parent_hash.unwrap_or_default(),
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: genesis.coinbase,
        difficulty: genesis.difficulty,
        number,
        gas_limit: genesis.gas_limit,
        timestamp: genesis.timestamp,
        mix_hash: genesis.mix_hash,
        nonce: genesis.nonce.into(),
        extra_data: genesis.extra_data.clone(),
        base_fee_per_gas: active(Fork::London).then(|| {
            genesis.base_fee_per_gas.and_then(|fee| fee.try_into().ok()).unwrap_or(INITIAL_BASE_FEE)
        }),
        withdrawals_root: active(Fork::Shanghai).then_some(EMPTY_WITHDRAWALS),
        blob_gas_used: cancun.then(|| genesis.blob_gas_used.unwrap_or(0)),
        excess_blob_gas: cancun.then(|| genesis.excess_blob_gas.unwrap_or(0)),
        parent_beacon_block_root: cancun.then_some(B256::ZERO),
        requests_hash: active(Fork::Prague).then_some(EMPTY_REQUESTS_HASH),
        block_access_list_hash: amsterdam.then_some(EMPTY_BLOCK_ACCESS_LIST_HASH),
        slot_number: amsterdam.then(|| genesis.slot_number.unwrap_or(0)),
        ..Header::default()
    }
}
