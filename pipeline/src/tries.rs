//! The state trie as a whole: made anew from the flat state, or compared with it.

use std::path::Path;

use alloy::primitives::B256;
use blockmill_chain::{Cancel, Monitor, StageId};
use blockmill_store::{Store, StoreError, StoreKind};
use blockmill_trie::{Compare, Differences, RebuildError, RebuildOptions, Rebuilt, rebuild};

use crate::error::RunError;

/// How the tries of a store are made anew.
pub(crate) struct Remaking<'a> {
    pub(crate) store: &'a Store,
    pub(crate) data_dir: &'a Path,
    pub(crate) memory_bytes: usize,
    pub(crate) cancel: &'a Cancel,
    pub(crate) monitor: &'a dyn Monitor,
}

impl Remaking<'_> {
    /// Makes the tries whole where they are not, after a run that was stopped while it did so, or where that was asked for
    /// (`anew`). They must lead to the root of the last executed block.
    ///
    /// Where it is cancelled the next run starts it anew.
    pub(crate) fn make_whole(&self, anew: bool) -> Result<(), RunError> {
        let is_chain = self.store.identity()?.is_some_and(|identity| identity.kind == StoreKind::Chain);
        let Some(head) = self.store.execute_checkpoint()?.filter(|_| is_chain) else { return Ok(()) };
        if self.store.trie_is_whole()? && !anew {
            return Ok(());
        }
        self.store.begin_trie_rebuild()?;
        self.note(&format!("recomputing the state trie as of block {head} from all accounts and slots"));
        match self.rebuild() {
            Ok(rebuilt) => self.finish(head, rebuilt),
            Err(RebuildError::Interrupted) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn rebuild(&self) -> Result<Rebuilt, RebuildError> {
        let Self { data_dir: folder, memory_bytes, cancel, .. } = *self;
        let options = RebuildOptions { folder, memory_bytes, cancel };
        rebuild(self.store, &mut self.store.trie_rebuild(), &options)
    }

    fn finish(&self, head: u64, rebuilt: Rebuilt) -> Result<(), RunError> {
        let expected = root_in_header(self.store, head)?;
        if rebuilt.root != expected {
            return Err(RunError::DamagedState { block: head, expected, actual: rebuilt.root });
        }
        self.store.finish_trie_rebuild()?;
        let Rebuilt { accounts, slots, .. } = rebuilt;
        self.note(&format!(
            "the state trie is whole: {accounts} accounts, {slots} slots, root as in the header"
        ));
        Ok(())
    }

    fn note(&self, message: &str) {
        self.monitor.note(StageId::Execute, message);
    }
}

/// What comparing the stored tries with the flat state found.
#[derive(Debug)]
pub struct TrieComparison {
    /// The root of the flat state.
    pub root: B256,
    /// The one in the header of the last executed block.
    pub root_in_header: B256,
    /// Rows, of leaves and branches, that are not what the flat state gives.
    pub differences: Differences,
}

/// Computes every row of the state trie anew from the flat accounts and slots, and compares it with the stored one.
/// Takes temporary space in `data_dir`, as much as the state itself.
///
/// # Errors
/// A store without state, rows that cannot be read, a full disk.
pub fn compare_tries(
    store: &Store,
    data_dir: &Path,
    memory_bytes: usize,
) -> Result<TrieComparison, RunError> {
    /// Differences that are shown.
    const SHOWN: usize = 5;
    let head = store.execute_checkpoint()?.ok_or(RunError::NothingExecuted)?;
    let mut compare = Compare::new(store, SHOWN);
    let options = RebuildOptions { folder: data_dir, memory_bytes, cancel: &Cancel::default() };
    let rebuilt = rebuild(store, &mut compare, &options)?;
    let differences = compare.finish()?;
    Ok(TrieComparison { root: rebuilt.root, root_in_header: root_in_header(store, head)?, differences })
}

fn root_in_header(store: &Store, number: u64) -> Result<B256, StoreError> {
    Ok(store.header(number)?.ok_or(StoreError::UnknownBlock { number })?.state_root)
}
