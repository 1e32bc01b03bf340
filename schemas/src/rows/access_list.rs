//! Items of a transaction's access list (EIP-2930).

use alloy::eips::eip2930::AccessListItem;
use alloy::primitives::{Address, B256};

use crate::columns::{Fixed, List, record};

record! {
    /// Addresses with their storage keys.
    AccessListItems of AccessListItem {
        address: Fixed<Address> = |item| item.address,
        storage_keys: List<Fixed<B256>> = |item| &item.storage_keys,
    }
}
