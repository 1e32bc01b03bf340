//! The accumulator: the SSZ root over the hashes and total difficulties of a file's blocks.
//!
//! `hash_tree_root(List[HeaderRecord, 8192])` with `HeaderRecord = { block_hash: Bytes32, total_difficulty: uint256 }`
//! (<https://github.com/ethereum/consensus-specs/blob/master/ssz/simple-serialize.md>): as the last header accumulators
//! of the Portal network, so that a file can be checked against roots that were published before the merge.

use alloy::primitives::{B256, U256};
use sha2::{Digest, Sha256};

/// The most blocks that a file can hold.
pub(crate) const MAX_BLOCKS: usize = 8_192;

/// Levels of the tree over the list.
const DEPTH: u32 = MAX_BLOCKS.ilog2();

/// The root over at most [`MAX_BLOCKS`] records of block hash and total difficulty.
pub(crate) fn accumulator_root(records: &[(B256, U256)]) -> B256 {
    debug_assert!(records.len() <= MAX_BLOCKS, "an index never lists more");
    let record = |(hash, total): &(B256, U256)| hash_pair(*hash, B256::new(total.to_le_bytes()));
    let mut level: Vec<B256> = records.iter().map(record).collect();
    let mut empty = B256::ZERO;
    for _ in 0..DEPTH {
        level = level.chunks(2).map(|pair| hash_pair(pair[0], *pair.get(1).unwrap_or(&empty))).collect();
        empty = hash_pair(empty, empty);
    }
    let root = level.first().copied().unwrap_or(empty);
    hash_pair(root, B256::new(U256::from(records.len()).to_le_bytes()))
}

fn hash_pair(left: B256, right: B256) -> B256 {
    let digest = Sha256::new().chain_update(left).chain_update(right).finalize();
    B256::from_slice(&digest)
}
