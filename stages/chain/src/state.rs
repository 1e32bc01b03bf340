//! State values, how a stage reads them, and what a block does to them.

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::map::{AddressMap, B256Map, U256Map};
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{RlpDecodable, RlpEncodable};

/// What the state holds of an account, without its storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct Account {
    /// Transactions sent, or contracts created by a contract.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// keccak256 of the code; of the empty string where there is none.
    pub code_hash: B256,
}

impl Default for Account {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: KECCAK_EMPTY }
    }
}

impl Account {
    /// Empty in the sense of EIP-161: no nonce, no balance, no code.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where execution reads the state before a block from. `None` for an account that does not exist, which before
/// EIP-161 is not the same as one that is empty.
pub trait StateReader {
    /// Why a read failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The account, or `None` where it does not exist.
    fn account(&self, address: Address) -> Result<Option<Account>, Self::Error>;

    /// The slot's value; zero where it was never written.
    fn storage(&self, address: Address, slot: U256) -> Result<U256, Self::Error>;

    /// Every non-zero slot of an account: asked for only when a block destroys it.
    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, Self::Error>;

    /// Whether any slot of an account is not zero: asked for where a block creates a contract at an account that exists
    /// without nonce and code ([EIP-7610](https://eips.ethereum.org/EIPS/eip-7610)).
    fn has_storage(&self, address: Address) -> Result<bool, Self::Error>;

    /// The hash of an ancestor (`BLOCKHASH`).
    fn block_hash(&self, number: u64) -> Result<B256, Self::Error>;

    /// Whether an account that it does not have does not exist. A foreign witness lacks existing ones too: those that only
    /// system calls read.
    fn is_whole(&self) -> bool {
        true
    }
}

impl<T: StateReader + ?Sized> StateReader for &T {
    type Error = T::Error;

    fn account(&self, address: Address) -> Result<Option<Account>, T::Error> {
        (**self).account(address)
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, T::Error> {
        (**self).storage(address, slot)
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, T::Error> {
        (**self).storage_of(address)
    }

    fn has_storage(&self, address: Address) -> Result<bool, T::Error> {
        (**self).has_storage(address)
    }

    fn block_hash(&self, number: u64) -> Result<B256, T::Error> {
        (**self).block_hash(number)
    }

    fn is_whole(&self) -> bool {
        (**self).is_whole()
    }
}

/// What happened to the storage of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageChanges {
    /// Everything that was there before is gone (the account was destroyed); `slots` then holds what came after.
    pub wiped: bool,
    /// New values; zero means deleted.
    pub slots: U256Map<U256>,
}

/// The net effect of one block, or of several in a row, on the state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockChanges {
    /// New account values; `None` where the account ceased to exist.
    pub accounts: AddressMap<Option<Account>>,
    /// New storage values, by account.
    pub storage: AddressMap<StorageChanges>,
    /// Code that was created, by hash.
    pub code: B256Map<Bytes>,
}

impl BlockChanges {
    /// Lays the changes of a later block over these.
    pub fn merge(&mut self, later: Self) {
        self.accounts.extend(later.accounts);
        self.code.extend(later.code);
        for (address, changes) in later.storage {
            let mine = self.storage.entry(address).or_default();
            if changes.wiped {
                *mine = changes;
            } else {
                mine.slots.extend(changes.slots);
            }
        }
    }

    /// About how many bytes these changes take in memory.
    pub fn bytes(&self) -> usize {
        /// An account entry: key, value, and the table's own share.
        const ACCOUNT_BYTES: usize = 128;
        /// A slot entry, likewise.
        const SLOT_BYTES: usize = 80;
        let slots: usize = self.storage.values().map(|s| s.slots.len()).sum();
        let code: usize = self.code.values().map(|c| c.len() + 48).sum();
        (self.accounts.len() + self.storage.len()) * ACCOUNT_BYTES + slots * SLOT_BYTES + code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_wipe_forgets_earlier_slots() {
        let address = Address::with_last_byte(1);
        let change = |wiped, slot: u64, value: u64| {
            let slots = [(U256::from(slot), U256::from(value))].into_iter().collect();
            let mut changes = BlockChanges::default();
            changes.storage.insert(address, StorageChanges { wiped, slots });
            changes
        };
        let mut merged = change(false, 1, 10);
        merged.merge(change(true, 2, 20));
        merged.merge(change(false, 3, 30));
        let storage = &merged.storage[&address];
        assert!(storage.wiped, "the wipe must reach what lies below");
        assert_eq!(storage.slots.len(), 2);
        assert!(!storage.slots.contains_key(&U256::from(1)));
    }
}
