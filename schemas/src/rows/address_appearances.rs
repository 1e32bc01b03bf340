//! Rows of `address_appearances`.

use alloy::primitives::Address;

use super::Relationship;
use super::batch::row_batch;
use crate::columns::{Fixed, Labels, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// An address that appears in a transaction.
    AddressAppearances: AddressAppearanceRow => AddressAppearanceRows;
    Facts { made_from: MadeFrom::Frames, is_default: false, rows: "6.6", row_bytes: "6", mgas_kib: "0.89" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction; `None` outside transactions.
    transaction_index: Option<u32> => Optional<UInt32>,
    /// The account.
    address: Address => Fixed<Address>,
    /// The account's role.
    relationship: Relationship => Labels<Relationship>,
}
