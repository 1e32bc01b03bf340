//! Joins sorted accounts and slots, and turns them into the rows of all tries.

use std::mem;

use alloy::primitives::{B256, U256};
use alloy_trie::TrieAccount;
use blockmill_chain::{Account, Cancel};

use super::budget::{self, Budget, Peak};
use super::chunk::Chunk;
use super::error::RebuildError;
use super::grow::GrowingTrie;
use super::kind::{Accounts, Slots, split_key};
use super::runs::{Merge, Run};
use super::{RebuildTarget, Rebuilt};
use crate::{StorageUpdates, TrieUpdates, Visit};

/// Computes all tries of the state in these runs, behind what the target has.
pub(super) fn compute<T: RebuildTarget>(
    accounts: &[Run<Accounts>],
    slots: &[Run<Slots>],
    target: &mut T,
    budget: &Budget,
    cancel: &Cancel,
) -> Result<Rebuilt, RebuildError> {
    let through = target.through().map_err(RebuildError::target)?;
    let mut tries = Tries {
        accounts: Merge::open(accounts)?,
        slots: Merge::open(slots)?,
        trie: GrowingTrie::new(),
        chunk: Chunk::new(budget),
        piece: Vec::with_capacity(budget.piece_slots),
        peak: Peak::default(),
        through,
        target,
        cancel,
    };
    if let Some(through) = through {
        tries.resume(through)?;
    }
    tries.run()?;
    let (root, peak_bytes) = (tries.finish()?, tries.peak.bytes());
    let accounts = accounts.iter().map(|run| run.footer.rows).sum();
    let slots = slots.iter().map(|run| run.footer.rows).sum();
    Ok(Rebuilt { root, accounts, slots, peak_bytes })
}

struct Tries<'a, T> {
    accounts: Merge<Accounts>,
    slots: Merge<Slots>,
    /// The trie of all accounts.
    trie: GrowingTrie,
    /// Accounts that are not written yet.
    chunk: Chunk,
    /// Slots of the account that is being read; its capacity says how many at once.
    piece: Vec<(B256, U256)>,
    peak: Peak,
    through: Option<B256>,
    target: &'a mut T,
    cancel: &'a Cancel,
}

impl<T: RebuildTarget> Tries<'_, T> {
    fn check_cancel(&self) -> Result<(), RebuildError> {
        if self.cancel.is_cancelled() { Err(RebuildError::Interrupted) } else { Ok(()) }
    }

    /// Passes what the target has: the account trie takes its leaves from there, with their storage roots.
    fn resume(&mut self, through: B256) -> Result<(), RebuildError> {
        let written = self.feed_written(through)?;
        let mut sorted = 0;
        while self.accounts.head().is_some_and(|(hashed, _)| hashed <= through) {
            self.check_cancel()?;
            self.accounts.advance()?;
            sorted += 1;
        }
        while self.slots.head().is_some_and(|(key, _)| split_key(&key).0 <= through) {
            self.check_cancel()?;
            self.slots.advance()?;
        }
        if written == sorted { Ok(()) } else { Err(RebuildError::Resume { through, written, sorted }) }
    }

    /// Grows the account trie by the accounts that were written; how many.
    ///
    /// Their branches are dropped: those that these leaves complete were in the same writes.
    fn feed_written(&mut self, through: B256) -> Result<u64, RebuildError> {
        let Self { trie, target, cancel, chunk, .. } = self;
        let mut leaves = Vec::with_capacity(chunk.max_accounts());
        let mut written = 0;
        let mut feed = |leaves: &mut Vec<(B256, Option<TrieAccount>)>| {
            written += leaves.len() as u64;
            trie.extend(leaves);
            trie.drain();
            leaves.clear();
        };
        let visited = target.written_accounts(&mut |hashed, account| {
            if leaves.len() == leaves.capacity() {
                feed(&mut leaves);
            }
            if hashed > through || cancel.is_cancelled() {
                return Visit::Stop;
            }
            leaves.push((hashed, Some(account)));
            Visit::Next
        });
        visited.map_err(RebuildError::target)?;
        feed(&mut leaves);
        self.check_cancel()?;
        Ok(written)
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
        self.target.write(&rows, self.through).map_err(RebuildError::target)?;
        Ok(rows.storage.pop().map(|storage| storage.slots).unwrap_or_default())
    }

    fn write_chunk(&mut self) -> Result<(), RebuildError> {
        let Some(last) = self.chunk.last() else { return Ok(()) };
        self.trie.extend(self.chunk.compute_storage());
        let rows = self.chunk.rows(self.trie.drain());
        self.target.write(rows, Some(last)).map_err(RebuildError::target)?;
        self.through = Some(last);
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
            self.target.write(&rows, self.through).map_err(RebuildError::target)?;
        }
        Ok(root)
    }
}
