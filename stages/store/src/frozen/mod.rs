//! Stored rows, frozen: the fixture holds every row of a small store as `family key value`. A change of any byte is a new
//! format.

mod current;
mod damage;

use alloy::consensus::{Header, Signed, TxEip1559, TxLegacy};
use alloy::eips::eip4895::{Withdrawal, Withdrawals};
use alloy::eips::eip7928::{AccountChanges, BalanceChange, BlockAccessIndex, BlockAccessList};
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256, hex, keccak256};
use blockmill_chain::{
    Absence, Account, AccountWitness, Block, BlockChanges, CodeSource, RecoveredBlock, StateReader,
    StorageChanges, Transaction, WitnessReads,
};
use rocksdb::WriteBatch;

use crate::options::read_whole_family;
use crate::{Family, Identity, Store, StoreKind, StoreOptions, StoredBlock};

const FORMAT_1: &str = include_str!("../../fixtures/v1.txt");
const OPTIONS: StoreOptions = StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES };
const OWNER: Address = Address::repeat_byte(0x11);
const CODE: &[u8] = &[0x60, 0x01, 0x50];

fn identity() -> Identity {
    Identity {
        chain_id: 1,
        genesis_hash: B256::repeat_byte(0xaa),
        kind: StoreKind::Witnesses,
        first_block: 15_000_000,
    }
}

fn block() -> StoredBlock {
    let signature = Signature::new(U256::from(1), U256::from(2), true);
    let legacy = TxLegacy { gas_price: 7, gas_limit: 21_000, to: TxKind::Call(OWNER), ..TxLegacy::default() };
    let dynamic = TxEip1559 { chain_id: 1, value: U256::from(5), to: TxKind::Create, ..TxEip1559::default() };
    let header = Header { number: 258, timestamp: 1_438_269_988, ..Header::default() };
    let mut block = Block { header, body: Default::default() };
    block.body.transactions = vec![
        Transaction::Legacy(Signed::new_unhashed(legacy, signature)),
        Transaction::Eip1559(Signed::new_unhashed(dynamic, signature)),
    ];
    block.body.ommers = vec![Header { number: 257, ..Header::default() }];
    let withdrawal = Withdrawal { index: 1, validator_index: 2, address: OWNER, amount: 3 };
    block.body.withdrawals = Some(Withdrawals::new(vec![withdrawal]));
    let senders = vec![Address::repeat_byte(0x21), Address::repeat_byte(0x22)];
    StoredBlock {
        block: RecoveredBlock { hash: block.header.hash_slow(), block, senders },
        total_difficulty: Some(U256::from(0x1_0000_0000u64)),
        transaction_roots: vec![B256::repeat_byte(0x31), B256::repeat_byte(0x32)],
    }
}

fn access_list() -> BlockAccessList {
    let balance = BalanceChange { block_access_index: BlockAccessIndex::new(1), post_balance: U256::from(7) };
    vec![AccountChanges {
        address: OWNER,
        storage_reads: vec![U256::from(1)],
        balance_changes: vec![balance],
        ..AccountChanges::default()
    }]
}

fn account() -> Account {
    Account { nonce: 1, balance: U256::from(1_000_000_007), code_hash: keccak256(CODE) }
}

fn changes() -> BlockChanges {
    let slots = [(U256::from(1), U256::from(0x0100)), (U256::MAX, U256::MAX), (U256::from(2), U256::ZERO)];
    let mut changes = BlockChanges::default();
    changes.accounts.insert(OWNER, Some(account()));
    changes.accounts.insert(Address::ZERO, None);
    changes.storage.insert(OWNER, StorageChanges { wiped: false, slots: slots.into_iter().collect() });
    changes.code.insert(keccak256(CODE), Bytes::from_static(CODE));
    changes
}

fn witness() -> WitnessReads {
    let present = AccountWitness {
        address: OWNER,
        account: Some(account()),
        storage: vec![(U256::from(1), U256::ZERO), (U256::MAX, U256::from(9))],
    };
    let absent = AccountWitness { address: Address::repeat_byte(0x12), account: None, storage: Vec::new() };
    WitnessReads {
        absence: Absence::Exact,
        accounts: vec![present, absent],
        creation_checks: vec![(Address::repeat_byte(0x13), true)],
        block_hashes: vec![(257, B256::repeat_byte(0x41))],
        transaction_roots: Vec::new(),
        total_difficulty: None,
    }
}

fn empty() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), OPTIONS).unwrap();
    (folder, store)
}

fn dump(store: &Store) -> String {
    let mut text = String::new();
    for family in Family::ALL {
        let rows = store.scan(family, read_whole_family(), |key, value| {
            Ok(format!("{} {}\n", hex::encode(key), hex::encode(value)))
        });
        for row in rows {
            text += &format!("{} {}", family.name(), row.unwrap());
        }
    }
    text
}

/// The rows of a fixture.
fn rows(text: &str) -> impl Iterator<Item = (Family, Vec<u8>, Vec<u8>)> {
    text.lines().map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let family = Family::ALL.into_iter().find(|family| family.name() == name).unwrap();
        let mut bytes = || hex::decode(words.next().unwrap()).unwrap();
        (family, bytes(), bytes())
    })
}

fn load(store: &Store, text: &str) {
    let mut batch = WriteBatch::default();
    for (family, key, value) in rows(text) {
        batch.put_cf(store.column(family), key, value);
    }
    store.write(batch, false).unwrap();
    store.load_witness_bytes().unwrap();
}

/// Everything but the trie and the change sets.
fn assert_flat_rows(store: &Store) {
    assert_eq!(store.identity().unwrap(), Some(identity()));
    assert_eq!(store.block(258).unwrap(), Some(block()));
    assert_eq!(store.number_of(block().block.hash).unwrap(), Some(258));
    assert_eq!(store.account(OWNER).unwrap(), Some(account()));
    let slots = [(U256::from(1), U256::from(0x0100)), (U256::MAX, U256::MAX)];
    assert_eq!(store.storage_of(OWNER).unwrap(), slots);
    assert_eq!(store.code(keccak256(CODE)).unwrap(), Some(Bytes::from_static(CODE)));
    assert_eq!(store.witness(258).unwrap(), Some(witness()));
    assert_eq!(store.witness_bytes(), witness().encode().len() as u64);
    assert_eq!(
        (store.source_checkpoint().unwrap(), store.execute_checkpoint().unwrap()),
        (Some(258), Some(257))
    );
}
