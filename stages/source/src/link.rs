//! Block follows block: number, parent hash, total difficulty.

use alloy::consensus::Header;
use alloy::primitives::{B256, U256};

use crate::error::{Checked, FilePlace, SourceError};

/// What the next block must follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ParentLink {
    /// Hash of the parent.
    pub(crate) hash: B256,
    /// Total difficulty up to and with the parent, where it is known.
    pub(crate) total_difficulty: Option<U256>,
}

/// The end of a chain, to which the next block is joined.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChainEnd {
    /// The number that comes next.
    next: u64,
    /// The last block, where it is known.
    last: Option<ParentLink>,
}

impl ChainEnd {
    /// The end of a chain whose next block is `next`; `last` is the block before it, where it is known.
    pub(crate) fn new(next: u64, last: Option<ParentLink>) -> Self {
        Self { next, last }
    }

    /// Joins a block and returns the total difficulty with it, where it is known. `written` is what the file says.
    pub(crate) fn join(
        &mut self,
        header: &Header,
        hash: B256,
        written: Option<U256>,
        place: impl Fn() -> Box<FilePlace>,
    ) -> Result<Option<U256>, SourceError> {
        if header.number != self.next {
            return Err(SourceError::BlockNumber {
                place: place(),
                expected: self.next,
                actual: header.number,
            });
        }
        if let Some(parent) = self.last.filter(|parent| parent.hash != header.parent_hash) {
            let (expected, actual) = (parent.hash, header.parent_hash);
            return Err(SourceError::Mismatch {
                place: place(),
                checked: Checked::ParentHash,
                expected,
                actual,
            });
        }
        let total_difficulty = self.total_difficulty(header, written, place)?;
        *self = Self { next: self.next.saturating_add(1), last: Some(ParentLink { hash, total_difficulty }) };
        Ok(total_difficulty)
    }

    fn total_difficulty(
        &self,
        header: &Header,
        written: Option<U256>,
        place: impl Fn() -> Box<FilePlace>,
    ) -> Result<Option<U256>, SourceError> {
        let before = match self.last {
            _ if header.number == 0 => Some(U256::ZERO),
            Some(parent) => parent.total_difficulty,
            None => None,
        };
        let sum = before.map(|before| before.saturating_add(header.difficulty));
        match (sum, written) {
            (Some(expected), Some(actual)) if expected != actual => Err(SourceError::TotalDifficulty {
                place: place(),
                expected: Box::new(expected),
                actual: Box::new(actual),
            }),
            _ => Ok(sum.or(written)),
        }
    }
}
