//! The latest state: by key for execution, in order for rebuilding the trie, for whole roots and tests.

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{Account, CodeSource, StateReader};
use blockmill_trie::FlatState;
use blockmill_trie::TrieAccount;

use crate::codec::{decode_rlp, decode_slot_value};
use crate::keys::{HashedSlotKey, SlotKey, fixed};
use crate::options::read_whole_family;
use crate::{Family, Store, StoreError};

impl StateReader for Store {
    type Error = StoreError;

    fn account(&self, address: Address) -> Result<Option<Account>, StoreError> {
        self.get_decoded(Family::Accounts, address, decode_rlp)
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, StoreError> {
        let value = self.get_decoded(Family::Storage, SlotKey::new(address, slot), decode_slot_value)?;
        Ok(value.unwrap_or_default())
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, StoreError> {
        let slots = self.scan_prefix(Family::Storage, address.as_slice(), |key, value| {
            Ok((SlotKey::decode(key)?.1, decode_slot_value(value)?))
        });
        slots.collect()
    }

    fn has_storage(&self, address: Address) -> Result<bool, StoreError> {
        let first = self.scan_prefix(Family::Storage, address.as_slice(), |_, _| Ok(())).next();
        Ok(first.transpose()?.is_some())
    }

    fn block_hash(&self, number: u64) -> Result<B256, StoreError> {
        Self::block_hash(self, number)?.ok_or(StoreError::UnknownBlock { number })
    }
}

impl CodeSource for Store {
    type Error = StoreError;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, StoreError> {
        if hash == KECCAK_EMPTY {
            return Ok(Some(Bytes::new()));
        }
        let code = self.get(Family::Code, hash)?;
        Ok(code.map(|code| Bytes::copy_from_slice(&code)))
    }
}

/// Leaves the cache to others.
impl FlatState for Store {
    type Error = StoreError;

    fn accounts(&self) -> impl Iterator<Item = Result<(Address, Account), StoreError>> {
        Self::accounts(self)
    }

    fn slots(&self) -> impl Iterator<Item = Result<(Address, U256, U256), StoreError>> {
        Self::slots(self)
    }
}

impl Store {
    /// All code, by its hash.
    pub fn codes(&self) -> impl Iterator<Item = Result<(B256, Bytes), StoreError>> + '_ {
        self.scan(Family::Code, read_whole_family(), |key, value| {
            Ok((B256::from(fixed::<32>(key)?), Bytes::copy_from_slice(value)))
        })
    }

    /// Every account, sorted by address.
    pub fn accounts(&self) -> impl Iterator<Item = Result<(Address, Account), StoreError>> + '_ {
        self.scan(Family::Accounts, read_whole_family(), |key, value| {
            Ok((Address::from(fixed::<20>(key)?), decode_rlp(value)?))
        })
    }

    /// Every slot that is not zero: its account's address, its key, its value; sorted by the first two.
    pub fn slots(&self) -> impl Iterator<Item = Result<(Address, U256, U256), StoreError>> + '_ {
        self.scan(Family::Storage, read_whole_family(), |key, value| {
            let (address, slot) = SlotKey::decode(key)?;
            Ok((address, slot, decode_slot_value(value)?))
        })
    }

    /// The leaf of an account, by keccak256 of its address.
    pub fn hashed_account(&self, hash: B256) -> Result<Option<TrieAccount>, StoreError> {
        self.get_decoded(Family::HashedAccounts, hash, decode_rlp)
    }

    /// Every leaf of the account trie: by keccak256 of the address, ascending.
    pub fn hashed_accounts(&self) -> impl Iterator<Item = Result<(B256, TrieAccount), StoreError>> + '_ {
        self.scan(Family::HashedAccounts, read_whole_family(), |key, value| {
            Ok((B256::from(fixed::<32>(key)?), decode_rlp(value)?))
        })
    }

    /// Every leaf of all storage tries: by keccak256 of the address, then of the slot, ascending.
    pub fn hashed_slots(&self) -> impl Iterator<Item = Result<(B256, B256, U256), StoreError>> + '_ {
        self.scan(Family::HashedStorage, read_whole_family(), |key, value| {
            let (account, slot) = HashedSlotKey::decode(key)?;
            Ok((account, slot, decode_slot_value(value)?))
        })
    }

    /// The non-zero slots of one account under keccak256 of the slot: the order of its storage trie.
    pub fn hashed_storage(
        &self,
        hashed_address: B256,
    ) -> impl Iterator<Item = Result<(B256, U256), StoreError>> + '_ {
        self.scan_prefix(Family::HashedStorage, hashed_address.as_slice(), |key, value| {
            Ok((HashedSlotKey::decode(key)?.1, decode_slot_value(value)?))
        })
    }
}
