//! The whole state in memory, with the hashes that `BLOCKHASH` can reach.

use std::collections::VecDeque;
use std::convert::Infallible;

use alloy::primitives::map::{AddressMap, B256Map, U256Map};
use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{Account, BlockChanges, CodeSource, StateReader, StorageChanges};

/// How many ancestors a contract can ask for.
const REACHABLE_HASHES: usize = 256;

/// Accounts, slots and code as they are after the last block.
#[derive(Debug, Default)]
pub(crate) struct ChainState {
    accounts: AddressMap<Account>,
    storage: AddressMap<U256Map<U256>>,
    code: B256Map<Bytes>,
    hashes: VecDeque<(u64, B256)>,
}

impl ChainState {
    /// Lays the changes of a block over the state.
    pub(crate) fn apply(&mut self, changes: BlockChanges) {
        for (address, account) in changes.accounts {
            match account {
                Some(account) => self.accounts.insert(address, account),
                None => self.accounts.remove(&address),
            };
        }
        for (address, StorageChanges { wiped, slots }) in changes.storage {
            let mine = self.storage.entry(address).or_default();
            if wiped {
                mine.clear();
            }
            for (slot, value) in slots {
                match value.is_zero() {
                    true => mine.remove(&slot),
                    false => mine.insert(slot, value),
                };
            }
        }
        self.code.extend(changes.code);
    }

    /// Makes a block known to `BLOCKHASH`, and forgets the one that is out of its reach now.
    pub(crate) fn add_block(&mut self, number: u64, hash: B256) {
        if self.hashes.len() == REACHABLE_HASHES {
            self.hashes.pop_front();
        }
        self.hashes.push_back((number, hash));
    }

    /// A slot of a contract; zero where there is none.
    pub(crate) fn slot(&self, address: Address, slot: U256) -> U256 {
        self.storage.get(&address).and_then(|slots| slots.get(&slot)).copied().unwrap_or_default()
    }

    /// How many accounts there are.
    pub(crate) fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// How many slots are not zero.
    pub(crate) fn slots(&self) -> usize {
        self.storage.values().map(|slots| slots.len()).sum()
    }
}

impl StateReader for ChainState {
    type Error = Infallible;

    fn account(&self, address: Address) -> Result<Option<Account>, Infallible> {
        Ok(self.accounts.get(&address).copied())
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, Infallible> {
        Ok(self.slot(address, slot))
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, Infallible> {
        let slots = self.storage.get(&address).into_iter().flatten();
        Ok(slots.map(|(slot, value)| (*slot, *value)).collect())
    }

    fn has_storage(&self, address: Address) -> Result<bool, Infallible> {
        Ok(self.storage.get(&address).is_some_and(|slots| !slots.is_empty()))
    }

    fn block_hash(&self, number: u64) -> Result<B256, Infallible> {
        let found = self.hashes.iter().find(|(known, _)| *known == number);
        Ok(found.map(|(_, hash)| *hash).unwrap_or_default())
    }
}

impl CodeSource for ChainState {
    type Error = Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Infallible> {
        Ok(self.code.get(&hash).cloned())
    }
}
