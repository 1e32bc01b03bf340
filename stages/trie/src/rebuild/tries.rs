//! Joins sorted accounts and slots, and turns them into the rows of all tries.

use std::mem;

use alloy::primitives::{B256, U256};
use blockmill_chain::{Account, Cancel};

use super::RebuildTarget;
use super::budget::{self, Peak, SortBudget};
use super::chunk::Chunk;
use super::error::RebuildError;
use super::grow::GrowingTrie;
use super::kind::{Accounts, Slots, split_key};
use super::merge::RunMerge;
use crate::{StorageUpdates, TrieUpdates};

/// Computes all tries of these accounts and slots; their root, and the most bytes that were held at once.
pub(super) fn compute<T: RebuildTarget>(
    accounts: RunMerge<Accounts>,
    slots: RunMerge<Slots>,
    target: &mut T,
    budget: &SortBudget,
    cancel: &Cancel,
) -> Result<(B256, usize), RebuildError> {
    let mut tries = Tries {
        accounts,
        slots,
        trie: GrowingTrie::new(),
        chunk: Chunk::new(budget),
        piece: Vec::with_capacity(budget.piece_slots),
        peak: Peak::default(),
        target,
        cancel,
    };
    tries.run()?;
    Ok((tries.finish()?, tries.peak.bytes()))
}

struct Tries<'a, T> {
    accounts: RunMerge<Accounts>,
    slots: RunMerge<Slots>,
    /// The trie of all accounts.
    trie: GrowingTrie,
    /// Accounts that are not written yet.
    chunk: Chunk,
    /// Slots of the account that is being read; its capacity says how many at once.
    piece: Vec<(B256, U256)>,
    peak: Peak,
    target: &'a mut T,
    cancel: &'a Cancel,
}

impl<T: RebuildTarget> Tries<'_, T> {
    fn check_cancel(&self) -> Result<(), RebuildError> {
        if self.cancel.is_cancelled() { Err(RebuildError::Interrupted) } else { Ok(()) }
    }

    fn run(&mut self) -> Result<(), RebuildError> {
        while let Some((hashed, account)) = self.accounts.head() {
            self.check_cancel()?;
            self.take_account(hashed, account)?;
            self.accounts.advance()?;
        }
        self.check_owner(None)?;
        self.write_chunk()
    }

    fn take_account(&mut self, hashed: B256, account: Account) -> Result<(), RebuildError> {
        self.check_owner(Some(hashed))?;
        let has_more = self.fill_piece(hashed)?;
        // What lies before is written first: rows are written in the order of the accounts.
        if has_more || !self.chunk.has_room(self.piece.len()) {
            self.write_chunk()?;
        }
        if has_more {
            let root = self.stream_storage(hashed)?;
            self.chunk.push(hashed, account, Some(root));
        } else {
            self.chunk.push(hashed, account, None);
            self.chunk.push_storage(hashed, &self.piece);
        }
        Ok(())
    }

    /// The next slot must not be of an account before `expected`, as there is none; or of any, if none is expected.
    fn check_owner(&self, expected: Option<B256>) -> Result<(), RebuildError> {
        match self.next_owner() {
            Some(owner) if expected.is_none_or(|expected| owner < expected) => {
                Err(RebuildError::SlotWithoutAccount { owner })
            }
            _ => Ok(()),
        }
    }

    fn next_owner(&self) -> Option<B256> {
        self.slots.head().map(|(key, _)| split_key(&key).0)
    }

    /// Reads the next slots of an account, as many as the piece takes; whether there are more.
    fn fill_piece(&mut self, owner: B256) -> Result<bool, RebuildError> {
        self.piece.clear();
        while let Some((key, value)) = self.slots.head() {
            let (its_owner, slot) = split_key(&key);
            if its_owner != owner {
                return Ok(false);
            }
            if self.piece.len() == self.piece.capacity() {
                return Ok(true);
            }
            self.piece.push((slot, value));
            self.slots.advance()?;
        }
        Ok(false)
    }

    /// Computes and writes a storage that is too large for a chunk, of which the first piece is there; its root.
    fn stream_storage(&mut self, owner: B256) -> Result<B256, RebuildError> {
        let mut trie = GrowingTrie::new();
        while !self.piece.is_empty() {
            self.check_cancel()?;
            trie.extend(&self.piece);
            let slots = mem::take(&mut self.piece);
            let written = StorageUpdates { owner, slots, branches: trie.drain(), wiped: false };
            self.piece = self.write_storage(written)?;
            self.fill_piece(owner)?;
        }
        let (root, branches) = trie.finish();
        let written = StorageUpdates { owner, slots: mem::take(&mut self.piece), branches, wiped: false };
        self.piece = self.write_storage(written)?;
        Ok(root)
    }

    /// Writes rows of one storage, and gives back the room of its slots.
    fn write_storage(&mut self, storage: StorageUpdates) -> Result<Vec<(B256, U256)>, RebuildError> {
        let mut rows = TrieUpdates { storage: vec![storage], ..TrieUpdates::default() };
        let held = budget::bytes_of(&rows) + self.chunk.bytes();
        self.peak.note(held + self.accounts.bytes() + self.slots.bytes());
        self.target.write(&rows).map_err(RebuildError::target)?;
        Ok(rows.storage.pop().map(|storage| storage.slots).unwrap_or_default())
    }

    fn write_chunk(&mut self) -> Result<(), RebuildError> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        self.trie.extend(self.chunk.compute_storage());
        let rows = self.chunk.rows(self.trie.drain());
        self.target.write(rows).map_err(RebuildError::target)?;
        let piece_bytes = self.piece.capacity() * size_of::<(B256, U256)>();
        self.peak.note(self.chunk.bytes() + piece_bytes + self.accounts.bytes() + self.slots.bytes());
        self.chunk.clear();
        Ok(())
    }

    /// Writes the last branches of the account trie; its root.
    fn finish(&mut self) -> Result<B256, RebuildError> {
        let (root, branches) = self.trie.finish();
        let rows = TrieUpdates { branches, ..TrieUpdates::default() };
        if !rows.is_empty() {
            self.target.write(&rows).map_err(RebuildError::target)?;
        }
        Ok(root)
    }
}
