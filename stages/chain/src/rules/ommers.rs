//! The rules of a block's ommers.

use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy::primitives::B256;

use super::error::{OmmerError, RuleError};
use crate::{Ancestry, Block, ChainSpec};

const MOST_OMMERS: usize = 2;

impl ChainSpec {
    /// At most two; none after the merge ([EIP-3675](https://eips.ethereum.org/EIPS/eip-3675)), where the header says so
    /// even if the body is not known.
    pub(super) fn check_ommer_count(&self, block: &Block) -> Result<(), RuleError> {
        let (header, count) = (&block.header, block.body.ommers.len());
        let is_merged = self.is_merged(header.number, header.difficulty);
        if is_merged && header.ommers_hash != EMPTY_OMMER_ROOT_HASH {
            return Err(RuleError::TooManyOmmers { count: count.max(1), most: 0 });
        }
        match count > MOST_OMMERS {
            true => Err(RuleError::TooManyOmmers { count, most: MOST_OMMERS }),
            false => Ok(()),
        }
    }

    pub(super) fn check_ommers(&self, block: &Block, ancestry: &Ancestry) -> Result<(), RuleError> {
        let hashes: Vec<_> = block.body.ommers.iter().map(Header::hash_slow).collect();
        for (index, (ommer, hash)) in block.body.ommers.iter().zip(&hashes).enumerate() {
            let known = KnownOmmers { parent: block.header.parent_hash, ancestry, before: &hashes[..index] };
            self.check_ommer(ommer, *hash, &known).map_err(|reason| RuleError::Ommer {
                index,
                hash: *hash,
                reason,
            })?;
        }
        Ok(())
    }

    fn check_ommer(&self, ommer: &Header, hash: B256, known: &KnownOmmers<'_>) -> Result<(), OmmerError> {
        if known.has_ommer(hash) {
            return Err(OmmerError::Twice);
        }
        if known.ancestry.find(hash).is_some() {
            return Err(OmmerError::Ancestor);
        }
        let parent = known.ancestry.find(ommer.parent_hash).filter(|parent| parent.hash != known.parent);
        let Some(parent) = parent else {
            let may_lie_before = !known.ancestry.is_whole() && ommer.parent_hash != known.parent;
            let parent = ommer.parent_hash;
            return if may_lie_before { Ok(()) } else { Err(OmmerError::Parent { parent }) };
        };
        let (expected, actual) = (parent.header.number + 1, ommer.number);
        if expected != actual {
            return Err(OmmerError::Number { expected, actual });
        }
        let header = self.check_header(ommer).and_then(|()| self.check_child(ommer, &parent.header));
        header.map_err(|error| OmmerError::Header(Box::new(error)))
    }
}

/// What a block's ommers are held against.
struct KnownOmmers<'a> {
    /// The block's own parent.
    parent: B256,
    ancestry: &'a Ancestry,
    /// The ommers before the one that is checked.
    before: &'a [B256],
}

impl KnownOmmers<'_> {
    fn has_ommer(&self, hash: B256) -> bool {
        self.before.contains(&hash) || self.ancestry.iter().any(|ancestor| ancestor.ommers.contains(&hash))
    }
}
