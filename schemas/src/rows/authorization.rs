//! Items of a transaction's authorization list (EIP-7702).

use alloy::primitives::{Address, U256};

use crate::columns::{Fixed, Optional, UInt8, UInt64, Wei, record};

/// One authorization, as signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorizationRow {
    /// The chain it is for; 0 for any. NULL in the table above 10^38-1, which no chain has.
    pub chain_id: U256,
    /// The account whose code the authority takes on; zero to take it off.
    pub address: Address,
    /// The authority's nonce.
    pub nonce: u64,
    /// Parity of the signature's y coordinate, as written: anything but 0 and 1 is invalid and stays here.
    pub y_parity: u8,
    /// The signature's `r`.
    pub r: U256,
    /// The signature's `s`.
    pub s: U256,
    /// The signer; `None` where no address can be recovered from the signature.
    pub authority: Option<Address>,
}

record! {
    /// Authorizations as items of a list.
    AuthorizationItems of AuthorizationRow {
        chain_id: Wei<U256> = |item| item.chain_id,
        address: Fixed<Address> = |item| item.address,
        nonce: UInt64 = |item| item.nonce,
        y_parity: UInt8 = |item| item.y_parity,
        r: Fixed<U256> = |item| item.r,
        s: Fixed<U256> = |item| item.s,
        authority: Optional<Fixed<Address>> = |item| item.authority,
    }
}
