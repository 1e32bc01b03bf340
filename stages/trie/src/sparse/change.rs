//! What a change makes of a leaf.

use alloy::primitives::{B256, U256};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use blockmill_chain::Account;

/// A change of one leaf.
pub(crate) trait Change: Send {
    /// The type of the leaf's value.
    type Value;

    /// The hashed key of the leaf.
    fn key(&self) -> &B256;

    /// The leaf after the change, `None` for none; may be asked more than once with the same `old`.
    fn apply(&mut self, old: Option<&Self::Value>) -> Option<Self::Value>;
}

/// A new value of a slot; zero removes the leaf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlotChange {
    pub(crate) key: B256,
    pub(crate) value: U256,
}

impl Change for SlotChange {
    type Value = U256;

    fn key(&self) -> &B256 {
        &self.key
    }

    fn apply(&mut self, _: Option<&U256>) -> Option<U256> {
        (!self.value.is_zero()).then_some(self.value)
    }
}

/// A new account, a new storage root, or both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AccountChange {
    pub(crate) key: B256,
    /// The account, where it changed.
    pub(crate) account: Option<Option<Account>>,
    /// The root of its storage, where that changed.
    pub(crate) storage_root: Option<B256>,
    /// The leaf that came of it.
    pub(crate) leaf: Option<TrieAccount>,
}

impl Change for AccountChange {
    type Value = TrieAccount;

    fn key(&self) -> &B256 {
        &self.key
    }

    fn apply(&mut self, old: Option<&TrieAccount>) -> Option<TrieAccount> {
        let account = match self.account {
            Some(account) => account,
            None => {
                old.map(|old| Account { nonce: old.nonce, balance: old.balance, code_hash: old.code_hash })
            }
        };
        let old_root = old.map_or(EMPTY_ROOT_HASH, |old| old.storage_root);
        let storage_root = self.storage_root.unwrap_or(old_root);
        self.leaf = account.map(|Account { nonce, balance, code_hash }| TrieAccount {
            nonce,
            balance,
            storage_root,
            code_hash,
        });
        self.leaf
    }
}
