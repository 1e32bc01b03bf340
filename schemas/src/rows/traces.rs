//! Rows of `traces`. `traces.sql` says which client's convention each column follows.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use super::{CallType, Payload, RewardType, TraceType};
use crate::columns::{BytesWithHash, Fixed, Flag, Labels, List, Optional, Text, UInt32, UInt64, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A call frame, a self-destruct, a reward, or a change of state outside transactions.
    Traces: TraceRow<'a> => TraceRows;
    Facts { made_from: MadeFrom::Frames, is_default: true, rows: "2.1, with input and output", row_bytes: "172", mgas_kib: "8.2" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// Position in the block, from 0.
    trace_index: u32 => UInt32,
    /// Path from the root frame; empty for the root.
    trace_address: &'a [u32] => List<UInt32>,
    /// What the row is about.
    trace_type: TraceType => Labels<TraceType>,
    /// Instruction; calls and creations only.
    call_type: Option<CallType> => Optional<Labels<CallType>>,
    /// Caller, creator, or the account that goes.
    from_address: Option<Address> => Optional<Fixed<Address>>,
    /// Callee, created contract, or who gets the value.
    to_address: Option<Address> => Optional<Fixed<Address>>,
    /// Wei; fills `value` and `value_u256`.
    value: Option<U256> => Optional<WeiWithTwin>,
    /// Gas that the frame was given.
    gas: Option<u64> => Optional<UInt64>,
    /// Gas that it and its children used.
    gas_used: Option<u64> => Optional<UInt64>,
    /// Call data or init code.
    input: Option<Payload<'a>> => Optional<BytesWithHash>,
    /// What was returned, or the created code.
    output: Option<Payload<'a>> => Optional<BytesWithHash>,
    /// Rows directly below this one.
    subtraces: u32 => UInt32,
    /// Why the frame failed, in parity's words.
    error: Option<&'a str> => Optional<Text>,
    /// What a revert said, in at most [`MOST_BYTES_IN_PLACE`](super::MOST_BYTES_IN_PLACE) bytes.
    revert_reason: Option<&'a str> => Optional<Text>,
    /// Whether this frame and every one above it succeeded.
    success: bool => Flag,
    /// Whether the transaction succeeded; `None` outside transactions.
    transaction_success: Option<bool> => Optional<Flag>,
    /// Rewards only.
    reward_type: Option<RewardType> => Optional<Labels<RewardType>>,
}
