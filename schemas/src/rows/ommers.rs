//! Rows of `ommers`.

use alloy::primitives::{Address, B256, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, Timestamp, UInt32, UInt64, Wei};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// An ommer that a block includes.
    Ommers: OmmerRow => OmmerRows;
    Facts { made_from: MadeFrom::Block, is_default: true, rows: "rare; none from the Merge on", row_bytes: "", mgas_kib: "" };
    /// The block that includes it.
    block_number: u64 => UInt64,
    /// Position in that block's list, from 0.
    ommer_index: u32 => UInt32,
    /// keccak256 of the RLP of the ommer's own header.
    block_hash: B256 => Fixed<B256>,
    /// The ommer's own height.
    ommer_number: u64 => UInt64,
    /// The address that is rewarded for it.
    miner: Address => Fixed<Address>,
    /// Seconds since 1970 UTC.
    timestamp: u64 => Timestamp,
    /// Expected number of hashes to seal the ommer.
    difficulty: U256 => Wei<U256>,
    /// The most gas that may be used.
    gas_limit: u64 => UInt64,
    /// Gas used.
    gas_used: u64 => UInt64,
    /// Wei that the ommer's miner got for it.
    reward: U256 => Wei<U256>,
}
