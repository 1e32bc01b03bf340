//! The tries of a whole state, kept up to date block by block.

use alloy::primitives::map::B256Map;
use alloy::primitives::{Address, B256, U256};
use alloy_trie::TrieAccount;
use blockmill_chain::{BlockChanges, StorageChanges};
use rayon::prelude::*;

use crate::hashed_keys::HashedKeys;
use crate::pending::Pending;
use crate::sparse::{AccountChange, SlotChange, Trie};
use crate::{TrieError, TrieId, TrieReader, TrieUpdates};

/// The account trie and the storage tries, in memory as far as recent changes led into them.
///
/// The protocol: [`apply`](Self::apply) changes, of one block or of many at once; then
/// [`take_updates`](Self::take_updates) and write them, with the changes, in one batch; and so on. From taking updates
/// until the reader shows them, nothing may be applied.
#[derive(Debug)]
pub struct StateTrie {
    accounts: Trie<TrieAccount>,
    storage: B256Map<Trie<U256>>,
    keys: HashedKeys,
    pending: Pending,
    /// Counts calls of `take_updates`: what was not used for the longest time is forgotten first.
    stamp: u32,
    nodes_budget_bytes: usize,
    /// At least what the nodes take.
    nodes_bytes: usize,
}

/// Changes to one account's storage, with its trie while they are applied.
struct StorageWork {
    owner: B256,
    wiped: bool,
    slots: Vec<SlotChange>,
    trie: Trie<U256>,
    root: B256,
    read_bytes: usize,
}

/// From so many slots on, storage tries are done in parallel.
const PARALLEL_SLOTS: usize = 32;

impl StateTrie {
    /// A trie of which nothing is read yet. `budget_bytes` bounds what is kept from one
    /// [`take_updates`](Self::take_updates) to the next; what the changes in between lead into comes on top,
    /// so ask for [`bytes`](Self::bytes) and take updates early.
    pub fn new(budget_bytes: usize) -> Self {
        /// The part of the budget for keys, as one of so many: they are small beside nodes. All of it is taken at once, and
        /// more than the keys that change in block after block helps nobody.
        const KEYS_SHARE: usize = 8;
        const MOST_KEYS_BYTES: usize = 64 << 20;
        let keys_bytes = (budget_bytes / KEYS_SHARE).min(MOST_KEYS_BYTES);
        Self::with_budgets(keys_bytes, budget_bytes - keys_bytes)
    }

    /// The tries of a state that starts empty and is kept here alone: nothing is ever forgotten, so the reader to give
    /// is [`EmptyState`](crate::EmptyState). Some 600 bytes per account and slot.
    pub fn in_memory() -> Self {
        /// For the keys that change in block after block.
        const KEYS_BYTES: usize = 16 << 20;
        Self::with_budgets(KEYS_BYTES, usize::MAX)
    }

    fn with_budgets(keys_bytes: usize, nodes_budget_bytes: usize) -> Self {
        Self {
            accounts: Trie::stored(TrieId::Accounts),
            storage: B256Map::default(),
            keys: HashedKeys::new(keys_bytes),
            pending: Pending::default(),
            stamp: 0,
            nodes_budget_bytes,
            nodes_bytes: 0,
        }
    }

    /// Lays `changes` over `stored` and all changes since the last [`take_updates`](Self::take_updates), and returns the
    /// root of the state that results.
    ///
    /// # Errors
    /// A read that failed, or rows that contradict each other. Everything in memory is forgotten then, changes whose
    /// updates were not taken included.
    pub fn apply<R: TrieReader>(&mut self, stored: &R, changes: &BlockChanges) -> Result<B256, TrieError> {
        let root = self.try_apply(stored, changes);
        if root.is_err() {
            self.forget();
        }
        root
    }

    /// The root of the state as it is now.
    pub fn root<R: TrieReader>(&mut self, stored: &R) -> Result<B256, TrieError> {
        self.apply(stored, &BlockChanges::default())
    }

    /// The rows that changed since this was last called; they are to be written before anything else is applied.
    pub fn take_updates(&mut self) -> TrieUpdates {
        let mut updates = std::mem::take(&mut self.pending).into_updates();
        updates.branches = self.accounts.take_rows();
        for storage in &mut updates.storage {
            if let Some(trie) = self.storage.get_mut(&storage.owner) {
                storage.branches = trie.take_rows();
            }
        }
        self.prune();
        self.stamp += 1;
        updates
    }

    /// An upper bound of what the nodes in memory take, in bytes.
    pub fn bytes(&self) -> usize {
        self.nodes_bytes
    }

    /// Whether updates should be taken, so that memory can be given back.
    pub fn is_full(&self) -> bool {
        self.nodes_bytes > self.nodes_budget_bytes
    }

    /// Goes back to what is stored.
    pub fn forget(&mut self) {
        self.pending = Pending::default();
        self.forget_nodes();
    }

    fn forget_nodes(&mut self) {
        self.accounts = Trie::stored(TrieId::Accounts);
        self.storage.clear();
        self.nodes_bytes = 0;
    }

    fn try_apply<R: TrieReader>(&mut self, stored: &R, changes: &BlockChanges) -> Result<B256, TrieError> {
        let mut accounts = self.account_changes(changes);
        for work in self.update_storage(stored, changes)? {
            if let Ok(at) = accounts.binary_search_by_key(&work.owner, |change| change.key) {
                accounts[at].storage_root = Some(work.root);
            }
            self.pending.add_storage(work.owner, work.wiped, &work.slots);
            self.nodes_bytes += work.read_bytes;
            self.storage.insert(work.owner, work.trie);
        }
        self.nodes_bytes += self.accounts.update(stored, &mut accounts, self.stamp)?;
        accounts.iter().for_each(|change| self.pending.add_account(change));
        self.accounts.root_hash(stored, self.stamp)
    }

    /// The accounts whose leaves change: those that changed, and those whose storage did.
    fn account_changes(&mut self, changes: &BlockChanges) -> Vec<AccountChange> {
        let without_account =
            changes.storage.keys().filter(|address| !changes.accounts.contains_key(*address));
        let mut change = |address: Address, account| AccountChange {
            key: self.keys.address(address),
            account,
            storage_root: None,
            leaf: None,
        };
        let changed = changes.accounts.iter().map(|(address, account)| (*address, Some(*account)));
        let all = changed.chain(without_account.map(|address| (*address, None)));
        let mut accounts: Vec<_> = all.map(|(address, account)| change(address, account)).collect();
        accounts.sort_unstable_by_key(|change| change.key);
        accounts
    }

    fn update_storage<R: TrieReader>(
        &mut self,
        stored: &R,
        changes: &BlockChanges,
    ) -> Result<Vec<StorageWork>, TrieError> {
        let stamp = self.stamp;
        let mut work: Vec<_> =
            changes.storage.iter().map(|(a, storage)| self.storage_work(*a, storage)).collect();
        let slots: usize = work.iter().map(|work| work.slots.len()).sum();
        if slots >= PARALLEL_SLOTS {
            work.par_iter_mut().try_for_each(|work| work.run(stored, stamp))?;
        } else {
            work.iter_mut().try_for_each(|work| work.run(stored, stamp))?;
        }
        Ok(work)
    }

    fn storage_work(&mut self, address: Address, storage: &StorageChanges) -> StorageWork {
        let owner = self.keys.address(address);
        let id = TrieId::Storage(owner);
        let kept = self.storage.remove(&owner);
        let trie = if storage.wiped { Trie::empty(id) } else { kept.unwrap_or_else(|| Trie::stored(id)) };
        let slots = storage
            .slots
            .iter()
            .map(|(slot, value)| SlotChange { key: self.keys.slot(*slot), value: *value });
        let mut slots: Vec<_> = slots.collect();
        slots.sort_unstable_by_key(|slot| slot.key);
        StorageWork { owner, wiped: storage.wiped, slots, trie, root: B256::ZERO, read_bytes: 0 }
    }

    /// Forgets what has not been used lately, more and more, until the rest fits with room to spare.
    fn prune(&mut self) {
        /// For how many calls of `take_updates` back nodes are kept, at the first try and later ones.
        const KEPT: [u32; 4] = [64, 16, 4, 1];
        if !self.is_full() {
            return;
        }
        for kept in KEPT {
            let oldest = (self.stamp + 1).saturating_sub(kept);
            self.accounts.prune(oldest);
            self.storage.retain(|_, trie| {
                trie.prune(oldest);
                trie.stamp().is_some_and(|stamp| stamp >= oldest)
            });
            self.nodes_bytes = self.accounts.bytes() + self.storage.values().map(Trie::bytes).sum::<usize>();
            // Pruning walks all nodes, and should not be needed again at once.
            if self.nodes_bytes < self.nodes_budget_bytes / 4 * 3 {
                return;
            }
        }
        self.forget_nodes();
    }
}

impl StorageWork {
    fn run<R: TrieReader>(&mut self, stored: &R, stamp: u32) -> Result<(), TrieError> {
        self.read_bytes = self.trie.update(stored, &mut self.slots, stamp)?;
        self.root = self.trie.root_hash(stored, stamp)?;
        Ok(())
    }
}
