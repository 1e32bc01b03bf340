//! Puts the files of a source in order and makes sure that they fit together.

use blockmill_chain::BlockRange;

use crate::error::{FilePlace, SourceError};
use crate::headers;
use crate::kind::SourceKind;
use crate::source::{Layout, SourceFile};

/// What is read, in the order of the blocks.
pub(crate) struct Ordered {
    pub(crate) kind: SourceKind,
    /// No block twice; of chain files none missing.
    pub(crate) files: Vec<SourceFile>,
    /// Why there may be more blocks than those of the files.
    pub(crate) problem: Option<SourceError>,
    /// Blocks that are there several times, in words.
    pub(crate) notes: Vec<String>,
}

/// Sorts the files by their first block, and takes equal blocks once.
///
/// # Errors
/// Files of both kinds, different blocks with the same number.
pub(crate) fn order(mut files: Vec<SourceFile>) -> Result<Ordered, SourceError> {
    let kind = common_kind(&files)?;
    // Of files that begin alike the longest comes first: the others have nothing more.
    files.sort_by(|a, b| (a.summary.first, b.summary.last).cmp(&(b.summary.first, a.summary.last)));
    let mut ordered = Ordered { kind, files: Vec::new(), problem: None, notes: Vec::new() };
    for file in files {
        match kind {
            SourceKind::Witnesses => ordered.add_witness(file)?,
            SourceKind::Chain => {
                if let Some(gap) = ordered.add_run(file)? {
                    ordered.problem.get_or_insert(gap);
                    break;
                }
            }
        }
    }
    Ok(ordered)
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

impl Ordered {
    /// Adds what a run has beyond those before it. Returns the gap where it does not join them.
    fn add_run(&mut self, mut file: SourceFile) -> Result<Option<SourceError>, SourceError> {
        let (first, end) = (file.summary.first, file.summary.last + 1);
        if let Some(before) = self.files.last() {
            let covered = before.summary.last + 1;
            if first > covered {
                return Ok(Some(SourceError::Gap {
                    before: before.summary.path.clone(),
                    after: file.summary.path.clone(),
                    missing: BlockRange::new(covered, first),
                }));
            }
            self.compare(&file, BlockRange::new(first, covered.min(end)))?;
            file.summary.first = covered.min(end);
            file.summary.blocks = end - file.summary.first;
        }
        // Where other files have the blocks that follow, it may still have had more than they.
        if let Some(problem) = file.problem.take() {
            self.problem.get_or_insert(problem);
        }
        if file.summary.blocks > 0 {
            self.files.push(file);
        }
        Ok(None)
    }

    /// That the blocks of `range`, which `file` and the files before it have, are the same.
    fn compare(&mut self, file: &SourceFile, range: BlockRange) -> Result<(), SourceError> {
        let first = self.files.partition_point(|taken| taken.summary.last < range.start);
        for taken in &self.files[first..] {
            let both =
                BlockRange::new(range.start.max(taken.summary.first), range.end.min(taken.summary.last + 1));
            if !both.is_empty() {
                headers::compare(taken, file, both)?;
                let (one, other) = (taken.summary.path.display(), file.summary.path.display());
                self.notes.push(match taken.summary.path == file.summary.path {
                    true => {
                        format!("blocks {both} are more than once in {one}, and equal: they are taken once")
                    }
                    false => {
                        format!("blocks {both} are in {one} and in {other}, and equal: they are taken once")
                    }
                });
            }
        }
        Ok(())
    }

    /// Adds a witness file, unless it is of the same block as the one before.
    fn add_witness(&mut self, file: SourceFile) -> Result<(), SourceError> {
        let number = file.summary.first;
        let Some(before) = self.files.last().filter(|before| before.summary.first == number) else {
            self.files.push(file);
            return Ok(());
        };
        let place = |file: &SourceFile| FilePlace::only_block(&file.summary.path, number);
        match (&before.layout, &file.layout) {
            (Layout::Witness { hash: one, .. }, Layout::Witness { hash: other, .. }) if one != other => {
                Err(SourceError::DifferentBlocks {
                    block: number,
                    first: place(before),
                    first_hash: *one,
                    second: place(&file),
                    second_hash: *other,
                })
            }
            _ => {
                let (one, other) = (before.summary.path.display(), file.summary.path.display());
                self.notes.push(format!("block {number} is in {one} and in {other}: the first one is taken"));
                Ok(())
            }
        }
    }
}
