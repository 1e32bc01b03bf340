//! Rows of `address_appearances`.

use alloy::primitives::Address;

use super::Relationship;
use super::batch::row_batch;
use crate::columns::{Fixed, Labels, Optional, UInt32, UInt64};

row_batch! {
    /// An address that appears in a transaction.
    AddressAppearances: AddressAppearanceRow => AddressAppearanceRows {
        /// Its block.
        block_number: u64 => UInt64,
        /// Its transaction; `None` outside transactions.
        transaction_index: Option<u32> => Optional<UInt32>,
        /// Whose.
        address: Address => Fixed<Address>,
        /// What it is there.
        relationship: Relationship => Labels<Relationship>,
    }
}
