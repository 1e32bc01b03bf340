//! Puts the files of a source in order and makes sure that they fit together.

use blockmill_chain::BlockRange;

use crate::error::SourceError;
use crate::kind::SourceKind;
use crate::source::SourceFile;

/// Sorts the files by their first block; chain files must join without gap or overlap, of witness files no two may
/// hold the same block.
pub(crate) fn order(files: &mut [SourceFile]) -> Result<SourceKind, SourceError> {
    let kind = common_kind(files)?;
    files.sort_by_key(|file| file.summary.first);
    for pair in files.windows(2) {
        if let [before, after] = pair {
            join(kind, before, after)?;
        }
    }
    Ok(kind)
}

fn common_kind(files: &[SourceFile]) -> Result<SourceKind, SourceError> {
    let first = |kind| files.iter().find(|file| file.summary.kind.source_kind() == kind);
    match (first(SourceKind::Chain), first(SourceKind::Witnesses)) {
        (Some(_), None) => Ok(SourceKind::Chain),
        (None, Some(_)) => Ok(SourceKind::Witnesses),
        (None, None) => Err(SourceError::NoPaths),
        (Some(chain), Some(witness)) => Err(SourceError::MixedKinds {
            chain: chain.summary.path.clone(),
            witness: witness.summary.path.clone(),
        }),
    }
}

fn join(kind: SourceKind, before: &SourceFile, after: &SourceFile) -> Result<(), SourceError> {
    let (before, after) = (&before.summary, &after.summary);
    if after.first <= before.last {
        let end = before.last.min(after.last) + 1;
        return Err(SourceError::Overlap {
            first: before.path.clone(),
            second: after.path.clone(),
            blocks: BlockRange::new(after.first, end),
        });
    }
    if kind == SourceKind::Chain && after.first > before.last + 1 {
        return Err(SourceError::Gap {
            before: before.path.clone(),
            after: after.path.clone(),
            missing: BlockRange::new(before.last + 1, after.first),
        });
    }
    Ok(())
}
