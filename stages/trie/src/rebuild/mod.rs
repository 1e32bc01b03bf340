//! The whole trie anew from the flat state: in bounded memory, on several cores, and resumable.
//!
//! 1. [`sort`] reads the flat state, hashes its keys and writes sorted run files.
//! 2. [`runs`] keeps those files and merges them into one ascending sequence each of accounts and of slots.
//! 3. [`tries`] joins both, computes storage roots chunk by chunk, then the account trie, and hands the rows to a
//!    [`RebuildTarget`]: a store that takes them, or [`Compare`], which holds them against what a store has.
//!
//! The README of this folder describes the run files and how the memory is split.

mod budget;
mod chunk;
mod compare;
mod error;
mod grow;
mod kind;
mod runs;
mod sort;
#[cfg(test)]
mod tests;
mod tries;

use std::path::Path;

use alloy::primitives::{Address, B256, U256};
use alloy_trie::TrieAccount;
use blockmill_chain::{Account, Cancel};

use crate::{TrieUpdates, Visit};
use budget::Budget;
use kind::{Accounts, Slots};
use runs::Folder;

pub use budget::MIN_MEMORY_BYTES;
pub use compare::{BranchCounts, Compare, Difference, Differences, TrieScan};
pub use error::RebuildError;

/// The flat state in the order of its plain keys.
pub trait FlatState {
    /// Why a read failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The accounts whose address is `start` or greater, ascending.
    fn accounts_from(&self, start: Address) -> impl Iterator<Item = Result<(Address, Account), Self::Error>>;

    /// The slots whose address and key are `start` or greater, ascending by both. Slots of value zero do not count.
    fn slots_from(
        &self,
        start: (Address, U256),
    ) -> impl Iterator<Item = Result<(Address, U256, U256), Self::Error>>;
}

/// Where the rows of a rebuild go. At first it has none.
pub trait RebuildTarget {
    /// Why it failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The last `through` that was written; `None` before the first.
    ///
    /// It must have come from the very state that is rebuilt now: whoever changes the state forgets it, and the rows.
    fn through(&self) -> Result<Option<B256>, Self::Error>;

    /// Visits the account leaves up to `through`, ascending. Only a rebuild that resumes asks.
    fn written_accounts(&self, visit: &mut dyn FnMut(B256, TrieAccount) -> Visit) -> Result<(), Self::Error>;

    /// Takes rows and how far they lead, in one write.
    ///
    /// `through` is the last hashed address whose rows are now whole. Where one storage takes several writes it stays
    /// at the account before (`None` if there is none), and a resumed rebuild writes the same rows again.
    fn write(&mut self, rows: &TrieUpdates, through: Option<B256>) -> Result<(), Self::Error>;
}

/// How to rebuild. Threads are those of rayon's current pool.
#[derive(Debug, Clone, Copy)]
pub struct RebuildOptions<'a> {
    /// Where the sorted runs go: a folder that nobody else uses. It is made, and removed when all is done.
    pub folder: &'a Path,
    /// What all buffers together may take, in bytes; at least [`MIN_MEMORY_BYTES`].
    pub memory_bytes: usize,
    /// Which state this is (the number of its block): sorted runs of another one are of no use, and swept.
    pub state: u64,
    /// Set when the user asked to stop.
    pub cancel: &'a Cancel,
}

/// What a rebuild computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// The state root.
    pub root: B256,
    /// Accounts in the state.
    pub accounts: u64,
    /// Non-zero slots in the state.
    pub slots: u64,
    /// The most bytes that its buffers held at once.
    pub peak_bytes: usize,
}

/// Computes every row of every trie of `flat` and writes them to `target`.
///
/// A rebuild that was interrupted, or died, resumes when it is called again with the same folder and target: behind
/// the last whole run while sorting, behind the last account written after that.
///
/// # Errors
///
/// [`RebuildError::Interrupted`] after a cancel; else what could not be read or written, or does not fit together.
pub fn rebuild<F: FlatState, T: RebuildTarget>(
    flat: &F,
    target: &mut T,
    options: &RebuildOptions<'_>,
) -> Result<Rebuilt, RebuildError> {
    let budget = Budget::new(options.memory_bytes)?;
    let folder = Folder::open(options.folder, options.state)?;
    let (accounts, account_bytes) = sort::sort::<Accounts, F>(flat, &folder, &budget, options.cancel)?;
    let (slots, slot_bytes) = sort::sort::<Slots, F>(flat, &folder, &budget, options.cancel)?;
    let accounts = runs::reduce(&folder, accounts, &budget, options.cancel)?;
    let slots = runs::reduce(&folder, slots, &budget, options.cancel)?;
    let mut rebuilt = tries::compute(&accounts, &slots, target, &budget, options.cancel)?;
    rebuilt.peak_bytes = rebuilt.peak_bytes.max(account_bytes).max(slot_bytes);
    folder.remove()?;
    Ok(rebuilt)
}
