//! Rows of `opcodes`. `opcodes.sql` says what geth means by each column.

use alloy::primitives::{Address, U256};

use super::Opcode;
use super::batch::row_batch;
use crate::columns::{Codes, List, Optional, Repeated, Text, UInt32, UInt64, Words};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// An instruction of a transaction.
    Opcodes: OpcodeRow<'a> => OpcodeRows;
    Facts { made_from: MadeFrom::Steps, is_default: false, rows: "740", row_bytes: "1.8", mgas_kib: "1,079" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// Its own position in the transaction, from 0.
    step: u32 => UInt32,
    /// Open frames; 1 in the root frame.
    depth: u32 => UInt32,
    /// The frame that runs it, by its row in `traces`.
    trace_index: u32 => UInt32,
    /// The contract in whose context the code runs.
    address: Address => Repeated<Address>,
    /// Position in the code.
    pc: u32 => UInt32,
    /// The instruction.
    op: Opcode => Codes<Opcode>,
    /// Gas left before it.
    gas: u64 => UInt64,
    /// Gas that it takes; `None` where geth's number cannot be told.
    gas_cost: Option<u64> => Optional<UInt64>,
    /// Gas on the transaction's refund counter.
    refund: u64 => UInt64,
    /// The stack before it, bottom to top; `None` unless it was asked for.
    stack: Option<&'a [U256]> => Optional<List<Words>>,
    /// Why it could not be run, in geth's words.
    error: Option<&'a str> => Optional<Text>,
}
