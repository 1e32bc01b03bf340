//! Reading tries: the hot path of state roots.

use alloy::primitives::{B256, U256};
use blockmill_trie::{BranchNodeCompact, Nibbles, TrieAccount, TrieId, TrieReader, Visit};
use rocksdb::DBRawIterator;

use super::{branches_of, leaves_of};
use crate::codec::{decode_branch, decode_rlp, decode_slot_value};
use crate::keys::{TrieKey, decode_branch_path, decode_leaf_hash};
use crate::options::read_trie;
use crate::{RowError, RowId, Store, StoreError};

/// Rows to step over before a seek: one costs about as much as this many steps.
const STEPS_BEFORE_SEEK: usize = 8;

impl TrieReader for Store {
    type Error = StoreError;

    fn branch(&self, trie: TrieId, path: &Nibbles) -> Result<Option<BranchNodeCompact>, StoreError> {
        self.get_decoded(branches_of(trie), TrieKey::branch(trie, path), decode_branch)
    }

    fn first_branch(
        &self,
        trie: TrieId,
        prefix: &Nibbles,
    ) -> Result<Option<(Nibbles, BranchNodeCompact)>, StoreError> {
        let family = branches_of(trie);
        let (start, end) = (TrieKey::branch(trie, prefix), TrieKey::end_of(trie, prefix));
        let mut rows = self.db.raw_iterator_cf_opt(self.column(family), read_trie(family, end.as_ref()));
        rows.seek(start);
        let Some((key, value)) = rows.item() else {
            let status = rows.status().map(|()| None);
            return status.map_err(|source| StoreError::Read { row: RowId::new(family, start), source });
        };
        let row = decode_branch_path(trie, key).and_then(|path| Ok(Some((path, decode_branch(value)?))));
        row.map_err(|source| StoreError::Row { row: RowId::new(family, key), source })
    }

    fn account_leaves(
        &self,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, TrieAccount) -> Visit,
    ) -> Result<(), StoreError> {
        self.visit_leaves(TrieId::Accounts, prefix, |hash, value| Ok(visit(hash, decode_rlp(value)?)))
    }

    fn storage_leaves(
        &self,
        owner: B256,
        prefix: &Nibbles,
        visit: &mut dyn FnMut(B256, U256) -> Visit,
    ) -> Result<(), StoreError> {
        self.visit_leaves(TrieId::Storage(owner), prefix, |hash, value| {
            Ok(visit(hash, decode_slot_value(value)?))
        })
    }
}

impl Store {
    /// Visits the leaves under `prefix`; `visit` is given each one's hash and encoded value.
    fn visit_leaves(
        &self,
        trie: TrieId,
        prefix: &Nibbles,
        mut visit: impl FnMut(B256, &[u8]) -> Result<Visit, RowError>,
    ) -> Result<(), StoreError> {
        let family = leaves_of(trie);
        let (start, end) = (TrieKey::first_leaf(trie, prefix), TrieKey::end_of(trie, prefix));
        let mut rows = self.db.raw_iterator_cf_opt(self.column(family), read_trie(family, end.as_ref()));
        rows.seek(start);
        while let Some((key, value)) = rows.item() {
            let wish = decode_leaf_hash(trie, key).and_then(|hash| visit(hash, value));
            match wish.map_err(|source| StoreError::Row { row: RowId::new(family, key), source })? {
                Visit::Next => rows.next(),
                Visit::SkipTo(hash) => skip_to(&mut rows, TrieKey::leaf(trie, hash)),
                Visit::Stop => return Ok(()),
            }
        }
        rows.status().map_err(|source| StoreError::Read { row: RowId::new(family, start), source })
    }
}

/// Moves at least one row on, to `target` or the first row after it. It is often near: a seek is the last
/// resort.
fn skip_to(rows: &mut DBRawIterator<'_>, target: TrieKey) {
    for _ in 0..STEPS_BEFORE_SEEK {
        rows.next();
        if rows.key().is_none_or(|key| key >= target.as_ref()) {
            return;
        }
    }
    rows.seek(target);
}
