//! A process that dies while it writes leaves a log whose end is missing; the store must then hold whole batches only.

use std::fs;
use std::path::{Path, PathBuf};

use crate::samples::{empty, empty_block, open, witness_of};
use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Account, BlockChanges, ChangeSet, StateReader};
use blockmill_store::Store;
use blockmill_testkit::folder::copy;
use blockmill_trie::{BranchNodeCompact, Nibbles, TrieAccount, TrieId, TrieReader, TrieUpdates};

const BATCHES: u64 = 20;

fn hash_of(number: u64) -> B256 {
    B256::from(U256::from(number))
}

/// A leaf and a branch that are replaced by each block.
fn rows_of(number: u64) -> TrieUpdates {
    let account = TrieAccount { balance: U256::from(number), ..TrieAccount::default() };
    let branch = BranchNodeCompact::new(3u16, 0u16, 1u16, vec![hash_of(number)], None);
    TrieUpdates {
        accounts: vec![(B256::ZERO, Some(account))],
        branches: vec![(Nibbles::default(), Some(branch))],
        storage: Vec::new(),
    }
}

/// Each batch carries a block, its changes, the trie, the way back, its witness and both checkpoints.
fn commit(store: &Store, number: u64) {
    let mut changes = BlockChanges::default();
    let account = Account { balance: U256::from(number), ..Account::default() };
    changes.accounts.insert(Address::ZERO, Some(account));
    let mut batch = store.batch();
    batch.put_block(&empty_block(number)).unwrap();
    batch.put_changes(&changes).unwrap();
    batch.put_trie(&rows_of(number)).unwrap();
    batch.put_change_set(number, &ChangeSet::default());
    batch.put_witness(number, &witness_of(1));
    batch.set_source_checkpoint(number);
    batch.set_execute_checkpoint(number);
    batch.commit().unwrap();
}

/// RocksDB's write-ahead log.
pub(crate) fn log_of(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder.join("rocksdb")).unwrap().map(|entry| entry.unwrap().path());
    let logs = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.max().expect("an open store has a log")
}

#[test]
fn rows_and_checkpoints_are_one_write_wherever_the_log_ends() {
    let (folder, store) = empty();
    (1..=BATCHES).for_each(|number| commit(&store, number));
    let bytes = fs::metadata(log_of(folder.path())).unwrap().len();
    let mut seen = Vec::new();
    for cut in (0..=40).map(|step| bytes * step / 40) {
        let crashed = tempfile::tempdir().unwrap();
        // While the process has it open: no clean shutdown has touched it.
        copy(folder.path(), crashed.path()).unwrap();
        fs::OpenOptions::new().write(true).open(log_of(crashed.path())).unwrap().set_len(cut).unwrap();
        let survivor = open(crashed.path());
        let last = survivor.last_block().unwrap();
        assert_eq!(survivor.source_checkpoint().unwrap(), last, "cut at {cut}");
        assert_eq!(survivor.execute_checkpoint().unwrap(), last, "cut at {cut}");
        let balance = survivor.account(Address::ZERO).unwrap().map(|account| account.balance);
        assert_eq!(balance, last.map(U256::from), "cut at {cut}");
        let leaf = survivor.hashed_accounts().next().transpose().unwrap();
        assert_eq!(leaf.map(|(_, account)| account.balance), last.map(U256::from), "cut at {cut}");
        let branch = survivor.branch(TrieId::Accounts, &Nibbles::default()).unwrap();
        assert_eq!(branch.map(|branch| branch.hashes[0]), last.map(hash_of), "cut at {cut}");
        let is_kept = |number| survivor.change_set(number).unwrap().is_some();
        assert!((1..=BATCHES).all(|number| is_kept(number) == (Some(number) <= last)), "cut at {cut}");
        let witness_bytes = witness_of(1).encode().len() as u64;
        assert_eq!(survivor.witness_bytes(), last.unwrap_or(0) * witness_bytes, "cut at {cut}");
        seen.push(last);
    }
    assert_eq!((seen.first(), seen.last()), (Some(&None), Some(&Some(BATCHES))));
}

#[test]
fn a_killed_process_loses_nothing_that_was_committed() {
    let (folder, store) = empty();
    (1..=BATCHES).for_each(|number| commit(&store, number));
    let crashed = tempfile::tempdir().unwrap();
    copy(folder.path(), crashed.path()).unwrap();
    let survivor = open(crashed.path());
    assert_eq!(survivor.execute_checkpoint().unwrap(), Some(BATCHES));
    commit(&survivor, BATCHES + 1);
    assert_eq!(survivor.last_block().unwrap(), Some(BATCHES + 1));
}
