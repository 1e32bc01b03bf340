//! The state that execution arrived at: the store, with the changes of a wrong block over it.

use alloy::primitives::map::B256Map;
use alloy::primitives::{Address, B256, U256, keccak256};
use blockmill_chain::BlockChanges;
use blockmill_store::{Store, StoreError};
use blockmill_trie::{FlatState, Nibbles, StateTrie, TrieAccount, TrieReader, Visit};

use super::difference::{CompareError, Name};

/// Leaves of the tries by their hashed keys, as roots commit to them.
pub(super) struct Arrived<'a> {
    store: &'a Store,
    changes: &'a BlockChanges,
    accounts: B256Map<Option<TrieAccount>>,
    storage: B256Map<ChangedStorage>,
}

struct ChangedStorage {
    wiped: bool,
    slots: B256Map<U256>,
}

impl<'a> Arrived<'a> {
    /// Lays `changes` over the store. The `root` of what results is known; where it is another, the store is not at the
    /// state that the changes were made to.
    pub(super) fn new(
        store: &'a Store,
        trie: &mut StateTrie,
        changes: &'a BlockChanges,
        root: B256,
    ) -> Result<Self, CompareError> {
        trie.forget();
        let computed = trie.apply(store, changes)?;
        let updates = trie.take_updates();
        // They are never written.
        trie.forget();
        if computed != root {
            return Err(CompareError::NotArrived);
        }
        let storage = updates.storage.into_iter().map(|storage| {
            let slots = storage.slots.into_iter().collect();
            (storage.owner, ChangedStorage { wiped: storage.wiped, slots })
        });
        Ok(Self {
            store,
            changes,
            accounts: updates.accounts.into_iter().collect(),
            storage: storage.collect(),
        })
    }

    pub(super) fn account(&self, hash: B256) -> Result<Option<TrieAccount>, StoreError> {
        if let Some(changed) = self.accounts.get(&hash) {
            return Ok(*changed);
        }
        let mut found = None;
        self.store.account_leaves(&Nibbles::unpack(hash), &mut |_, account| {
            found = Some(account);
            Visit::Stop
        })?;
        Ok(found)
    }

    /// A slot of the account with the hash `owner`; zero where there is none.
    pub(super) fn slot(&self, owner: B256, hash: B256) -> Result<U256, StoreError> {
        if let Some(changed) = self.storage.get(&owner) {
            match changed.slots.get(&hash) {
                Some(value) => return Ok(*value),
                None if changed.wiped => return Ok(U256::ZERO),
                None => {}
            }
        }
        let mut found = U256::ZERO;
        self.store.storage_leaves(owner, &Nibbles::unpack(hash), &mut |_, value| {
            found = value;
            Visit::Stop
        })?;
        Ok(found)
    }

    /// Every account, in no order.
    pub(super) fn visit_accounts(&self, mut visit: impl FnMut(B256)) -> Result<(), StoreError> {
        let new = self.accounts.iter().filter(|(_, account)| account.is_some());
        new.for_each(|(hash, _)| visit(*hash));
        self.store.account_leaves(&Nibbles::new(), &mut |hash, _| {
            if !self.accounts.contains_key(&hash) {
                visit(hash);
            }
            Visit::Next
        })
    }

    /// Every slot of an account that is not zero, in no order.
    pub(super) fn visit_slots(&self, owner: B256, mut visit: impl FnMut(B256)) -> Result<(), StoreError> {
        let changed = self.storage.get(&owner);
        let new =
            changed.into_iter().flat_map(|changed| &changed.slots).filter(|(_, value)| !value.is_zero());
        new.for_each(|(hash, _)| visit(*hash));
        if changed.is_some_and(|changed| changed.wiped) {
            return Ok(());
        }
        self.store.storage_leaves(owner, &Nibbles::new(), &mut |hash, _| {
            if !changed.is_some_and(|changed| changed.slots.contains_key(&hash)) {
                visit(hash);
            }
            Visit::Next
        })
    }

    /// The address behind a hash. All addresses are searched for it, so this is for the few that people get to see.
    pub(super) fn account_name(&self, name: Name<Address>) -> Result<Name<Address>, StoreError> {
        let Name::Hashed(hash) = name else { return Ok(name) };
        let mut changed = self.changes.accounts.keys().chain(self.changes.storage.keys());
        if let Some(address) = changed.find(|address| keccak256(address) == hash) {
            return Ok(Name::Known(*address));
        }
        for account in self.store.accounts() {
            let (address, _) = account?;
            if keccak256(address) == hash {
                return Ok(Name::Known(address));
            }
        }
        Ok(name)
    }

    /// The slot of an account behind a hash, likewise.
    pub(super) fn slot_name(
        &self,
        account: Name<Address>,
        slot: Name<U256>,
    ) -> Result<Name<U256>, StoreError> {
        let (Name::Known(address), Name::Hashed(hash)) = (account, slot) else { return Ok(slot) };
        let is_it = |slot: U256| keccak256(B256::from(slot)) == hash;
        let changed = self.changes.storage.get(&address);
        if let Some(slot) = changed.and_then(|changed| changed.slots.keys().find(|slot| is_it(**slot))) {
            return Ok(Name::Known(*slot));
        }
        for row in self.store.slots_from((address, U256::ZERO)) {
            match row? {
                (owner, ..) if owner != address => break,
                (_, slot, _) if is_it(slot) => return Ok(Name::Known(slot)),
                _ => {}
            }
        }
        Ok(slot)
    }
}
