//! What was committed since the last state root: the root after each transaction needs its changes alone.

use alloy::primitives::map::{AddressMap, HashSet};
use alloy::primitives::{Address, U256};
use revm::state::Account as EvmAccount;

/// Accounts and slots that commits have touched.
#[derive(Debug, Default)]
pub(crate) struct Touched(pub(crate) AddressMap<TouchedAccount>);

#[derive(Debug, Default)]
pub(crate) struct TouchedAccount {
    /// Whether what the storage held before is gone.
    pub(crate) wiped: bool,
    /// Slots written since then.
    pub(crate) slots: HashSet<U256>,
}

impl Touched {
    /// An account whose balance alone was set.
    pub(crate) fn add(&mut self, address: Address) {
        self.0.entry(address).or_default();
    }

    /// An account as the EVM commits it.
    pub(crate) fn add_committed(&mut self, address: Address, account: &EvmAccount) {
        if !account.is_touched() {
            return;
        }
        let touched = self.0.entry(address).or_default();
        if account.is_selfdestructed() || account.is_created() || account.is_empty() {
            touched.wiped = true;
        }
        let written = account.storage.iter().filter(|(_, value)| touched.wiped || value.is_changed());
        touched.slots.extend(written.map(|(slot, _)| *slot));
    }
}
