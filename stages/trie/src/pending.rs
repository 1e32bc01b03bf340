//! Leaves that changed and were not handed out yet.

use alloy::primitives::map::B256Map;
use alloy::primitives::{B256, U256};
use alloy_trie::TrieAccount;

use crate::sparse::{AccountChange, SlotChange};
use crate::{StorageUpdates, TrieUpdates};

/// The latest value of every leaf that changed.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    accounts: B256Map<Option<TrieAccount>>,
    storage: B256Map<PendingStorage>,
}

#[derive(Debug, Default)]
struct PendingStorage {
    wiped: bool,
    slots: B256Map<U256>,
}

impl Pending {
    pub(crate) fn add_account(&mut self, change: &AccountChange) {
        self.accounts.insert(change.key, change.leaf);
    }

    pub(crate) fn add_storage(&mut self, owner: B256, wiped: bool, slots: &[SlotChange]) {
        let storage = self.storage.entry(owner).or_default();
        if wiped {
            *storage = PendingStorage { wiped: true, slots: B256Map::default() };
        }
        storage.slots.extend(slots.iter().map(|slot| (slot.key, slot.value)));
    }

    /// The leaves as rows, sorted; branches are to be added.
    pub(crate) fn into_updates(self) -> TrieUpdates {
        let storage = self.storage.into_iter().map(|(owner, PendingStorage { wiped, slots })| {
            StorageUpdates { owner, wiped, slots: sorted(slots), branches: Vec::new() }
        });
        let mut storage: Vec<_> = storage.collect();
        storage.sort_unstable_by_key(|storage| storage.owner);
        TrieUpdates { accounts: sorted(self.accounts), branches: Vec::new(), storage }
    }
}

fn sorted<V>(leaves: B256Map<V>) -> Vec<(B256, V)> {
    let mut leaves: Vec<_> = leaves.into_iter().collect();
    leaves.sort_unstable_by_key(|(key, _)| *key);
    leaves
}
