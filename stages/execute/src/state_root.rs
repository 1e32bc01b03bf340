//! The state root, recomputed from every account and slot in one sorted pass.
//!
//! The state is read in the order of its hashed keys, with changes that are not stored yet laid over it, and goes leaf
//! by leaf into a hash builder: memory holds the changes and one path of the trie.

use std::collections::BTreeMap;
use std::iter::Peekable;

use alloy::primitives::{B256, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, HashBuilder, Nibbles, TrieAccount};
use blockmill_chain::{Account, BlockChanges, HashedStateReader};

use crate::error::RootError;

/// Changes under hashed keys, to lay over a stored state.
#[derive(Debug, Clone, Default)]
pub struct HashedChanges {
    accounts: BTreeMap<B256, Option<Account>>,
    storage: BTreeMap<B256, HashedStorage>,
}

#[derive(Debug, Clone, Default)]
struct HashedStorage {
    wiped: bool,
    slots: BTreeMap<B256, U256>,
}

impl HashedChanges {
    /// Lays the changes of a later block over these.
    pub fn extend(&mut self, changes: &BlockChanges) {
        for (address, account) in &changes.accounts {
            self.accounts.insert(keccak256(address), *account);
        }
        for (address, storage) in &changes.storage {
            let mine = self.storage.entry(keccak256(address)).or_default();
            if storage.wiped {
                *mine = HashedStorage { wiped: true, slots: BTreeMap::new() };
            }
            mine.slots
                .extend(storage.slots.iter().map(|(slot, value)| (keccak256(B256::from(*slot)), *value)));
        }
    }
}

/// The root of `stored` with `changes` laid over it.
pub fn state_root<S: HashedStateReader>(stored: &S, changes: &HashedChanges) -> Result<B256, RootError> {
    let mut slots =
        Slots { stored: stored.hashed_slots().map(into_root_error).peekable(), changes: &changes.storage };
    let mut builder = HashBuilder::default();
    let accounts = stored.hashed_accounts().map(into_root_error);
    for merged in Overlay::new(accounts, changes.accounts.iter().map(|(k, v)| (*k, *v))) {
        let (hashed, account) = merged?;
        let storage_root = slots.root_of(hashed)?;
        let leaf = TrieAccount {
            nonce: account.nonce,
            balance: account.balance,
            storage_root,
            code_hash: account.code_hash,
        };
        builder.add_leaf(Nibbles::unpack(hashed), &alloy_rlp::encode(leaf));
    }
    Ok(builder.root())
}

fn into_root_error<T, E: std::error::Error + Send + Sync + 'static>(
    item: Result<T, E>,
) -> Result<T, RootError> {
    item.map_err(|error| RootError(Box::new(error)))
}

/// The stored slots, walked once from the first account to the last.
struct Slots<'a, I: Iterator> {
    stored: Peekable<I>,
    changes: &'a BTreeMap<B256, HashedStorage>,
}

impl<I: Iterator<Item = Result<(B256, B256, U256), RootError>>> Slots<'_, I> {
    /// The storage root of the account; called with ascending accounts.
    fn root_of(&mut self, account: B256) -> Result<B256, RootError> {
        // What lies before belongs to accounts that the changes removed.
        self.skip_while(|owner| owner < account)?;
        let changes = self.changes.get(&account);
        if changes.is_some_and(|c| c.wiped) {
            self.skip_while(|owner| owner == account)?;
        }
        let none = BTreeMap::new();
        let changed = changes.map_or(&none, |c| &c.slots).iter().map(|(k, v)| (*k, Some(*v)));
        let stored = std::iter::from_fn(|| {
            let is_mine = |item: &I::Item| item.as_ref().map_or(true, |(owner, ..)| *owner == account);
            self.stored.next_if(is_mine).map(|item| item.map(|(_, slot, value)| (slot, value)))
        });
        storage_root(Overlay::new(stored, changed))
    }

    fn skip_while(&mut self, unwanted: impl Fn(B256) -> bool) -> Result<(), RootError> {
        while let Some(item) =
            self.stored.next_if(|item| item.as_ref().map_or(true, |(owner, ..)| unwanted(*owner)))
        {
            item?;
        }
        Ok(())
    }
}

fn storage_root(slots: impl Iterator<Item = Result<(B256, U256), RootError>>) -> Result<B256, RootError> {
    let mut builder = None;
    for slot in slots {
        let (key, value) = slot?;
        if !value.is_zero() {
            let builder = builder.get_or_insert_with(HashBuilder::default);
            builder.add_leaf(Nibbles::unpack(key), alloy_rlp::encode_fixed_size(&value).as_ref());
        }
    }
    Ok(builder.map_or(EMPTY_ROOT_HASH, |mut builder: HashBuilder| builder.root()))
}

/// Two ascending sequences as one; where both have a key the change holds, and a change to `None` removes it.
struct Overlay<S: Iterator, C: Iterator> {
    stored: Peekable<S>,
    changed: Peekable<C>,
}

impl<V, S, C> Overlay<S, C>
where
    S: Iterator<Item = Result<(B256, V), RootError>>,
    C: Iterator<Item = (B256, Option<V>)>,
{
    fn new(stored: S, changed: C) -> Self {
        Self { stored: stored.peekable(), changed: changed.peekable() }
    }
}

impl<V, S, C> Iterator for Overlay<S, C>
where
    S: Iterator<Item = Result<(B256, V), RootError>>,
    C: Iterator<Item = (B256, Option<V>)>,
{
    type Item = Result<(B256, V), RootError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((changed, _)) = self.changed.peek() else { return self.stored.next() };
            match self.stored.peek() {
                Some(Err(_)) => return self.stored.next(),
                Some(Ok((stored, _))) if stored < changed => return self.stored.next(),
                Some(Ok((stored, _))) if stored == changed => drop(self.stored.next()),
                _ => {}
            }
            if let Some((key, Some(value))) = self.changed.next() {
                return Some(Ok((key, value)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::Address;
    use alloy_trie::root::{state_root_unhashed, storage_root_unhashed};
    use blockmill_chain::StorageChanges;
    use proptest::prelude::*;

    /// A stored state: what lies under the changes.
    #[derive(Debug, Clone, Default)]
    struct Stored(BTreeMap<Address, (Account, BTreeMap<U256, U256>)>);

    impl HashedStateReader for Stored {
        type Error = std::convert::Infallible;

        fn hashed_accounts(&self) -> impl Iterator<Item = Result<(B256, Account), Self::Error>> {
            let sorted: BTreeMap<_, _> =
                self.0.iter().map(|(a, (account, _))| (keccak256(a), *account)).collect();
            sorted.into_iter().map(Ok)
        }

        fn hashed_slots(&self) -> impl Iterator<Item = Result<(B256, B256, U256), Self::Error>> {
            let slots = self.0.iter().flat_map(|(a, (_, slots))| {
                slots.iter().map(move |(k, v)| ((keccak256(a), keccak256(B256::from(*k))), *v))
            });
            let sorted: BTreeMap<_, _> = slots.collect();
            sorted.into_iter().map(|((a, k), v)| Ok((a, k, v)))
        }
    }

    impl Stored {
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
                    slots.extend(storage.slots.iter().map(|(k, v)| (*k, *v)));
                    slots.retain(|_, value| !value.is_zero());
                }
            }
        }

        /// The root as the alloy-trie crate computes it from a whole state in memory.
        fn independent_root(&self) -> B256 {
            state_root_unhashed(self.0.iter().map(|(address, (account, slots))| {
                let storage_root = storage_root_unhashed(slots.iter().map(|(k, v)| (B256::from(*k), *v)));
                let (nonce, balance, code_hash) = (account.nonce, account.balance, account.code_hash);
                (*address, TrieAccount { nonce, balance, storage_root, code_hash })
            }))
        }
    }

    fn small() -> impl Strategy<Value = U256> {
        (0u64..6).prop_map(U256::from)
    }

    /// A block's changes to a few accounts: updates, destructions (which wipe), slot writes and deletes.
    fn changes() -> impl Strategy<Value = BlockChanges> {
        let storage = (any::<bool>(), proptest::collection::vec((small(), small()), 0..5));
        let change = (0u8..6, proptest::option::weighted(0.8, 1u64..9), storage);
        proptest::collection::vec(change, 1..6).prop_map(|list| {
            let mut changes = BlockChanges::default();
            for (address, nonce, (wiped, slots)) in list {
                let address = Address::with_last_byte(address);
                let account = nonce.map(|nonce| Account { nonce, ..Account::default() });
                changes.accounts.insert(address, account);
                let slots = if account.is_some() { slots.into_iter().collect() } else { Default::default() };
                changes.storage.insert(address, StorageChanges { wiped: wiped || account.is_none(), slots });
            }
            changes
        })
    }

    proptest! {
        #[test]
        fn changes_over_a_stored_state_give_the_root_of_the_whole(blocks in proptest::collection::vec(changes(), 1..6), stored_until in 0usize..6) {
            let mut stored = Stored::default();
            let mut whole = Stored::default();
            let mut pending = HashedChanges::default();
            for (at, block) in blocks.iter().enumerate() {
                whole.apply(block);
                if at < stored_until { stored.apply(block) } else { pending.extend(block) }
            }
            prop_assert_eq!(state_root(&stored, &pending).unwrap(), whole.independent_root());
        }
    }
}
