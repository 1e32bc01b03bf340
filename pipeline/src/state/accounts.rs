//! The accounts of the store, each with its slots.

use alloy::primitives::{Address, U256};
use blockmill_chain::{Account, Cancel};
use blockmill_store::{Store, StoreError};

use super::StateError;

/// Gives `take` the accounts in the order of their addresses, each with its slots and their values in the order of the slots. It
/// must take all slots of an account.
///
/// # Errors
/// Those of `take`; slots that belong to no account; a cancelled run.
pub(super) fn for_each_account(
    store: &Store,
    cancel: &Cancel,
    mut take: impl FnMut(
        Address,
        Account,
        &mut dyn Iterator<Item = Result<(U256, U256), StoreError>>,
    ) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let mut stored = store.slots().peekable();
    for account in store.accounts() {
        if cancel.is_cancelled() {
            return Err(StateError::Interrupted);
        }
        let (address, account) = account?;
        // What cannot be read is an error wherever it belongs.
        let mut slots = std::iter::from_fn(|| {
            let slot = stored.next_if(|slot| slot.as_ref().map_or(true, |(of, ..)| *of == address))?;
            Some(slot.map(|(_, slot, value)| (slot, value)))
        });
        take(address, account, &mut slots)?;
    }
    match stored.next().transpose()? {
        Some((address, ..)) => {
            Err(StateError::Unreadable { what: format!("{address} has slots and is no account") })
        }
        None => Ok(()),
    }
}
