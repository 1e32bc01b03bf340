//! Roots and rows, against code that shares nothing with ours.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy_trie::root::{state_root_unhashed, storage_root_unhashed};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use blockmill_chain::Account;
use proptest::prelude::*;

use super::{AMPLE_BYTES, MIN_MEMORY_BYTES, State, check};

struct Keccak256Hasher;

impl hash_db::Hasher for Keccak256Hasher {
    type Out = B256;
    type StdHasher = plain_hasher::PlainHasher;
    const LENGTH: usize = 32;

    fn hash(bytes: &[u8]) -> B256 {
        keccak256(bytes)
    }
}

fn triehash_root(leaves: impl Iterator<Item = (B256, Vec<u8>)>) -> B256 {
    triehash::trie_root::<Keccak256Hasher, _, _, _>(leaves)
}

fn state_root_by_triehash(state: &State) -> B256 {
    let accounts: BTreeMap<_, _> = state
        .accounts
        .iter()
        .map(|(address, account)| {
            let slots =
                state.slots_of(*address).map(|(key, value)| (keccak256(key), alloy_rlp::encode(value)));
            let Account { nonce, balance, code_hash } = *account;
            let storage_root = triehash_root(slots);
            let leaf = TrieAccount { nonce, balance, storage_root, code_hash };
            (keccak256(address), alloy_rlp::encode(leaf))
        })
        .collect();
    triehash_root(accounts.into_iter())
}

fn state_root_by_alloy(state: &State) -> B256 {
    state_root_unhashed(state.accounts.iter().map(|(address, account)| {
        let Account { nonce, balance, code_hash } = *account;
        let storage_root = storage_root_unhashed(state.slots_of(*address));
        (*address, TrieAccount { nonce, balance, storage_root, code_hash })
    }))
}

fn check_all(state: &State, memory_bytes: usize) {
    let rebuilt = check(state, memory_bytes);
    assert_eq!(rebuilt.root, state_root_by_triehash(state));
    assert_eq!(rebuilt.root, state_root_by_alloy(state));
}

#[test]
fn an_empty_state_has_the_empty_root() {
    let rebuilt = check(&State::default(), MIN_MEMORY_BYTES);
    assert_eq!((rebuilt.root, rebuilt.accounts, rebuilt.slots), (EMPTY_ROOT_HASH, 0, 0));
}

#[test]
fn one_account_and_a_few() {
    for slots in [0, 1, 2, 17] {
        check_all(&State::with_slots([slots]), MIN_MEMORY_BYTES);
        check_all(&State::with_slots([slots, 0, 1]), AMPLE_BYTES);
    }
}

#[test]
fn many_tiny_accounts() {
    let state = State::with_slots((0..12_000).map(|number| number % 4));
    check_all(&state, AMPLE_BYTES);
    check_all(&state, MIN_MEMORY_BYTES);
}

#[test]
fn a_storage_much_larger_than_a_chunk() {
    let state = State::with_slots([3, 20_000, 0, 5, 9_000]);
    check_all(&state, AMPLE_BYTES);
    // Pieces are large enough to be cut into subtrees, and there are several.
    check_all(&state, 8 << 20);
    check_all(&state, MIN_MEMORY_BYTES);
}

#[test]
fn slots_of_value_zero_do_not_count() {
    let mut state = State::with_slots([40, 2]);
    let expected = check(&state, MIN_MEMORY_BYTES);
    let address = *state.accounts.keys().next().unwrap();
    state.slots.insert((address, U256::from(1000)), U256::ZERO);
    let (parent, mut target) = (tempfile::tempdir().unwrap(), super::Target::default());
    let rebuilt = super::run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap();
    assert_eq!((rebuilt.root, rebuilt.slots), (expected.root, 42));
}

fn random_state() -> impl Strategy<Value = State> {
    let account =
        (any::<[u8; 20]>(), any::<u64>(), any::<[u64; 4]>(), proptest::option::of(any::<[u8; 32]>()));
    let few = proptest::collection::btree_map(any::<u16>(), 1u64.., 0..6);
    let many = proptest::collection::btree_map(any::<u32>(), 1u64.., 100..400);
    let storage = prop_oneof![
        20 => few.prop_map(|slots| slots.into_iter().map(|(slot, value)| (U256::from(slot), value)).collect::<Vec<_>>()),
        1 => many.prop_map(|slots| slots.into_iter().map(|(slot, value)| (U256::from(slot) << 100, value)).collect()),
    ];
    proptest::collection::vec((account, storage), 0..60).prop_map(|accounts| {
        let mut state = State::default();
        for ((address, nonce, balance, code_hash), slots) in accounts {
            let address = Address::from(address);
            let code_hash = code_hash.map_or(Account::default().code_hash, B256::from);
            state.accounts.insert(address, Account { nonce, balance: U256::from_limbs(balance), code_hash });
            state.slots.extend(slots.into_iter().map(|(slot, v)| ((address, slot), U256::from(v))));
        }
        state
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_state_gives_its_root_and_rows_in_any_memory(state in random_state()) {
        check_all(&state, AMPLE_BYTES);
        check_all(&state, MIN_MEMORY_BYTES);
    }
}
