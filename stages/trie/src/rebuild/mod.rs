//! The whole trie anew from the flat state: in bounded memory and on several cores. It starts anew after a kill.
//!
//! 1. [`sort`] reads the flat state, hashes its keys and writes sorted runs to temporary files ([`run`]).
//! 2. [`merge`] reads those files side by side, as one ascending sequence each of accounts and of slots.
//! 3. [`tries`] joins both, computes storage roots chunk by chunk, then the account trie, and hands the rows to a
//!    [`RebuildTarget`]: a store that takes them, or [`Compare`], which compares them with those of a store.
//!
//! Memory, as shares of the budget ([`budget`]):
//!
//! | while | what | share |
//! |---|---|---|
//! | sorting | rows to be sorted (104 bytes an account, 96 a slot) | 7/8 |
//! | merging into fewer runs | the read buffer of each open run, 4 to 256 KiB | up to 3/4 |
//! | computing | the read buffer of each open run, at most 128 of each kind | up to 1/4 |
//! | | accounts of a chunk: leaf, storage entry, share of branches | 1/3 of the rest |
//! | | slots of a chunk, with their share of branches | 1/3 of the rest |
//! | | slots of one account while they are gathered, or written in pieces | 1/6 of the rest |
//!
//! What is left is for what is not counted: hash builders (a few kilobytes each thread), one batch being written.
//!
//! Rows are those that alloy-trie's `HashBuilder` emits, without their root hash. The branch at the empty path is stored.

mod budget;
mod chunk;
mod compare;
mod error;
mod grow;
mod kind;
mod merge;
mod run;
mod sort;
#[cfg(test)]
mod tests;
mod tries;

use std::path::Path;

use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Account, Cancel};

use crate::TrieUpdates;
use budget::SortBudget;
use kind::{Accounts, Slots};
use merge::RunMerge;

pub use budget::MIN_MEMORY_BYTES;
pub use compare::{BranchCounts, Compare, Difference, Differences, TrieScan};
pub use error::RebuildError;

/// The flat state.
pub trait FlatState {
    /// Why a read failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// All accounts, in any order.
    fn accounts(&self) -> impl Iterator<Item = Result<(Address, Account), Self::Error>>;

    /// All slots: their account's address, their key and their value. Slots of value zero do not count.
    fn slots(&self) -> impl Iterator<Item = Result<(Address, U256, U256), Self::Error>>;
}

/// Where the rows of a rebuild go. At first it has none.
pub trait RebuildTarget {
    /// Why it failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Takes rows, those of accounts and of slots in the order of their hashed keys.
    fn write(&mut self, rows: &TrieUpdates) -> Result<(), Self::Error>;
}

/// How to rebuild. Threads are those of rayon's current pool.
#[derive(Debug, Clone, Copy)]
pub struct RebuildOptions<'a> {
    /// Where the temporary files go: as much as the state itself takes. They have no names.
    pub folder: &'a Path,
    /// What all buffers together may take, in bytes; at least [`MIN_MEMORY_BYTES`].
    pub memory_bytes: usize,
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
/// # Errors
///
/// [`RebuildError::Interrupted`] after a cancel; else what could not be read or written, or does not fit together.
pub fn rebuild<F: FlatState, T: RebuildTarget>(
    flat: &F,
    target: &mut T,
    options: &RebuildOptions<'_>,
) -> Result<Rebuilt, RebuildError> {
    let RebuildOptions { folder, memory_bytes, cancel } = *options;
    let budget = SortBudget::new(memory_bytes)?;
    let (accounts, account_bytes) = sort::sort::<Accounts, F>(flat, folder, &budget, cancel)?;
    let (slots, slot_bytes) = sort::sort::<Slots, F>(flat, folder, &budget, cancel)?;
    let account_rows = accounts.iter().map(|run| run.rows).sum();
    let slot_rows = slots.iter().map(|run| run.rows).sum();
    let accounts = RunMerge::open(accounts, folder, &budget, cancel)?;
    let slots = RunMerge::open(slots, folder, &budget, cancel)?;
    let (root, peak_bytes) = tries::compute(accounts, slots, target, &budget, cancel)?;
    let peak_bytes = peak_bytes.max(account_bytes).max(slot_bytes);
    Ok(Rebuilt { root, accounts: account_rows, slots: slot_rows, peak_bytes })
}
