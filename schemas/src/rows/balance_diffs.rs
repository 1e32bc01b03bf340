//! Rows of `balance_diffs`.

use alloy::primitives::{Address, U256};

use super::batch::row_batch;
use crate::columns::{Fixed, Optional, UInt32, UInt64, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A change of a balance.
    BalanceDiffs: BalanceDiffRow => BalanceDiffRows;
    Facts { made_from: MadeFrom::State, is_default: true, rows: "2.8", row_bytes: "29", mgas_kib: "1.7" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// Position among the block's rows of this table, from 0.
    change_index: u32 => UInt32,
    /// The account.
    address: Address => Fixed<Address>,
    /// Wei before; `None` where the account did not exist.
    from_value: Option<U256> => Optional<WeiWithTwin>,
    /// Wei after; `None` where it no longer exists.
    to_value: Option<U256> => Optional<WeiWithTwin>,
}
