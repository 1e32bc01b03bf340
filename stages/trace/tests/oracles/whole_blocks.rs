//! What stands in a block besides transactions, and what happens where a witness lacks a read.

use alloy::consensus::Header;
use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Absence, Account, AccountWitness, Block, RecoveredBlock, Witness};
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_trace::{FrameMemory, TableRows, trace_block};
use revm::bytecode::opcode;

use crate::assembler::push;
use crate::replayed::{CODE_CACHE_BYTES, Replayed, everything, seal};
use crate::scene::{MAIN, Scene, frontier, prague};
use crate::trace_row::{Payloads, traces_of};

const ETHER: u128 = 10u128.pow(18);

#[test]
fn rewards_come_after_the_transactions_block_first_then_ommers() {
    let scene = Scene::new(frontier(), &[]);
    let mut witness = scene.witness();
    seal(&scene.spec, &mut witness, &scene);
    let beneficiary = Address::repeat_byte(0xee);
    let header = &mut witness.block.block.header;
    (header.number, header.ommers_hash) = (9, B256::repeat_byte(1));
    witness.block.block.body.ommers = vec![
        Header { number: 8, beneficiary, ..Header::default() },
        Header { number: 3, beneficiary, ..Header::default() },
    ];
    let replayed = Replayed::of(&scene.spec, &witness, &scene, false).unwrap();
    let traces = replayed.traces();
    let rewards: Vec<_> = traces.iter().map(|row| (row.reward_type.as_deref(), row.to, row.value)).collect();
    assert_eq!(
        rewards[1..],
        [
            (Some("block"), Some(Address::ZERO), Some(U256::from(5 * ETHER + 2 * 5 * ETHER / 32))),
            (Some("uncle"), Some(beneficiary), Some(U256::from(5 * ETHER * 7 / 8))),
            (Some("uncle"), Some(beneficiary), Some(U256::from(5 * ETHER * 2 / 8))),
        ]
    );
    assert!(
        traces[1..].iter().all(|row| row.from.is_none() && row.transaction_success.is_none() && row.success)
    );
    assert_eq!(traces.iter().map(|row| row.trace_index).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(replayed.batch(Dataset::Ommers).unwrap().num_rows(), 2);
}

#[test]
fn a_block_that_came_without_its_ommers_has_no_reward_rows() {
    let scene = Scene::new(frontier(), &[]);
    let mut witness = scene.witness();
    seal(&scene.spec, &mut witness, &scene);
    witness.block.block.header.ommers_hash = B256::repeat_byte(1);
    let replayed = Replayed::of(&scene.spec, &witness, &scene, false).unwrap();
    assert!(replayed.traces().iter().all(|row| row.trace_type != "reward"));
}

#[test]
fn genesis_has_its_accounts_and_nothing_of_the_block_before() {
    let scene = Scene::new(frontier(), &[opcode::STOP]);
    let header = Header { receipts_root: alloy::consensus::constants::EMPTY_RECEIPTS, ..Header::default() };
    let block = Block { header, ..Block::default() };
    let block = RecoveredBlock { hash: B256::ZERO, block, senders: Vec::new() };
    let genesis = Witness { block, reads: scene.witness().reads };
    let mut executed = scene.witness();
    seal(&scene.spec, &mut executed, &scene);

    let mut rows = TableRows::new(&everything(false), usize::MAX, FrameMemory::unlimited());
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    trace_block(&frontier(), &executed, &codes, &scene, &mut rows, &mut Vec::new()).unwrap();
    rows.flush(&mut Vec::new()).unwrap();
    let mut written = Vec::new();
    trace_block(&frontier(), &genesis, &codes, &scene, &mut rows, &mut written).unwrap();
    rows.flush(&mut written).unwrap();

    let found: Vec<_> = written.iter().map(|(dataset, batch)| (dataset.name(), batch.num_rows())).collect();
    let has = |what: fn(&Account) -> bool| {
        let accounts = genesis.reads.accounts.iter().filter_map(|written| written.account);
        accounts.filter(what).count()
    };
    let all = has(|_| true);
    let rich = has(|account| !account.balance.is_zero());
    assert!(rich > 0 && rich < all, "the scene has accounts with and without a balance");
    let expected = [
        ("blocks", 1),
        ("traces", rich),
        ("native_transfers", rich),
        ("balance_diffs", all),
        ("nonce_diffs", all),
        ("code_diffs", all),
    ];
    assert_eq!(found, expected);
    let (_, traces) = written.iter().find(|(dataset, _)| *dataset == Dataset::Traces).unwrap();
    assert!(
        traces_of(traces, &Payloads::new())
            .iter()
            .all(|row| row.trace_type == "genesis" && row.from.is_none())
    );
}

/// Replays with an exact witness from which one read is missing.
fn error_without(change: impl Fn(&mut Witness)) -> String {
    let code = [push(U256::from(7)), vec![opcode::SLOAD, opcode::STOP]].concat();
    let scene = Scene::new(frontier(), &code);
    let mut witness = scene.witness();
    seal(&scene.spec, &mut witness, &scene);
    let beneficiary = AccountWitness { address: Address::ZERO, account: None, storage: Vec::new() };
    witness.reads.accounts.insert(0, beneficiary);
    witness.reads.absence = Absence::Exact;
    change(&mut witness);
    let mut rows = TableRows::new(&everything(false), usize::MAX, FrameMemory::unlimited());
    let (codes, mut written) = (CodeCache::new(CODE_CACHE_BYTES), Vec::new());
    let error = trace_block(&scene.spec, &witness, &codes, &scene, &mut rows, &mut written).unwrap_err();
    assert!(!error.is_verification(), "the chain is not at fault: {error}");
    assert_eq!(rows.rows(), 0);
    error.to_string()
}

#[test]
fn a_read_that_an_exact_witness_lacks_is_an_error_that_names_it() {
    let slot = error_without(|_| ());
    assert!(slot.contains("the witness lacks slot 0x7") && slot.contains(&MAIN.to_string()), "{slot}");
    let account = error_without(|witness| witness.reads.accounts.retain(|entry| entry.address != MAIN));
    assert!(account.contains(&format!("the witness lacks account {MAIN}")), "{account}");
}

#[test]
fn a_block_hash_that_a_witness_lacks_is_an_error_even_where_absence_means_nonexistent() {
    let code = [push(U256::ZERO), vec![opcode::BLOCKHASH, opcode::STOP]].concat();
    let scene = Scene::new(prague(), &code);
    let mut witness = scene.witness();
    witness.reads.block_hashes = vec![(0, B256::repeat_byte(5))];
    seal(&scene.spec, &mut witness, &scene);
    Replayed::of(&scene.spec, &witness, &scene, false).unwrap();
    witness.reads.block_hashes.clear();
    let error = Replayed::of(&scene.spec, &witness, &scene, false).err().unwrap();
    assert!(error.to_string().contains("the witness lacks the hash of block 0"), "{error}");
}
