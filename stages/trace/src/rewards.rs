//! What proof of work paid for a block and its ommers.

use alloy::primitives::U256;
use alloy_evm::block::calc::{base_block_reward, block_reward, ommer_reward};
use blockmill_chain::{ChainSpec, RecoveredBlock};
use blockmill_execute::BlockRules;

/// The rewards of one block, in wei.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rewards {
    /// To the block's beneficiary, with its share for the ommers it includes.
    pub(crate) block: U256,
    /// To the beneficiary of each ommer, in the block's order.
    pub(crate) ommers: Vec<U256>,
}

impl Rewards {
    /// The rewards of a block; `None` for genesis and from the Merge on, and where the block came without its ommers (a
    /// foreign witness names only their hashes): then neither its rewards nor theirs are known.
    pub(crate) fn of(spec: &ChainSpec, block: &RecoveredBlock) -> Option<Self> {
        let number = block.number();
        if number == 0 || !block.knows_ommers() {
            return None;
        }
        let base = base_block_reward(BlockRules::new(spec, block.header()), number)?;
        let ommers = &block.block.body.ommers;
        Some(Self {
            block: U256::from(block_reward(base, ommers.len())),
            ommers: ommers.iter().map(|o| U256::from(ommer_reward(base, number, o.number))).collect(),
        })
    }
}
