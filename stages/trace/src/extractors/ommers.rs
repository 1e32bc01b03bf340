//! `ommers`: the ommer headers that a block includes, with what each was rewarded.

use alloy::primitives::U256;
use blockmill_schemas::rows::{OmmerRow, OmmerRows};

use crate::rewards::Rewards;
use crate::trace::TracedBlock;

/// Adds a row per ommer.
pub(super) fn extract(traced: &TracedBlock<'_>, rows: &mut OmmerRows) {
    let block = traced.block();
    let rewards = Rewards::of(traced.spec, block).map(|rewards| rewards.ommers).unwrap_or_default();
    for (index, ommer) in block.block.body.ommers.iter().enumerate() {
        rows.push(&OmmerRow {
            block_number: block.number(),
            ommer_index: index as u32,
            block_hash: ommer.hash_slow(),
            ommer_number: ommer.number,
            miner: ommer.beneficiary,
            timestamp: ommer.timestamp,
            difficulty: ommer.difficulty,
            gas_limit: ommer.gas_limit,
            gas_used: ommer.gas_used,
            reward: rewards.get(index).copied().unwrap_or(U256::ZERO),
        });
    }
}
