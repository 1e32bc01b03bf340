//! Blocks that are stored, but that no stage after the source has used yet.
//!
//! A block that was refused is one of them. The next run must not find it again where its file has been put right since,
//! so what is unused is read again whenever the source has it, and forgotten where the source ends before it: at most what
//! one slice of the source ran ahead.

use blockmill_chain::BlockRange;
use blockmill_source::Source;
use blockmill_store::{Store, StoreError, StoreKind};

/// Takes the source's checkpoint back to the last block in use, if the source has the block after it, or ends
/// there. `loaded` is the last block in the tables. Says what happens to the blocks, for people.
pub(crate) fn read_again(
    store: &Store,
    source: &Source,
    kind: StoreKind,
    loaded: Option<u64>,
) -> Result<Option<String>, StoreError> {
    let (Some(last), Some(unused)) = (store.source_checkpoint()?, first_unused(store, kind, loaded)?) else {
        return Ok(None);
    };
    let Some(used) = unused.checked_sub(1).filter(|used| *used < last) else { return Ok(None) };
    let note = if source.range().contains(unused) {
        format!("reading again from block {unused} on: no run has used them yet")
    } else if source.range().end == unused {
        format!("forgetting blocks from {unused} on: no run has used them, and the source ends before them")
    } else {
        return Ok(None);
    };
    let mut batch = store.batch();
    batch.set_source_checkpoint(used);
    batch.commit()?;
    Ok(Some(note))
}

/// The first block that has not been executed; of blocks that came with witnesses, the first that has not been traced:
/// after what is loaded, these are the ones that still have their witness.
fn first_unused(store: &Store, kind: StoreKind, loaded: Option<u64>) -> Result<Option<u64>, StoreError> {
    let next = |last: u64| last + 1;
    match kind {
        StoreKind::Chain => Ok(store.execute_checkpoint()?.map(next)),
        StoreKind::Witnesses => {
            let unloaded = BlockRange::new(loaded.map_or(0, next), u64::MAX);
            store.witness_numbers(unloaded).next().transpose()
        }
    }
}
