//! Block access lists (EIP-7928): those of execution against lists made by other code, and lists that are wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use alloy::consensus::Header;
use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::eips::eip7928::{
    AccountChanges, BalanceChange, BlockAccessIndex, BlockAccessList, CodeChange, NonceChange, SlotChanges,
    StorageChange, compute_block_access_list_hash,
};
use alloy::primitives::{Address, B256, U256};
use alloy::rlp::{self as alloy_rlp, Decodable};
use blockmill_chain::{Account, Ancestry, ChainSpec, GenesisBlock};
use blockmill_devchain::{Profile, Request};
use blockmill_execute::{
    AccountAccess, BlockPart, BlockState, CodeCache, NoObserver, check_block, execute_block,
};
use blockmill_pipeline::Settings;
use blockmill_source::{ReadLimit, Source};
use blockmill_testkit::state_map::MapState;

use crate::devchain::make;
use crate::harness::{Workplace, command, run};

/// System calls before the first transaction: EIP-2935 and EIP-4788.
const CALLS_BEFORE: usize = 2;

/// A chain that crosses into Amsterdam amid its blocks.
fn request() -> Request {
    let forks = "bpo2@0,amsterdam@12".parse().unwrap();
    Request { forks, accounts: 60, ..Request::new(Profile::MainnetMix, 40, 3) }
}

/// What one account is at an index, as lists hold it.
fn of(account: Option<Account>) -> Account {
    account.unwrap_or_default()
}

/// The access list of a block out of what its parts read and changed: the records that diffs and reads are made of.
fn list_of(parts: &[BlockPart], transactions: usize, code: impl Fn(B256) -> Vec<u8>) -> BlockAccessList {
    #[derive(Default)]
    struct Entry {
        changes: AccountChanges,
        slots: BTreeMap<U256, Vec<StorageChange>>,
        reads: BTreeSet<U256>,
    }
    let mut entries: BTreeMap<Address, Entry> = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        let index = match part.transaction {
            Some(transaction) => u64::from(transaction) + 1,
            None if at < CALLS_BEFORE => 0,
            None => transactions as u64 + 1,
        };
        let block_access_index = BlockAccessIndex::new(index);
        for AccountAccess { address, before, after, slots, .. } in &part.accounts {
            let entry = entries.entry(*address).or_default();
            let (before, after) = (of(*before), of(*after));
            if before.balance != after.balance {
                let change = BalanceChange { block_access_index, post_balance: after.balance };
                entry.changes.balance_changes.push(change);
            }
            if before.nonce != after.nonce {
                entry.changes.nonce_changes.push(NonceChange { block_access_index, new_nonce: after.nonce });
            }
            if before.code_hash != after.code_hash {
                let new_code =
                    if after.code_hash == KECCAK_EMPTY { Vec::new() } else { code(after.code_hash) };
                entry.changes.code_changes.push(CodeChange::new(block_access_index, new_code.into()));
            }
            for slot in slots.iter().filter(|slot| slot.is_loaded) {
                match slot.before == slot.after {
                    true => drop(entry.reads.insert(slot.slot)),
                    false => entry
                        .slots
                        .entry(slot.slot)
                        .or_default()
                        .push(StorageChange { block_access_index, new_value: slot.after }),
                }
            }
        }
    }
    let finished = entries.into_iter().map(|(address, Entry { changes, slots, reads })| AccountChanges {
        address,
        storage_reads: reads.into_iter().filter(|slot| !slots.contains_key(slot)).collect(),
        storage_changes: slots.into_iter().map(|(slot, changes)| SlotChanges::new(slot, changes)).collect(),
        ..changes
    });
    finished.collect()
}

#[test]
fn lists_of_execution_are_those_of_what_was_read_and_changed() {
    let place = Workplace::new();
    let (_, settings) = make(&place, &request());
    let genesis =
        serde_json::from_slice(&fs::read(place.path("chain").join("genesis.json")).unwrap()).unwrap();
    let spec = ChainSpec::custom(&genesis).unwrap();
    let start = GenesisBlock::new(&genesis, &spec);
    let mut state = MapState::new(&start.accounts);
    let mut source = Source::open(&settings.sources, &spec).unwrap();
    let limit = ReadLimit { blocks: usize::MAX, bytes: usize::MAX };
    let codes = CodeCache::new(1 << 24);
    let mut compared = 0;
    for sourced in source.read(1, &Ancestry::unknown(), limit).unwrap() {
        let block = &sourced.block;
        state.set_block_hash(block.number() - 1, block.header().parent_hash);
        let mut view = BlockState::new(&state, &codes, true);
        view.record_parts();
        let executed = execute_block(&spec, block, &mut view, &mut NoObserver {}, |_| Ok(())).unwrap();
        check_block(&spec, block, &executed, &[]).unwrap();
        let parts = view.take_parts();
        let changes = view.changes();
        assert_eq!(sourced.access_list.is_some(), block.number() >= 12, "block {}", block.number());
        if let Some(written) = &sourced.access_list {
            assert_eq!(Some(written), executed.access_list.as_ref(), "block {}", block.number());
            let code = |hash| view.code(hash).unwrap().to_vec();
            let made = list_of(&parts, block.senders.len(), code);
            assert_eq!(*written, made, "block {}", block.number());
            compared += made.len();
        }
        state.apply(&changes);
    }
    assert!(compared > 1_000, "{compared} accounts");
}

/// The elements of each block in a file: header, transactions, ommers, withdrawals, access list.
fn blocks(file: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let (mut rest, mut blocks) = (file, Vec::new());
    while !rest.is_empty() {
        let mut payload = alloy_rlp::Header::decode_bytes(&mut rest, true).unwrap();
        let mut elements = Vec::new();
        while !payload.is_empty() {
            let start = payload;
            let length = alloy_rlp::Header::decode(&mut payload).unwrap().payload_length;
            payload = &payload[length..];
            elements.push(start[..start.len() - payload.len()].to_vec());
        }
        blocks.push(elements);
    }
    blocks
}

fn file_of(blocks: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let mut file = Vec::new();
    for elements in blocks {
        let payload = elements.concat();
        alloy_rlp::Header { list: true, payload_length: payload.len() }.encode(&mut file);
        file.extend(payload);
    }
    file
}

/// A chain whose last block has another list, and a header that commits to it, unless `keeps_header`.
fn altered(change: impl FnOnce(&mut BlockAccessList), keeps_header: bool) -> (Workplace, Settings) {
    let place = Workplace::new();
    let (_, settings) = make(&place, &request());
    let path = place.path("chain").join("chain.rlp");
    let mut blocks = blocks(&fs::read(&path).unwrap());
    let last = blocks.last_mut().unwrap();
    let mut list = BlockAccessList::decode(&mut &last[4][..]).unwrap();
    change(&mut list);
    last[4] = alloy_rlp::encode(&list);
    if !keeps_header {
        let mut header = Header::decode(&mut &last[0][..]).unwrap();
        header.block_access_list_hash = Some(compute_block_access_list_hash(&list));
        last[0] = alloy_rlp::encode(&header);
    }
    fs::write(&path, file_of(&blocks)).unwrap();
    (place, settings)
}

/// What is said of such a chain on the command line, which ends with 3: not verified.
fn refused(change: impl FnOnce(&mut BlockAccessList), keeps_header: bool) -> String {
    let (_place, settings) = altered(change, keeps_header);
    let output = command(&settings).args(["--log", "plain"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("block 40"), "{said}");
    said
}

#[test]
fn a_list_that_is_not_that_of_the_execution_is_refused_with_block_and_account() {
    let address = |said: &str, address: Address| assert!(said.contains(&format!("{address:#x}")), "{said}");
    let mut account = Address::ZERO;
    let missing = refused(|list| account = list.remove(3).address, false);
    address(&missing, account);
    assert!(missing.contains("is missing, which execution accesses"), "{missing}");

    let stranger = Address::repeat_byte(0x77);
    let surplus = refused(
        |list| {
            list.push(AccountChanges { address: stranger, ..AccountChanges::default() });
            list.sort_unstable_by_key(|account| account.address);
        },
        false,
    );
    address(&surplus, stranger);
    assert!(surplus.contains("which execution does not access"), "{surplus}");

    let slot = refused(
        |list| {
            let reader = list.iter_mut().find(|account| !account.storage_reads.is_empty()).unwrap();
            account = reader.address;
            reader.storage_reads.push(U256::MAX);
        },
        false,
    );
    address(&slot, account);
    assert!(slot.contains("storage reads") && slot.contains("execution gives nothing"), "{slot}");

    let balance = refused(
        |list| {
            let payer = list.iter_mut().find(|account| !account.balance_changes.is_empty()).unwrap();
            account = payer.address;
            payer.balance_changes[0].post_balance += U256::ONE;
        },
        false,
    );
    address(&balance, account);
    assert!(balance.contains("balance changes"), "{balance}");
}

#[test]
fn a_list_out_of_order_and_one_that_is_not_the_headers_are_refused_unread() {
    let mut account = Address::ZERO;
    let order = refused(
        |list| {
            list.swap(2, 3);
            account = list[3].address;
        },
        false,
    );
    assert!(order.contains(&format!("{account:#x}")) && order.contains("order"), "{order}");
    let other = refused(|list| drop(list.pop()), true);
    assert!(other.contains("block access list hash"), "{other}");
}

#[test]
fn files_without_lists_give_the_same_tables_and_headers_are_still_compared() {
    let whole = Workplace::new();
    let (_, settings) = make(&whole, &request());
    run(&settings).unwrap();
    assert_eq!(whole.tables().broken_checks(), Vec::<String>::new());
    let place = Workplace::new();
    let (_, settings) = make(&place, &request());
    let path = place.path("chain").join("chain.rlp");
    let mut blocks = blocks(&fs::read(&path).unwrap());
    assert_eq!(blocks.iter().filter(|block| block.len() == 5).count(), 29);
    blocks.iter_mut().for_each(|block| block.truncate(4));
    fs::write(&path, file_of(&blocks)).unwrap();
    run(&settings).unwrap();
    assert_eq!(place.tables().contents(), whole.tables().contents());

    let last = blocks.last_mut().unwrap();
    let mut header = Header::decode(&mut &last[0][..]).unwrap();
    header.block_access_list_hash = Some(B256::ZERO);
    last[0] = alloy_rlp::encode(&header);
    let place = Workplace::new();
    let (_, settings) = make(&place, &request());
    fs::write(place.path("chain").join("chain.rlp"), file_of(&blocks)).unwrap();
    let error = run(&settings).unwrap_err().to_string();
    assert!(error.contains("block 40 does not verify: block access list hash"), "{error}");
}
