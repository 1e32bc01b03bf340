//! A target that writes nothing: it holds every rebuilt row against what is stored.

mod difference;
mod ordered;
mod scan;

use alloy::primitives::{B256, U256};
use alloy_trie::Nibbles;

pub use difference::{Difference, Differences};
pub use scan::{BranchCounts, TrieScan};

use super::RebuildTarget;
use crate::{BranchUpdate, TrieId, TrieUpdates, Visit};
use ordered::{Expected, RowPlace};
use scan::SlotKey;

/// Compares rebuilt rows with stored ones.
///
/// Leaves are read in order between the ends of what came, so that one that should not be there is found too.
/// Branches are looked up one by one, and counted: one that should not be there shows at the end, by number only.
pub struct Compare<'a, R> {
    stored: &'a R,
    found: Differences,
    /// The last account that was compared.
    accounts_to: Option<B256>,
    /// The last slot that was compared.
    slots_to: Option<SlotKey>,
    /// Branches that are stored and should be.
    known: BranchCounts,
}

impl<'a, R: TrieScan> Compare<'a, R> {
    /// Compares with `stored`, and keeps the first `keep` differences. All are counted.
    pub fn new(stored: &'a R, keep: usize) -> Self {
        let (accounts_to, slots_to, known) = (None, None, BranchCounts::default());
        Self { stored, found: Differences::new(keep), accounts_to, slots_to, known }
    }

    /// To be called when the rebuild is done: what is stored behind its last rows should not be.
    pub fn finish(mut self) -> Result<Differences, R::Error> {
        self.compare_accounts(None, &TrieUpdates::default())?;
        self.compare_slots(None, &TrieUpdates::default())?;
        let stored = self.stored.branch_counts()?;
        self.found.extra_branches(false, stored.accounts.saturating_sub(self.known.accounts));
        self.found.extra_branches(true, stored.storage.saturating_sub(self.known.storage));
        Ok(self.found)
    }

    /// Compares the accounts up to `last`, or all that are left.
    fn compare_accounts(&mut self, last: Option<B256>, rows: &TrieUpdates) -> Result<(), R::Error> {
        let leaves = rows.accounts.iter().filter_map(|(key, account)| Some((*key, (*account)?)));
        let found = &mut self.found;
        let mut expected = Expected::new(leaves, self.accounts_to, last, |key, expected, stored| {
            found.add(|| Difference::Account { key, expected, stored });
        });
        let mut visit = |key, account| match expected.take(key, account) {
            RowPlace::Before(after) if key < after => Visit::SkipTo(after),
            RowPlace::Before(_) | RowPlace::Within => Visit::Next,
            RowPlace::Behind => Visit::Stop,
        };
        self.stored.account_leaves(&Nibbles::new(), &mut visit)?;
        expected.finish();
        self.accounts_to = last;
        Ok(())
    }

    /// Compares the slots of all accounts up to `last`, or all that are left.
    fn compare_slots(&mut self, last: Option<SlotKey>, rows: &TrieUpdates) -> Result<(), R::Error> {
        let leaves = rows.storage.iter().flat_map(|s| s.slots.iter().map(|(key, v)| ((s.owner, *key), *v)));
        let found = &mut self.found;
        let mut expected = Expected::new(leaves, self.slots_to, last, |(owner, key), expected, stored| {
            found.add(|| Difference::Slot { owner, key, expected, stored });
        });
        let from = self.slots_to.unwrap_or_default();
        self.stored.slot_leaves_from(from, &mut |key, value: U256| match expected.take(key, value) {
            RowPlace::Before(_) | RowPlace::Within => Visit::Next,
            RowPlace::Behind => Visit::Stop,
        })?;
        expected.finish();
        self.slots_to = last;
        Ok(())
    }

    /// Looks branches up; how many are stored at all.
    fn compare_branches(&mut self, trie: TrieId, rows: &[BranchUpdate]) -> Result<u64, R::Error> {
        let mut known = 0;
        for (path, expected) in rows {
            let stored = self.stored.branch(trie, path)?;
            known += u64::from(stored.is_some());
            if stored != *expected {
                let (path, expected) = (*path, expected.clone());
                self.found.add(|| Difference::Branch { trie, path, expected, stored });
            }
        }
        Ok(known)
    }
}

impl<R: TrieScan> RebuildTarget for Compare<'_, R> {
    type Error = R::Error;

    fn write(&mut self, rows: &TrieUpdates) -> Result<(), R::Error> {
        if let Some((last, _)) = rows.accounts.last() {
            self.compare_accounts(Some(*last), rows)?;
        }
        let last_slot = rows.storage.iter().rev().find_map(|s| Some((s.owner, s.slots.last()?.0)));
        if last_slot.is_some() {
            self.compare_slots(last_slot, rows)?;
        }
        self.known.accounts += self.compare_branches(TrieId::Accounts, &rows.branches)?;
        for storage in &rows.storage {
            self.known.storage += self.compare_branches(TrieId::Storage(storage.owner), &storage.branches)?;
        }
        Ok(())
    }
}
