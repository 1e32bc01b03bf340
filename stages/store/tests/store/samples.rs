//! Blocks, accounts and witnesses to store, and folders to store them in.

use alloy::consensus::{Header, Signed, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxLegacy};
use alloy::eips::eip2930::{AccessList, AccessListItem};
use alloy::eips::eip4895::{Withdrawal, Withdrawals};
use alloy::eips::eip7702::{Authorization, SignedAuthorization};
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use blockmill_chain::{Absence, Account, AccountWitness, Block, RecoveredBlock, Transaction, WitnessReads};
use blockmill_store::{Store, StoreOptions, StoredBlock};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::path::Path;
use tempfile::TempDir;

pub(crate) const OPTIONS: StoreOptions = StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES };

pub(crate) fn open(folder: &Path) -> Store {
    Store::open(folder, OPTIONS).unwrap()
}

/// An empty store and the folder that goes away with it.
pub(crate) fn empty() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    (folder, store)
}

pub(crate) fn word() -> impl Strategy<Value = U256> {
    (any::<[u8; 32]>(), 0usize..256).prop_map(|(bytes, shift)| U256::from_be_bytes(bytes) >> shift)
}

pub(crate) fn hash() -> impl Strategy<Value = B256> {
    any::<[u8; 32]>().prop_map(B256::from)
}

pub(crate) fn address() -> impl Strategy<Value = Address> {
    any::<[u8; 20]>().prop_map(Address::from)
}

fn bytes() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..80).prop_map(Bytes::from)
}

prop_compose! {
    pub(crate) fn account()(nonce in any::<u64>(), balance in word(), code_hash in hash()) -> Account {
        Account { nonce, balance, code_hash }
    }
}

prop_compose! {
    fn signature()(r in word(), s in word(), odd in any::<bool>()) -> Signature {
        Signature::new(r, s, odd)
    }
}

prop_compose! {
    fn access_list()(items in vec((address(), vec(hash(), 0..3)), 0..3)) -> AccessList {
        let item = |(address, storage_keys)| AccessListItem { address, storage_keys };
        AccessList(items.into_iter().map(item).collect())
    }
}

prop_compose! {
    fn authorization()(chain_id in word(), address in address(), nonce in any::<u64>(), r in word(), s in word()) -> SignedAuthorization {
        SignedAuthorization::new_unchecked(Authorization { chain_id, address, nonce }, 1, r, s)
    }
}

prop_compose! {
    /// A transaction of any type.
    fn transaction()(
        kind in 0u8..5,
        (chain_id, nonce, gas_limit, price) in (1u64..1 << 40, any::<u64>(), any::<u64>(), any::<u64>()),
        (to, value, input) in (option::of(address()), word(), bytes()),
        (access_list, blob_hashes) in (access_list(), vec(hash(), 1..3)),
        (authorizations, signature) in (vec(authorization(), 1..3), signature()),
    ) -> Transaction {
        let (price, destination) = (u128::from(price), to.unwrap_or_default());
        let to = to.map_or(TxKind::Create, TxKind::Call);
        match kind {
            0 => {
                let chain_id = (nonce % 2 == 0).then_some(chain_id);
                let tx = TxLegacy { chain_id, nonce, gas_price: price, gas_limit, to, value, input };
                Transaction::Legacy(Signed::new_unhashed(tx, signature))
            }
            1 => {
                let tx = TxEip2930 { chain_id, nonce, gas_price: price, gas_limit, to, value, access_list, input };
                Transaction::Eip2930(Signed::new_unhashed(tx, signature))
            }
            2 => {
                let tx = TxEip1559 {
                    chain_id, nonce, gas_limit, max_fee_per_gas: price, max_priority_fee_per_gas: price / 2,
                    to, value, access_list, input,
                };
                Transaction::Eip1559(Signed::new_unhashed(tx, signature))
            }
            3 => {
                let tx = TxEip4844 {
                    chain_id, nonce, gas_limit, max_fee_per_gas: price, max_priority_fee_per_gas: price / 2,
                    to: destination, value, access_list, blob_versioned_hashes: blob_hashes,
                    max_fee_per_blob_gas: price, input,
                };
                Transaction::Eip4844(Signed::new_unhashed(tx, signature))
            }
            _ => {
                let tx = TxEip7702 {
                    chain_id, nonce, gas_limit, max_fee_per_gas: price, max_priority_fee_per_gas: price / 2,
                    to: destination, value, access_list, authorization_list: authorizations, input,
                };
                Transaction::Eip7702(Signed::new_unhashed(tx, signature))
            }
        }
    }
}

prop_compose! {
    fn header()(number in any::<u64>(), gas_used in any::<u64>(), root in hash(), difficulty in word(), london in any::<bool>()) -> Header {
        let base_fee_per_gas = london.then_some(gas_used);
        Header { number, gas_used, state_root: root, difficulty, base_fee_per_gas, ..Header::default() }
    }
}

prop_compose! {
    fn withdrawal()(index in any::<u64>(), validator_index in any::<u64>(), address in address(), amount in any::<u64>()) -> Withdrawal {
        Withdrawal { index, validator_index, address, amount }
    }
}

prop_compose! {
    /// A block of any age; what a real one would not have together may be together.
    pub(crate) fn block()(
        header in header(),
        transactions in vec((transaction(), address()), 0..5),
        ommers in vec(header(), 0..2),
        withdrawals in option::of(vec(withdrawal(), 0..3)),
        total_difficulty in option::of(word()),
        transaction_roots in vec(hash(), 0..3),
    ) -> StoredBlock {
        let (transactions, senders) = transactions.into_iter().unzip();
        let mut block = Block { header, body: Default::default() };
        block.body.transactions = transactions;
        block.body.ommers = ommers;
        block.body.withdrawals = withdrawals.map(Withdrawals::new);
        let block = RecoveredBlock { hash: block.header.hash_slow(), block, senders };
        StoredBlock { block, total_difficulty, transaction_roots }
    }
}

prop_compose! {
    pub(crate) fn witness()(
        exact in any::<bool>(),
        accounts in vec((address(), option::of(account()), vec((word(), word()), 0..4)), 0..5),
        creation_checks in vec((address(), any::<bool>()), 0..3),
        block_hashes in vec((any::<u64>(), hash()), 0..3),
        transaction_roots in vec(hash(), 0..3),
        total_difficulty in option::of(word()),
    ) -> WitnessReads {
        let absence = if exact { Absence::Exact } else { Absence::MeansNonexistent };
        let account = |(address, account, storage)| AccountWitness { address, account, storage };
        let accounts = accounts.into_iter().map(account).collect();
        WitnessReads { absence, accounts, creation_checks, block_hashes, transaction_roots, total_difficulty }
    }
}

/// An empty block with this number.
pub(crate) fn empty_block(number: u64) -> StoredBlock {
    let block = Block { header: Header { number, ..Header::default() }, body: Default::default() };
    let block = RecoveredBlock { hash: block.header.hash_slow(), block, senders: Vec::new() };
    StoredBlock { block, total_difficulty: None, transaction_roots: Vec::new() }
}

/// A witness of as many accounts.
pub(crate) fn witness_of(accounts: u8) -> WitnessReads {
    let account = |n| AccountWitness {
        address: Address::with_last_byte(n),
        account: Some(Account::default()),
        storage: vec![(U256::from(n), U256::MAX)],
    };
    WitnessReads {
        absence: Absence::Exact,
        accounts: (0..accounts).map(account).collect(),
        creation_checks: Vec::new(),
        block_hashes: Vec::new(),
        transaction_roots: Vec::new(),
        total_difficulty: None,
    }
}
