//! `blocks`: the header, and how much the body holds.

use blockmill_schemas::rows::{BlockRow, BlockRows};

use crate::trace::TracedBlock;

/// Adds the block's row.
pub(super) fn extract(traced: &TracedBlock<'_>, rows: &mut BlockRows) {
    let block = traced.block();
    let header = block.header();
    let body = &block.block.body;
    rows.push(&BlockRow {
        block_number: header.number,
        block_hash: block.hash,
        parent_hash: header.parent_hash,
        timestamp: header.timestamp,
        miner: header.beneficiary,
        gas_limit: header.gas_limit,
        gas_used: header.gas_used,
        base_fee_per_gas: header.base_fee_per_gas.map(u128::from),
        difficulty: header.difficulty,
        total_difficulty: traced.witness.reads.total_difficulty,
        size: block.knows_ommers().then(|| block.rlp_bytes() as u64),
        extra_data: &header.extra_data,
        logs_bloom: header.logs_bloom,
        state_root: header.state_root,
        transactions_root: header.transactions_root,
        receipts_root: header.receipts_root,
        ommers_hash: header.ommers_hash,
        mix_hash: header.mix_hash,
        nonce: header.nonce,
        withdrawals_root: header.withdrawals_root,
        parent_beacon_block_root: header.parent_beacon_block_root,
        requests_hash: header.requests_hash,
        blob_gas_used: header.blob_gas_used,
        excess_blob_gas: header.excess_blob_gas,
        block_access_list_hash: header.block_access_list_hash,
        slot_number: header.slot_number,
        transaction_count: body.transactions.len() as u32,
        ommer_count: block.knows_ommers().then_some(body.ommers.len() as u32),
        withdrawal_count: body.withdrawals.as_ref().map(|withdrawals| withdrawals.len() as u32),
    });
}
