//! The tries of a state under random blocks, taken back now and then, against tries that others computed.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy_trie::TrieAccount;
use blockmill_chain::{Account, AccountWitness, BlockChanges, ChangeSet, StorageChanges};
use proptest::prelude::*;

use crate::test_store::{TestStore, independent_root, rebuilt};
use crate::{StateTrie, TrieId};

type Slots = BTreeMap<U256, U256>;

/// What the state should be.
#[derive(Debug, Clone, Default, PartialEq)]
struct Model(BTreeMap<Address, (Account, Slots)>);

impl Model {
    fn apply(&mut self, changes: &BlockChanges) {
        for (address, storage) in &changes.storage {
            if let Some((_, slots)) = self.0.get_mut(address).filter(|_| storage.wiped) {
                slots.clear();
            }
        }
        for (address, account) in &changes.accounts {
            match account {
                Some(account) => self.0.entry(*address).or_default().0 = *account,
                None => drop(self.0.remove(address)),
            }
        }
        for (address, storage) in &changes.storage {
            if let Some((_, slots)) = self.0.get_mut(address) {
                slots.extend(storage.slots.iter().map(|(slot, value)| (*slot, *value)));
                slots.retain(|_, value| !value.is_zero());
            }
        }
    }

    /// What a block that makes `changes` must have read.
    fn reads(&self, changes: &BlockChanges) -> Vec<AccountWitness> {
        let mut addresses: Vec<_> = changes.accounts.keys().chain(changes.storage.keys()).copied().collect();
        addresses.sort_unstable();
        addresses.dedup();
        let read = |address: Address| {
            let (account, slots) = self.0.get(&address).cloned().unzip();
            AccountWitness { address, account, storage: slots.unwrap_or_default().into_iter().collect() }
        };
        addresses.into_iter().map(read).collect()
    }

    /// Leaves and branches as a whole rebuild stores them, with both libraries' root.
    fn rebuilt(&self) -> (B256, TestStore) {
        let mut store = TestStore::default();
        for (address, (account, slots)) in &self.0 {
            let owner = keccak256(address);
            let hashed: BTreeMap<_, _> =
                slots.iter().map(|(slot, value)| (keccak256(B256::from(*slot)), *value)).collect();
            let leaves = || hashed.iter().map(|(key, value)| (*key, alloy_rlp::encode(value)));
            let (storage_root, rows) = rebuilt(leaves());
            assert_eq!(storage_root, independent_root(leaves()));
            let Account { nonce, balance, code_hash } = *account;
            store.accounts.insert(owner, TrieAccount { nonce, balance, storage_root, code_hash });
            store.slots.extend(hashed.iter().map(|(key, value)| ((owner, *key), *value)));
            store.branches.extend(rows.into_iter().map(|(path, row)| ((TrieId::Storage(owner), path), row)));
        }
        let leaves = || store.accounts.iter().map(|(key, leaf)| (*key, alloy_rlp::encode(leaf)));
        let (root, rows) = rebuilt(leaves());
        assert_eq!(root, independent_root(leaves()));
        store.branches.extend(rows.into_iter().map(|(path, row)| ((TrieId::Accounts, path), row)));
        (root, store)
    }
}

/// What happens to an account in a block.
#[derive(Debug, Clone)]
enum Event {
    Pays(u64),
    Writes(Vec<(u8, u64)>),
    Destroyed,
    /// Destroyed and created again in one block.
    Recreated(u64, Vec<(u8, u64)>),
}

fn slots() -> impl Strategy<Value = Vec<(u8, u64)>> {
    let few = proptest::collection::vec((any::<u8>(), 0u64..3), 1..8);
    let many = proptest::collection::vec((any::<u8>(), 0u64..5), 80..200);
    prop_oneof![8 => few, 1 => many]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => any::<u64>().prop_map(Event::Pays),
        4 => slots().prop_map(Event::Writes),
        2 => Just(Event::Destroyed),
        1 => (any::<u64>(), slots()).prop_map(|(nonce, slots)| Event::Recreated(nonce, slots)),
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Block(Vec<(u16, Event)>),
    /// Takes back so many blocks.
    Unwind(usize),
    /// Writes what is new; forgets what is in memory, or keeps to a small budget.
    Write {
        forget: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let address = prop_oneof![4 => 0u16..12, 1 => 0u16..600];
    let few = proptest::collection::vec((address, event()), 1..8).boxed();
    let many = proptest::collection::vec((0u16..600, event()), 70..150).boxed();
    prop_oneof![
        8 => few.prop_map(Step::Block),
        1 => many.prop_map(Step::Block),
        2 => (1usize..5).prop_map(Step::Unwind),
        5 => any::<bool>().prop_map(|forget| Step::Write { forget }),
    ]
}

/// The changes of a block in which `events` happen, as execution would report them.
fn changes(model: &Model, events: &[(u16, Event)]) -> BlockChanges {
    let mut changes = BlockChanges::default();
    for (number, event) in events {
        let address = Address::left_padding_from(&number.to_be_bytes());
        let before = model.0.get(&address);
        if changes.accounts.contains_key(&address) || changes.storage.contains_key(&address) {
            continue;
        }
        let word =
            |slots: &[(u8, u64)]| slots.iter().map(|(k, v)| (U256::from(*k), U256::from(*v))).collect();
        let exists = before.is_some();
        match event {
            Event::Pays(balance) => {
                let account = before.map_or_else(Account::default, |(account, _)| *account);
                changes.accounts.insert(address, Some(Account { balance: U256::from(*balance), ..account }));
            }
            Event::Writes(slots) => {
                if !exists {
                    changes.accounts.insert(address, Some(Account { nonce: 1, ..Account::default() }));
                }
                changes.storage.insert(address, StorageChanges { wiped: false, slots: word(slots) });
            }
            Event::Destroyed if exists => {
                changes.accounts.insert(address, None);
                changes.storage.insert(address, StorageChanges { wiped: true, slots: Default::default() });
            }
            Event::Destroyed => {}
            Event::Recreated(nonce, slots) => {
                changes.accounts.insert(address, Some(Account { nonce: *nonce, ..Account::default() }));
                changes.storage.insert(address, StorageChanges { wiped: exists, slots: word(slots) });
            }
        }
    }
    changes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_root_and_every_row_is_that_of_a_rebuild(steps in proptest::collection::vec(step(), 1..20), budget in 0usize..400_000) {
        let (mut trie, mut stored) = (StateTrie::new(budget), TestStore::default());
        let mut model = Model::default();
        let mut history: Vec<(Model, ChangeSet)> = Vec::new();
        for step in &steps {
            match step {
                Step::Block(events) => {
                    let changes = changes(&model, events);
                    history.push((model.clone(), ChangeSet::new(&model.reads(&changes), &changes)));
                    model.apply(&changes);
                    prop_assert_eq!(trie.apply(&stored, &changes).unwrap(), model.rebuilt().0);
                }
                Step::Unwind(blocks) => {
                    let mut back = BlockChanges::default();
                    for _ in 0..*blocks {
                        let Some((before, set)) = history.pop() else { break };
                        back.merge(set.into_changes());
                        model = before;
                    }
                    prop_assert_eq!(trie.apply(&stored, &back).unwrap(), model.rebuilt().0);
                }
                Step::Write { forget } => {
                    stored.write(&trie.take_updates());
                    prop_assert_eq!(&stored, &model.rebuilt().1);
                    if *forget {
                        trie.forget();
                    }
                    prop_assert_eq!(trie.root(&stored).unwrap(), model.rebuilt().0);
                }
            }
        }
    }
}
