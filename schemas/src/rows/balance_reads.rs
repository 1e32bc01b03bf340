//! Rows of `balance_reads`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// The balance of an account that was read.
    BalanceReads: BalanceReadRow => BalanceReadRows;
    Facts { made_from: MadeFrom::State, is_default: false, rows: "3.4", row_bytes: "17", mgas_kib: "1.4" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// The account.
    address: Address => Fixed<Address>,
    /// Wei before the transaction; `None` where the account did not exist.
    value: Option<U256> => Optional<WeiWithTwin>,
}
