//! Rows of `logs`.

use alloy::primitives::{Address, B256};

use super::Payload;
use super::batch::row_batch;
use crate::columns::{BytesWithHash, Fixed, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A log.
    Logs: LogRow<'a> => LogRows;
    Facts { made_from: MadeFrom::Receipts, is_default: true, rows: "1.4", row_bytes: "40", mgas_kib: "0.79" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// Its own position in the block, from 0.
    log_index: u32 => UInt32,
    /// The contract that logged.
    address: Address => Fixed<Address>,
    /// First topic: of most events the keccak256 of the signature.
    topic0: Option<B256> => Optional<Fixed<B256>>,
    /// Second topic.
    topic1: Option<B256> => Optional<Fixed<B256>>,
    /// Third topic.
    topic2: Option<B256> => Optional<Fixed<B256>>,
    /// Fourth topic.
    topic3: Option<B256> => Optional<Fixed<B256>>,
    /// What is not in topics, usually ABI-encoded.
    data: Payload<'a> => BytesWithHash,
}
