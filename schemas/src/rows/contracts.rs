//! Rows of `contracts`.

use alloy::primitives::{Address, B256};

use super::batch::row_batch;
use crate::columns::{Bytes, Fixed, Flag, Optional, UInt32, UInt64};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A contract creation.
    Contracts: ContractRow<'a> => ContractRows;
    Facts { made_from: MadeFrom::Frames, is_default: true, rows: "0.01, with code", row_bytes: "1,467", mgas_kib: "0.26" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Its transaction's position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// Position among the creations of the block, from 0.
    create_index: u32 => UInt32,
    /// What was created; `None` where nothing was.
    contract_address: Option<Address> => Optional<Fixed<Address>>,
    /// The sender of the transaction.
    deployer: Address => Fixed<Address>,
    /// The account whose frame created it.
    factory: Address => Fixed<Address>,
    /// What ran to create it; `None` where it is long.
    init_code: Option<&'a [u8]> => Optional<Bytes>,
    /// Its code; `None` where nothing was created, and where it is long.
    code: Option<&'a [u8]> => Optional<Bytes>,
    /// keccak256 of `init_code`.
    init_code_hash: B256 => Fixed<B256>,
    /// keccak256 of `code`.
    code_hash: Option<B256> => Optional<Fixed<B256>>,
    /// Whether this frame and every one above it succeeded.
    success: bool => Flag,
}
