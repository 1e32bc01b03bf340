//! The rules of consensus that need no execution: what a block must be like by itself, after its parent, and
//! with its ommers. The seal of proof of work is not among them.

mod error;
mod header;
mod ommers;
#[cfg(test)]
mod tests;

use crate::{Ancestry, Block, ChainSpec, Fork, Transaction};

pub use error::{OmmerError, RuleError};

/// The largest RLP of a block from Osaka on ([EIP-7934](https://eips.ethereum.org/EIPS/eip-7934)).
const MOST_BLOCK_BYTES: usize = (10 << 20) - (2 << 20);

impl ChainSpec {
    /// The rules of a block that need no other block; genesis has none.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check_block(&self, block: &Block) -> Result<(), RuleError> {
        let header = &block.header;
        if header.number == 0 {
            return Ok(());
        }
        self.check_header(header)?;
        self.check_size(block)?;
        self.check_signatures(block)?;
        self.check_ommer_count(block)
    }

    /// Before Spurious Dragon `v` is 27 or 28 ([EIP-155](https://eips.ethereum.org/EIPS/eip-155)); later the EVM compares the
    /// chain id.
    fn check_signatures(&self, block: &Block) -> Result<(), RuleError> {
        if self.condition(Fork::SpuriousDragon).active_at_block(block.header.number) {
            return Ok(());
        }
        let with_chain_id = |transaction: &Transaction| {
            transaction.as_legacy().is_some_and(|signed| signed.tx().chain_id.is_some())
        };
        match block.body.transactions.iter().position(with_chain_id) {
            Some(transaction) => Err(RuleError::EarlyChainId { transaction }),
            None => Ok(()),
        }
    }

    fn check_size(&self, block: &Block) -> Result<(), RuleError> {
        if !self.condition(Fork::Osaka).active_at_timestamp(block.header.timestamp) {
            return Ok(());
        }
        let bytes = alloy_rlp::Encodable::length(block);
        match bytes > MOST_BLOCK_BYTES {
            true => Err(RuleError::BlockTooLarge { bytes, most: MOST_BLOCK_BYTES }),
            false => Ok(()),
        }
    }

    /// The rules of a block after those before it, as far as these are known: [`Ancestry`]. That it follows
    /// by number and parent hash is for the caller to check.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check_with_ancestry(&self, block: &Block, ancestry: &Ancestry) -> Result<(), RuleError> {
        let Some(parent) = ancestry.parent() else { return Ok(()) };
        self.check_side_of_merge(&block.header, parent)?;
        self.check_child(&block.header, &parent.header)?;
        self.check_ommers(block, ancestry)
    }
}
