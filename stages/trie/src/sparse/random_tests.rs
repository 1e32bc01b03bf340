//! One trie under random changes, against two tries that others computed.

use std::collections::BTreeMap;

use alloy::primitives::{B256, U256};
use alloy_trie::Nibbles;
use alloy_trie::proof::verify_proof;
use proptest::prelude::*;

use super::{SlotChange, Trie};
use crate::test_store::{TestStore, independent_root, rebuilt};
use crate::{TrieId, storage_proof};

const OWNER: B256 = B256::repeat_byte(0x77);
const ID: TrieId = TrieId::Storage(OWNER);

/// Keys that share long prefixes, whole bytes and half ones, and end alike: extensions, forks and collapses on every
/// level, and small values near the end of the path, whose nodes are held by their parent as they are.
fn key() -> impl Strategy<Value = B256> {
    let near = (0u8..4, 0u8..4).prop_map(|(first, last)| {
        let mut key = B256::repeat_byte(0x11);
        key[0] = [0x11, 0x12, 0x21, 0x22][usize::from(first)];
        key[31] = [0x11, 0x12, 0x21, 0x22][usize::from(last)];
        key
    });
    let spread = any::<[u8; 2]>().prop_map(|[a, b]| {
        let mut key = B256::repeat_byte(b);
        key[0] = a;
        key
    });
    let middle = (0usize..32, 0u8..3).prop_map(|(at, with)| {
        let mut key = B256::repeat_byte(0x11);
        key[at] = [0x10, 0x01, 0x1f][usize::from(with)];
        key
    });
    prop_oneof![near, middle, spread]
}

fn value() -> impl Strategy<Value = U256> {
    prop_oneof![
        2 => Just(U256::ZERO),
        3 => (1u64..200).prop_map(U256::from),
        2 => any::<[u8; 32]>().prop_map(U256::from_be_bytes),
    ]
}

/// What happens between two blocks.
#[derive(Debug, Clone, Copy)]
enum Then {
    Nothing,
    Write,
    WriteAndForget(u32),
}

fn block() -> impl Strategy<Value = (BTreeMap<B256, U256>, Then)> {
    let then = prop_oneof![
        2 => Just(Then::Nothing),
        2 => Just(Then::Write),
        3 => (0u32..4).prop_map(Then::WriteAndForget),
    ];
    let few = proptest::collection::btree_map(key(), value(), 0..6);
    let many = proptest::collection::btree_map(key(), value(), 60..150);
    (prop_oneof![5 => few, 1 => many], then)
}

fn encoded(leaves: &BTreeMap<B256, U256>) -> impl Iterator<Item = (B256, Vec<u8>)> {
    leaves.iter().map(|(key, value)| (*key, alloy_rlp::encode(value)))
}

/// The trie, what is stored of it, and what it should hold.
struct Scene {
    trie: Trie<U256>,
    stored: TestStore,
    unwritten: BTreeMap<B256, U256>,
    model: BTreeMap<B256, U256>,
}

impl Scene {
    fn new() -> Self {
        let trie = Trie::stored(ID);
        Self { trie, stored: TestStore::default(), unwritten: BTreeMap::new(), model: BTreeMap::new() }
    }

    fn apply(&mut self, changes: &BTreeMap<B256, U256>, stamp: u32) -> B256 {
        self.model.extend(changes);
        self.model.retain(|_, value| !value.is_zero());
        self.unwritten.extend(changes);
        let mut changes: Vec<_> =
            changes.iter().map(|(key, value)| SlotChange { key: *key, value: *value }).collect();
        self.trie.update(&self.stored, &mut changes, stamp).unwrap();
        self.trie.root_hash(&self.stored, stamp).unwrap()
    }

    fn write(&mut self) {
        let rows = self.trie.take_rows();
        self.stored.write_branches(ID, &rows);
        for (key, value) in std::mem::take(&mut self.unwritten) {
            match value.is_zero() {
                true => self.stored.slots.remove(&(OWNER, key)),
                false => self.stored.slots.insert((OWNER, key), value),
            };
        }
    }

    fn stored_rows(&self) -> Vec<(Nibbles, alloy_trie::BranchNodeCompact)> {
        self.stored.branches.iter().map(|((_, path), row)| (*path, row.clone())).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_root_and_the_rows_are_those_of_the_whole_trie(blocks in proptest::collection::vec(block(), 1..12)) {
        let mut scene = Scene::new();
        for (stamp, (changes, then)) in (0u32..).zip(&blocks) {
            let root = scene.apply(changes, stamp);
            prop_assert_eq!(root, independent_root(encoded(&scene.model)));
            if matches!(then, Then::Nothing) {
                continue;
            }
            scene.write();
            let (rebuilt_root, rebuilt_rows) = rebuilt(encoded(&scene.model));
            prop_assert_eq!(root, rebuilt_root);
            prop_assert_eq!(scene.stored_rows(), rebuilt_rows);
            if let Then::WriteAndForget(ago) = then {
                scene.trie.prune((stamp + 1).saturating_sub(*ago));
            }
        }
    }

    #[test]
    fn proofs_prove_what_is_there_and_what_is_not(leaves in proptest::collection::btree_map(key(), value(), 0..100), absent in key()) {
        let mut scene = Scene::new();
        let root = scene.apply(&leaves, 0);
        scene.write();
        for key in scene.model.keys().copied().take(20).chain([absent]) {
            let (value, nodes) = storage_proof(&scene.stored, OWNER, key).unwrap();
            let expected = scene.model.get(&key).copied();
            prop_assert_eq!(value, expected.unwrap_or_default());
            let expected = expected.map(alloy_rlp::encode);
            let checked = verify_proof(root, Nibbles::unpack(key), expected, &nodes);
            prop_assert!(checked.is_ok() || (scene.model.is_empty() && nodes.is_empty()), "{checked:?}");
        }
    }
}
