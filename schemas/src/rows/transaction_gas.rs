//! Rows of `transaction_gas`.

use super::batch::row_batch;
use crate::columns::{Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// What the gas of a transaction is made of.
    TransactionGas: TransactionGasRow => TransactionGasRows;
    Facts { made_from: MadeFrom::Receipts, is_default: false, rows: "1", row_bytes: "", mgas_kib: "" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// Gas spent, before anything is given back.
    gas_spent: u64 => UInt64,
    /// Gas given back.
    gas_refunded: u64 => UInt64,
    /// The least gas that its input uses (EIP-7623); from Prague on.
    floor_gas: Option<u64> => Optional<UInt64>,
}
