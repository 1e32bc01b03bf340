//! Blocks that do not verify: the reason, with what to do about it.

use std::error::Error;

use blockmill_chain::{BlockChanges, BlockRange, StageError, StageId};

/// A verification failure as people get to see it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source}; nothing of this block was published: its file is damaged, altered or of another chain, put the right one \
     in its place and run again"
)]
struct RefusedBlock {
    source: Box<dyn Error + Send + Sync>,
}

/// A state root that is not the header's.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source}{}; it changed {changed}; nothing of it was published: the file is damaged, altered or of another chain, \
     put the right one in its place and run again",
    whose(*blocks)
)]
struct RefusedRoot {
    source: Box<dyn Error + Send + Sync>,
    blocks: BlockRange,
    changed: String,
}

/// Where the fault was not pinned down to one block.
fn whose(blocks: BlockRange) -> String {
    match blocks.len() {
        1 => String::new(),
        _ => format!("; the fault lies in one of the blocks {blocks}"),
    }
}

/// Accounts named in an error.
const NAMED_ACCOUNTS: usize = 5;

/// The error of a state root that is not the header's; one of `blocks` is the reason. The accounts in their
/// `changes` are where to look.
pub(crate) fn wrong_root(
    stage: StageId,
    source: impl Into<Box<dyn Error + Send + Sync>>,
    blocks: BlockRange,
    changes: &BlockChanges,
) -> StageError {
    let source = source.into();
    let changed = accounts_in_words(changes);
    StageError::not_verified(stage, RefusedRoot { source, blocks, changed })
}

fn accounts_in_words(changes: &BlockChanges) -> String {
    let mut changed: Vec<_> = changes.accounts.keys().chain(changes.storage.keys()).collect();
    changed.sort_unstable();
    changed.dedup();
    let named: Vec<_> = changed.iter().take(NAMED_ACCOUNTS).map(ToString::to_string).collect();
    let more = match changed.len().saturating_sub(NAMED_ACCOUNTS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match named.as_slice() {
        [] => "no account".into(),
        named => format!("{}{more}", named.join(", ")),
    }
}

/// A block that was verified once and does not replay to the same.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source}; the block was verified when it was executed, so what the store holds of it has been damaged since: rebuild \
     into a new --data-dir"
)]
struct DamagedWitness {
    source: Box<dyn Error + Send + Sync>,
}

/// The error of a replay that contradicts the execution.
pub(crate) fn damaged(stage: StageId, source: impl Into<Box<dyn Error + Send + Sync>>) -> StageError {
    StageError::failed(stage, DamagedWitness { source: source.into() })
}

/// The error of a stage that found a block not to be what its header says.
pub(crate) fn not_verified(stage: StageId, source: impl Into<Box<dyn Error + Send + Sync>>) -> StageError {
    StageError::not_verified(stage, RefusedBlock { source: source.into() })
}
