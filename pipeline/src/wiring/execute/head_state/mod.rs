//! Compares the state that execution arrived at with that in a file: first all accounts, then, in a second pass over the
//! file, the slots of those whose storage roots differ. Neither state is kept in memory.

mod accounts;
mod arrived;
mod census;
mod difference;
mod slots;

use alloy::primitives::B256;
use blockmill_chain::{BlockChanges, Cancel};
use blockmill_source::{HeadEntry, HeadState};
use blockmill_store::Store;
use blockmill_trie::StateTrie;

use accounts::Accounts;
use arrived::Arrived;
pub(crate) use difference::Compared;
use difference::{CompareError, Differences, Outcome};
use slots::Slots;

/// A block, or some in a row, behind which the state root is wrong.
pub(super) struct WrongState<'a> {
    /// The root that it should have.
    pub(super) expected: B256,
    /// The root that it has.
    pub(super) actual: B256,
    /// What the blocks changed in the state that is stored.
    pub(super) changes: &'a BlockChanges,
}

impl WrongState<'_> {
    /// Looks what differs from the state in `file`, if that is the one behind the same block.
    pub(super) fn compare(
        &self,
        file: &HeadState,
        store: &Store,
        trie: &mut StateTrie,
        cancel: &Cancel,
    ) -> Compared {
        let outcome = match file.root() {
            root if root != self.expected => Outcome::AnotherBlock { root },
            _ => match self.differences(file, store, trie, cancel) {
                Ok(differences) => Outcome::Differs(differences),
                Err(error) => Outcome::Failed(error),
            },
        };
        Compared { file: file.path().into(), outcome }
    }

    fn differences(
        &self,
        file: &HeadState,
        store: &Store,
        trie: &mut StateTrie,
        cancel: &Cancel,
    ) -> Result<Differences, CompareError> {
        let arrived = &Arrived::new(store, trie, self.changes, self.actual)?;
        let mut accounts = Accounts::new(arrived);
        let keys = file.read::<CompareError>(&mut |entry| match entry {
            _ if cancel.is_cancelled() => Err(CompareError::Cancelled),
            HeadEntry::Account(account) => accounts.compare(&account),
            HeadEntry::Slot(_) => Ok(()),
        })?;
        let (differences, storages) = accounts.finish()?;
        if storages.is_empty() {
            return Ok(differences);
        }
        let mut slots = Slots::new(arrived, keys, differences, storages);
        file.read::<CompareError>(&mut |entry| match entry {
            _ if cancel.is_cancelled() => Err(CompareError::Cancelled),
            HeadEntry::Slot(slot) => slots.compare(&slot),
            HeadEntry::Account(account) => slots.finish_account(account.ordinal),
        })?;
        Ok(slots.finish())
    }
}
