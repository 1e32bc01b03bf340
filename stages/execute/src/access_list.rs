//! The block access list ([EIP-7928](https://eips.ethereum.org/EIPS/eip-7928)): every account and slot that a block
//! accesses, with what it changes.

use std::fmt;

use alloy::eips::eip7928::{AccountChanges, BlockAccessIndex, BlockAccessList};
use alloy::primitives::Address;
use alloy::primitives::map::AddressMap;
use revm::state::Account as EvmAccount;
use revm::state::bal::Bal;

use crate::error::ExecuteError;

/// A list in the making, by revm's builder out of what the EVM commits.
#[derive(Debug, Default)]
pub(crate) struct AccessListBuilder {
    list: Bal,
    /// 0 before the transactions, then one for each, then one for what follows the last.
    pub(crate) index: BlockAccessIndex,
}

impl AccessListBuilder {
    /// Adds a commit: whatever it loaded, changed or not.
    pub(crate) fn add(&mut self, committed: &AddressMap<EvmAccount>) {
        for (address, account) in committed {
            self.list.update_account(self.index, *address, account);
        }
    }

    /// The list, sorted as the EIP demands.
    pub(crate) fn finish(self) -> BlockAccessList {
        self.list.into_alloy_bal()
    }
}

/// An account in which the list that came with a block differs from that of its execution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessDifference {
    /// Execution accesses an account that the list does not have.
    #[error("{address:#x} is missing, which execution accesses")]
    Missing {
        /// The address of the account.
        address: Address,
    },
    /// The list has an account that execution does not access.
    #[error("{address:#x} is in it, which execution does not access")]
    Surplus {
        /// The address of the account.
        address: Address,
    },
    /// Both have the account, with other slots or changes.
    #[error("{field} of {address:#x}: the list says {listed}, execution gives {executed}")]
    Account {
        /// The address of the account.
        address: Address,
        /// The name of the field that differs.
        field: &'static str,
        /// The value in the list.
        listed: String,
        /// The value that execution gives.
        executed: String,
    },
    /// Both have the same accounts, in another order.
    #[error("{address:#x} is not in the order of addresses")]
    Order {
        /// The first account that is elsewhere.
        address: Address,
    },
}

/// Compares the list that came with a block with that of its execution.
pub(crate) fn check(
    block: u64,
    listed: &[AccountChanges],
    executed: &[AccountChanges],
) -> Result<(), ExecuteError> {
    match difference(listed, executed) {
        Some(difference) => Err(ExecuteError::AccessList { block, difference: Box::new(difference) }),
        None => Ok(()),
    }
}

/// The first difference in the order of the lists.
fn difference(listed: &[AccountChanges], executed: &[AccountChanges]) -> Option<AccessDifference> {
    let has = |list: &[AccountChanges], address| list.iter().any(|account| account.address == address);
    let at = (0..listed.len().max(executed.len())).find(|at| listed.get(*at) != executed.get(*at))?;
    match (listed.get(at), executed.get(at)) {
        (Some(one), Some(other)) if one.address == other.address => account_difference(one, other),
        (_, Some(other)) if !has(listed, other.address) => {
            Some(AccessDifference::Missing { address: other.address })
        }
        (Some(one), _) if !has(executed, one.address) => {
            Some(AccessDifference::Surplus { address: one.address })
        }
        (one, other) => one.or(other).map(|account| AccessDifference::Order { address: account.address }),
    }
}

/// The first field in which two entries of an account differ, by its first value that does.
fn account_difference(listed: &AccountChanges, executed: &AccountChanges) -> Option<AccessDifference> {
    let found = values("storage changes", &listed.storage_changes, &executed.storage_changes)
        .or_else(|| values("storage reads", &listed.storage_reads, &executed.storage_reads))
        .or_else(|| values("balance changes", &listed.balance_changes, &executed.balance_changes))
        .or_else(|| values("nonce changes", &listed.nonce_changes, &executed.nonce_changes))
        .or_else(|| values("code changes", &listed.code_changes, &executed.code_changes));
    let address = listed.address;
    found.map(|(field, listed, executed)| AccessDifference::Account { address, field, listed, executed })
}

/// Both values where two lists differ first.
fn values<T: PartialEq + fmt::Debug>(
    field: &'static str,
    listed: &[T],
    executed: &[T],
) -> Option<(&'static str, String, String)> {
    let at = (0..listed.len().max(executed.len())).find(|at| listed.get(*at) != executed.get(*at))?;
    let text = |value: Option<&T>| value.map_or_else(|| "nothing".to_owned(), |value| format!("{value:?}"));
    Some((field, text(listed.get(at)), text(executed.get(at))))
}
