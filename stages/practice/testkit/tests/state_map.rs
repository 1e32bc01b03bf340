//! The state in memory through its public interface.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use blockmill_chain::{Account, BlockChanges, CodeSource, GenesisAccount, StateReader, StorageChanges};
use blockmill_testkit::expected_state::{ExpectedAccount, ExpectedState};
use blockmill_testkit::state_map::{MapState, UnknownBlockHash};
use blockmill_trie::{Nibbles, TrieReader, Visit};

const ONE: Address = Address::with_last_byte(1);
const TWO: Address = Address::with_last_byte(2);

fn word(number: u64) -> U256 {
    U256::from(number)
}

fn rich() -> MapState {
    let code = Bytes::from_static(&[0x60, 0x00]);
    let account = Account { nonce: 1, balance: word(10), code_hash: keccak256(&code) };
    MapState::new(&[GenesisAccount {
        address: ONE,
        account,
        code,
        storage: vec![(word(1), word(7)), (word(2), word(8))],
    }])
}

#[test]
fn a_genesis_state_is_read_back() {
    let state = rich();
    let account = state.account(ONE).unwrap().unwrap();
    assert_eq!(account.balance, word(10));
    assert_eq!(state.code(account.code_hash).unwrap().unwrap().len(), 2);
    assert_eq!(state.storage(ONE, word(2)).unwrap(), word(8));
    assert_eq!(state.storage(ONE, word(3)).unwrap(), U256::ZERO);
    assert_eq!(state.account(TWO).unwrap(), None);
}

#[test]
fn a_wipe_comes_before_the_new_slots() {
    let mut state = rich();
    let mut changes = BlockChanges::default();
    let slots = [(word(2), U256::ZERO), (word(3), word(9))].into_iter().collect();
    changes.storage.insert(ONE, StorageChanges { wiped: true, slots });
    changes.accounts.insert(ONE, None);
    changes.accounts.insert(TWO, Some(Account::default()));
    state.apply(&changes);
    assert_eq!(state.storage_of(ONE).unwrap(), [(word(3), word(9))]);
    assert_eq!((state.account(ONE).unwrap(), state.account(TWO).unwrap()), (None, Some(Account::default())));
}

#[test]
fn a_block_hash_must_have_been_given() {
    let mut state = rich();
    assert_eq!(state.block_hash(5), Err(UnknownBlockHash { number: 5 }));
    state.set_block_hash(5, B256::repeat_byte(5));
    assert_eq!(state.block_hash(5), Ok(B256::repeat_byte(5)));
}

#[test]
fn differences_name_address_and_slot() {
    let account = |balance, slot| {
        let code = Bytes::from_static(&[0x60, 0x00]);
        ExpectedAccount::new(word(balance), 1, code, [(word(1), word(slot)), (word(2), word(8))].into())
    };
    assert!(rich().differences(&ExpectedState::from([(ONE, account(10, 7))])).is_empty());
    let found = rich().differences(&ExpectedState::from([(ONE, account(11, 6)), (TWO, account(0, 0))]));
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found[0].ends_with("01 balance: expected 11, actual 10"), "{}", found[0]);
    assert!(found[1].contains("01 slot 0x1: expected 0x") && found[1].ends_with('7'), "{}", found[1]);
    assert!(
        found[2].contains("02 account: expected Account {") && found[2].ends_with("absent"),
        "{}",
        found[2]
    );
}

#[test]
fn leaves_come_in_the_order_of_their_hashed_keys() {
    let state = rich();
    let (mut accounts, mut slots) = (Vec::new(), Vec::new());
    let all = Nibbles::new();
    let visited = state.account_leaves(&all, &mut |key, _| {
        accounts.push(key);
        Visit::Next
    });
    visited.unwrap();
    let visited = state.storage_leaves(keccak256(ONE), &all, &mut |key, _| {
        slots.push(key);
        Visit::Next
    });
    visited.unwrap();
    assert!(accounts.is_sorted() && accounts.contains(&keccak256(ONE)));
    assert!(slots.is_sorted() && slots.len() == 2);
}
