//! A whole state in memory: what execution reads from in tests, and what its result is compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use alloy::primitives::map::{AddressMap, B256Map};
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_trie::root::{state_root_unhashed, storage_root_unhashed};
use blockmill_chain::{Account, BlockChanges, CodeSource, GenesisAccount, StateReader, StorageChanges};
use blockmill_trie::{Nibbles, TrieAccount, TrieReader, Visit};

use crate::expected_state::{Difference, ExpectedAccount, ExpectedState, Part};

/// Accounts, storage, code and block hashes, in maps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapState {
    accounts: AddressMap<Account>,
    /// Non-zero slots only; no entry for an account that has none.
    storage: AddressMap<BTreeMap<U256, U256>>,
    code: B256Map<Bytes>,
    block_hashes: BTreeMap<u64, B256>,
}

/// The hash of a block was asked for that was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the state in memory has no hash of block {number}: give it with MapState::set_block_hash")]
pub struct UnknownBlockHash {
    /// The number of the block.
    pub number: u64,
}

impl MapState {
    /// The state of a genesis block.
    pub fn new(accounts: &[GenesisAccount]) -> Self {
        let mut state = Self::default();
        for GenesisAccount { address, account, code, storage } in accounts {
            state.accounts.insert(*address, *account);
            state.add_code(account.code_hash, code.clone());
            state.set_slots(*address, storage.iter().copied());
        }
        state
    }

    /// The state that a test file writes down.
    pub fn from_expected(accounts: &ExpectedState) -> Self {
        let mut state = Self::default();
        for (address, account) in accounts {
            state.accounts.insert(*address, account.account());
            state.add_code(account.code_hash, account.code.clone());
            state.set_slots(*address, account.storage.iter().map(|(slot, value)| (*slot, *value)));
        }
        state
    }

    /// Makes a block hash known to `BLOCKHASH`.
    pub fn set_block_hash(&mut self, number: u64, hash: B256) {
        self.block_hashes.insert(number, hash);
    }

    /// Lays the changes of a block over the state.
    pub fn apply(&mut self, changes: &BlockChanges) {
        for (address, account) in &changes.accounts {
            match account {
                Some(account) => self.accounts.insert(*address, *account),
                None => self.accounts.remove(address),
            };
        }
        for (address, StorageChanges { wiped, slots }) in &changes.storage {
            if *wiped {
                self.storage.remove(address);
            }
            self.set_slots(*address, slots.iter().map(|(slot, value)| (*slot, *value)));
        }
        for (hash, code) in &changes.code {
            self.add_code(*hash, code.clone());
        }
    }

    /// The state root, by alloy-trie from all accounts: an oracle that shares no code with the program's own roots.
    pub fn state_root(&self) -> B256 {
        state_root_unhashed(self.accounts.iter().map(|(address, account)| {
            let root = storage_root_unhashed(self.slots(*address).map(|(slot, value)| (slot.into(), value)));
            (*address, TrieAccount::new(account.nonce, account.balance, root, account.code_hash))
        }))
    }

    /// Where this state is not as a test says, sorted by address; empty where all is well.
    pub fn differences(&self, expected: &ExpectedState) -> Vec<Difference> {
        let slots_without_account = self.storage.keys();
        let addresses = expected.keys().chain(self.accounts.keys()).chain(slots_without_account);
        let addresses: BTreeSet<Address> = addresses.copied().collect();
        addresses
            .into_iter()
            .flat_map(|address| self.differences_at(address, expected.get(&address)))
            .collect()
    }

    fn differences_at(&self, address: Address, expected: Option<&ExpectedAccount>) -> Vec<Difference> {
        let no_slots = BTreeMap::new();
        let (expected, slots) = match expected {
            Some(expected) => (Some(expected.account()), &expected.storage),
            None => (None, &no_slots),
        };
        let actual = self.accounts.get(&address).copied();
        let mut found = Difference::of_accounts(address, expected, actual);
        found.extend(self.slot_differences(address, slots));
        found
    }

    fn slot_differences(
        &self,
        address: Address,
        expected: &BTreeMap<U256, U256>,
    ) -> impl Iterator<Item = Difference> {
        let actual: BTreeMap<U256, U256> = self.slots(address).collect();
        let slots: BTreeSet<U256> = expected.keys().chain(actual.keys()).copied().collect();
        slots.into_iter().filter_map(move |slot| {
            let word = |of: &BTreeMap<U256, U256>| B256::from(of.get(&slot).copied().unwrap_or_default());
            Difference::new(address, Part::Slot(slot), word(expected), word(&actual))
        })
    }

    fn slots(&self, address: Address) -> impl Iterator<Item = (U256, U256)> + '_ {
        self.storage.get(&address).into_iter().flatten().map(|(slot, value)| (*slot, *value))
    }

    fn set_slots(&mut self, address: Address, slots: impl Iterator<Item = (U256, U256)>) {
        let mine = self.storage.entry(address).or_default();
        for (slot, value) in slots {
            if value.is_zero() {
                mine.remove(&slot)
            } else {
                mine.insert(slot, value)
            };
        }
        if mine.is_empty() {
            self.storage.remove(&address);
        }
    }

    fn add_code(&mut self, hash: B256, code: Bytes) {
        if !code.is_empty() {
            self.code.insert(hash, code);
        }
    }
}

impl StateReader for MapState {
    type Error = UnknownBlockHash;

    fn account(&self, address: Address) -> Result<Option<Account>, UnknownBlockHash> {
        Ok(self.accounts.get(&address).copied())
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, UnknownBlockHash> {
        Ok(self.storage.get(&address).and_then(|slots| slots.get(&slot)).copied().unwrap_or_default())
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, UnknownBlockHash> {
        Ok(self.slots(address).collect())
    }

    fn has_storage(&self, address: Address) -> Result<bool, UnknownBlockHash> {
        Ok(self.storage.contains_key(&address))
    }

    fn block_hash(&self, number: u64) -> Result<B256, UnknownBlockHash> {
        self.block_hashes.get(&number).copied().ok_or(UnknownBlockHash { number })
    }
}

impl CodeSource for MapState {
    type Error = Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Infallible> {
        Ok(self.code.get(&hash).cloned())
    }
}

/// Without any stored branch: roots are computed from all leaves.
impl TrieReader for MapState {
    type Error = Infallible;

    fn account_leaves(
        &self,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, TrieAccount) -> Visit,
    ) -> Result<(), Infallible> {
        let leaves = self.accounts.iter().map(|(address, account)| {
            let root = storage_root_unhashed(self.slots(*address).map(|(slot, value)| (slot.into(), value)));
            (keccak256(address), TrieAccount::new(account.nonce, account.balance, root, account.code_hash))
        });
        visit_in_order(leaves, prefix, visit);
        Ok(())
    }

    fn storage_leaves(
        &self,
        owner: B256,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, U256) -> Visit,
    ) -> Result<(), Infallible> {
        let mine = self.storage.iter().filter(|(address, _)| keccak256(address) == owner);
        let leaves =
            mine.flat_map(|(_, slots)| slots).map(|(slot, value)| (keccak256(B256::from(*slot)), *value));
        visit_in_order(leaves, prefix, visit);
        Ok(())
    }
}

fn visit_in_order<V>(
    leaves: impl Iterator<Item = (B256, V)>,
    prefix: &Nibbles,
    visit: &mut dyn FnMut(B256, V) -> Visit,
) {
    let under = leaves.filter(|(key, _)| Nibbles::unpack(key).starts_with(prefix));
    for (key, value) in under.collect::<BTreeMap<_, _>>() {
        // Leaves that may be skipped may be visited too.
        if visit(key, value) == Visit::Stop {
            return;
        }
    }
}
