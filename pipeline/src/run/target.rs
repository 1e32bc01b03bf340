//! How far a run goes, and from where.

use blockmill_chain::{BlockRange, Cancel};
use blockmill_source::{Source, SourceKind};
use blockmill_store::{Store, StoreKind};

use crate::error::RunError;
use crate::settings::Settings;

/// What a run aims at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) kind: StoreKind,
    /// Blocks whose rows are wanted.
    pub(crate) rows: BlockRange,
    /// The first block that the source is to store.
    pub(crate) first_stored: u64,
    /// Whether the state before the first block that is not executed yet is there.
    pub(crate) has_state: bool,
}

impl Target {
    pub(crate) fn find(
        settings: &Settings,
        source: Option<&Source>,
        store: &Store,
        kind: StoreKind,
    ) -> Result<Self, RunError> {
        let stored = store.source_checkpoint()?;
        if let Some(source) = source {
            refuse_gap(source, store, stored)?;
        }
        let given = source.map(Source::range);
        let first = match kind {
            StoreKind::Chain => store.first_block()?,
            StoreKind::Witnesses => first_witness(given, store)?,
        };
        let end = given.map_or(0, |range| range.end).max(stored.map_or(0, |last| last + 1));
        let mut rows = settings.range.within(BlockRange::new(first, end));
        if kind == StoreKind::Witnesses {
            rows = BlockRange::new(rows.start, end_of_witnesses(rows, source, store)?);
        }
        if rows.is_empty() {
            return Err(RunError::Usage(format!(
                "no block of --range is there: the source and the store hold {first}:{end}"
            )));
        }
        let first_wanted = if kind == StoreKind::Witnesses { rows.start } else { first };
        let first_stored = given.map_or(first, |range| range.start).max(first_wanted);
        let has_state = kind == StoreKind::Witnesses || continues_state(store, given)?;
        Ok(Self { kind, rows, first_stored, has_state })
    }

    /// A chain that starts in the middle has been stored and checked, but there is nothing to execute it on.
    pub(crate) fn refuse_without_state(&self, cancel: &Cancel) -> Result<(), RunError> {
        if self.has_state || cancel.is_cancelled() {
            return Ok(());
        }
        Err(RunError::NoState { stored: BlockRange::new(self.first_stored, self.rows.end) })
    }
}

/// Whether the block after the executed state is stored, or among the blocks given.
fn continues_state(store: &Store, given: Option<BlockRange>) -> Result<bool, RunError> {
    let next = store.execute_checkpoint()?.map_or(0, |last| last + 1);
    let is_given = given.is_none_or(|range| range.start <= next);
    let is_stored = store.block_hash(next)?.is_some();
    Ok(is_stored || (is_given && store.source_checkpoint()?.is_none_or(|last| last < next)))
}

fn first_witness(given: Option<BlockRange>, store: &Store) -> Result<u64, RunError> {
    let stored = store.numbers(BlockRange::new(0, u64::MAX)).next().transpose()?;
    Ok(stored.into_iter().chain(given.map(|range| range.start)).min().unwrap_or(0))
}

/// One past the last block in `wanted`: there may be none at its end.
fn end_of_witnesses(wanted: BlockRange, source: Option<&Source>, store: &Store) -> Result<u64, RunError> {
    let stored = store.numbers(wanted).last().transpose()?;
    let files = source.into_iter().flat_map(Source::files).map(|file| file.last);
    let last = files.filter(|number| wanted.contains(*number)).chain(stored).max();
    Ok(last.map_or(wanted.start, |last| last + 1))
}

/// Chain files must continue what is stored; witness files may only be added after it, because rows are
/// written in the order of the blocks.
fn refuse_gap(source: &Source, store: &Store, stored: Option<u64>) -> Result<(), RunError> {
    let Some(last) = stored else { return Ok(()) };
    match source.kind() {
        // Only genesis is stored: a chain that starts in the middle may still be stored and checked.
        SourceKind::Chain if last == 0 => Ok(()),
        SourceKind::Chain if source.range().start > last + 1 => {
            Err(RunError::Gap { stored: last, missing: BlockRange::new(last + 1, source.range().start) })
        }
        SourceKind::Chain => Ok(()),
        SourceKind::Witnesses => {
            for file in source.files().iter().filter(|file| file.first <= last) {
                if store.block_hash(file.first)?.is_none() {
                    return Err(RunError::LateWitness {
                        path: file.path.clone(),
                        block: file.first,
                        stored: last,
                    });
                }
            }
            Ok(())
        }
    }
}
