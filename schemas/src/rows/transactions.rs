//! Rows of `transactions`: what was signed, and what the receipt says.

use alloy::eips::eip2930::AccessListItem;
use alloy::primitives::{Address, B256, U256};

use super::Payload;
use super::access_list::AccessListItems;
use super::authorization::{AuthorizationItems, AuthorizationRow};
use super::batch::row_batch;
use crate::columns::{BytesWithHash, Fixed, Flag, List, Optional, UInt8, UInt32, UInt64, Wei, WeiWithTwin};
use crate::dataset::{Facts, MadeFrom};

row_batch! {
    /// A transaction with its receipt.
    Transactions: TransactionRow<'a> => TransactionRows;
    Facts { made_from: MadeFrom::Receipts, is_default: true, rows: "1", row_bytes: "327", mgas_kib: "7.0" };
    /// The number of its block.
    block_number: u64 => UInt64,
    /// Position in the block, from 0.
    transaction_index: u32 => UInt32,
    /// keccak256 of the signed transaction.
    transaction_hash: B256 => Fixed<B256>,
    /// EIP-2718 type; 0 for legacy.
    transaction_type: u8 => UInt8,
    /// Sender, recovered from the signature.
    from_address: Address => Fixed<Address>,
    /// Recipient; `None` for a creation.
    to_address: Option<Address> => Optional<Fixed<Address>>,
    /// The sender's nonce.
    nonce: u64 => UInt64,
    /// Wei; fills `value` and `value_u256`.
    value: U256 => WeiWithTwin,
    /// Call data, or the init code of a creation.
    input: Payload<'a> => BytesWithHash,
    /// The most gas that may be used.
    gas_limit: u64 => UInt64,
    /// Wei per gas, as signed: types 0 and 1 only.
    gas_price: Option<u128> => Optional<Wei<u128>>,
    /// Wei per gas: from type 2 on.
    max_fee_per_gas: Option<u128> => Optional<Wei<u128>>,
    /// Wei per gas: from type 2 on.
    max_priority_fee_per_gas: Option<u128> => Optional<Wei<u128>>,
    /// Wei per gas that was paid.
    effective_gas_price: u128 => Wei<u128>,
    /// Gas, refunds taken off.
    gas_used: u64 => UInt64,
    /// Gas of the block's transactions up to and with this one.
    cumulative_gas_used: u64 => UInt64,
    /// Whether the transaction succeeded, known from execution for every block.
    success: bool => Flag,
    /// The receipt's status; from Byzantium on.
    status: Option<u8> => Optional<UInt8>,
    /// The receipt's state root; before Byzantium, where it is known.
    root: Option<B256> => Optional<Fixed<B256>>,
    /// The address that a creation is for.
    contract_address: Option<Address> => Optional<Fixed<Address>>,
    /// Wei per blob gas: type 3 only.
    max_fee_per_blob_gas: Option<u128> => Optional<Wei<u128>>,
    /// Blob gas: type 3 only.
    blob_gas_used: Option<u64> => Optional<UInt64>,
    /// Wei per blob gas that was paid: type 3 only.
    blob_gas_price: Option<u128> => Optional<Wei<u128>>,
    /// Type 3 only.
    blob_versioned_hashes: Option<&'a [B256]> => Optional<List<Fixed<B256>>>,
    /// From type 1 on.
    access_list: Option<&'a [AccessListItem]> => Optional<List<AccessListItems>>,
    /// Type 4 only.
    authorization_list: Option<&'a [AuthorizationRow]> => Optional<List<AuthorizationItems>>,
    /// y parity (types 1 and up) or EIP-155 v (legacy); `None` where it is above 2^64-1.
    v: Option<u64> => Optional<UInt64>,
    /// The signature's `r`.
    r: U256 => Fixed<U256>,
    /// The signature's `s`.
    s: U256 => Fixed<U256>,
    /// Bytes of `input`.
    n_input_bytes: u32 => UInt32,
    /// Zero bytes in `input`.
    n_input_zero_bytes: u32 => UInt32,
}
