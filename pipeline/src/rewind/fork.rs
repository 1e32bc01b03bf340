//! A source whose chain is not the stored one.

use blockmill_chain::{Ancestry, BlockRange, RecoveredBlock};
use blockmill_load::Database;
use blockmill_source::{ReadLimit, Source, SourceError, SourceKind};
use blockmill_spill::SpillDir;
use blockmill_store::Store;

use super::take_back;
use crate::error::RunError;

/// Goes back to where the source's chain leaves the stored one, if it does. Says so, for people. The trie gets so much memory.
///
/// # Errors
/// A source that holds none of the blocks that both chains have; damage in it.
pub(crate) fn leave_fork(
    store: &Store,
    database: &mut Database,
    spill: &SpillDir,
    source: &mut Source,
    trie_bytes: usize,
) -> Result<Option<String>, RunError> {
    let Some(fork) = last_common_block(store, source)? else { return Ok(None) };
    let stored = store.source_checkpoint()?.unwrap_or(0);
    take_back(store, database, spill, fork, trie_bytes)?;
    Ok(Some(format!(
        "the source's chain leaves the stored one after block {fork}: blocks {} to {stored} were taken back",
        fork + 1
    )))
}

/// The last block that the stored chain and the source have in common, where they part. `None` where they do not, or
/// where the source does not tell.
fn last_common_block(store: &Store, source: &mut Source) -> Result<Option<u64>, RunError> {
    let Some(stored) = store.source_checkpoint()?.filter(|_| source.kind() == SourceKind::Chain) else {
        return Ok(None);
    };
    let range = source.range();
    let both = BlockRange::new(range.start.max(first_stored(store)?), range.end.min(stored + 1));
    if both.is_empty() || is_common(store, source, both.end - 1)? {
        return Ok(None);
    }
    // Chains that part never meet again.
    let (mut common, mut other) = (both.start, both.end - 1);
    let first = read(source, common)?;
    if store.block_hash(common)? != Some(first.hash) {
        let parent = common.checked_sub(1);
        let stored = parent.map(|parent| store.block_hash(parent)).transpose()?.flatten();
        return match stored == Some(first.header().parent_hash) {
            true => Ok(parent),
            false => Err(RunError::UnrelatedSource { path: source.files()[0].path.clone(), block: common }),
        };
    }
    while other - common > 1 {
        let middle = common + (other - common) / 2;
        match is_common(store, source, middle)? {
            true => common = middle,
            false => other = middle,
        }
    }
    Ok(Some(common))
}

/// The first block that can be compared: before a loaded state there are only some.
fn first_stored(store: &Store) -> Result<u64, RunError> {
    match store.first_block()? {
        0 => Ok(0),
        state => Ok(store.numbers(BlockRange::new(0, state + 1)).next().transpose()?.unwrap_or(state)),
    }
}

fn is_common(store: &Store, source: &mut Source, number: u64) -> Result<bool, RunError> {
    Ok(store.block_hash(number)? == Some(read(source, number)?.hash))
}

pub(super) fn read(source: &mut Source, number: u64) -> Result<RecoveredBlock, SourceError> {
    let one = ReadLimit { blocks: 1, bytes: 1 };
    let found = source.read(number, &Ancestry::unknown(), one)?.into_iter().next();
    let available = source.range();
    found.map(|sourced| sourced.block).ok_or(SourceError::OutOfRange { block: number, available })
}
