//! Rows of `blocks`: the header, and how much the body holds.

use alloy::primitives::{Address, B64, B256, Bloom, U256};

use super::batch::row_batch;
use crate::columns::{Bytes, Fixed, Optional, Timestamp, UInt32, UInt64, Wei};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A block.
    Blocks: BlockRow<'a> => BlockRows;
    Facts { made_from: MadeFrom::Block, is_default: true, rows: "one a block", row_bytes: "721", mgas_kib: "0.14" };
    /// Height; genesis is 0.
    block_number: u64 => UInt64,
    /// keccak256 of the RLP of the header.
    block_hash: B256 => Fixed<B256>,
    /// Hash of the parent's header.
    parent_hash: B256 => Fixed<B256>,
    /// Seconds since 1970 UTC.
    timestamp: u64 => Timestamp,
    /// Fee recipient.
    miner: Address => Fixed<Address>,
    /// The most gas that may be used.
    gas_limit: u64 => UInt64,
    /// Gas used.
    gas_used: u64 => UInt64,
    /// Wei per gas; from London on.
    base_fee_per_gas: Option<u128> => Optional<Wei<u128>>,
    /// Hashes expected; 0 from the Merge on.
    difficulty: U256 => Wei<U256>,
    /// Difficulty summed from genesis to this block, where it is known.
    total_difficulty: Option<U256> => Optional<Wei<U256>>,
    /// Bytes of the RLP of the whole block, where its ommers are known.
    size: Option<u64> => Optional<UInt64>,
    /// What the miner wrote into the header.
    extra_data: &'a [u8] => Bytes,
    /// Bloom filter over all logs.
    logs_bloom: Bloom => Fixed<Bloom>,
    /// State root after the block.
    state_root: B256 => Fixed<B256>,
    /// Root of the trie of transactions.
    transactions_root: B256 => Fixed<B256>,
    /// Root of the trie of receipts.
    receipts_root: B256 => Fixed<B256>,
    /// keccak256 of the RLP of the list of ommer headers.
    ommers_hash: B256 => Fixed<B256>,
    /// Proof of work until the Merge, RANDAO from then on.
    mix_hash: B256 => Fixed<B256>,
    /// Proof of work until the Merge.
    nonce: B64 => Fixed<B64>,
    /// From Shanghai on.
    withdrawals_root: Option<B256> => Optional<Fixed<B256>>,
    /// From Cancun on.
    parent_beacon_block_root: Option<B256> => Optional<Fixed<B256>>,
    /// From Prague on.
    requests_hash: Option<B256> => Optional<Fixed<B256>>,
    /// Blob gas; from Cancun on.
    blob_gas_used: Option<u64> => Optional<UInt64>,
    /// Blob gas; from Cancun on.
    excess_blob_gas: Option<u64> => Optional<UInt64>,
    /// keccak256 of the RLP of the block access list; from Amsterdam on.
    block_access_list_hash: Option<B256> => Optional<Fixed<B256>>,
    /// Slot of the beacon chain; from Amsterdam on.
    slot_number: Option<u64> => Optional<UInt64>,
    /// Transactions in the body.
    transaction_count: u32 => UInt32,
    /// Ommers in the body, where they are known.
    ommer_count: Option<u32> => Optional<UInt32>,
    /// Withdrawals in the body; from Shanghai on.
    withdrawal_count: Option<u32> => Optional<UInt32>,
}
