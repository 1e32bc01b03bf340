//! A transaction before it is signed.

use alloy::eips::eip2930::AccessList;
use alloy::primitives::{Address, B256, Bytes, TxKind, U256};
use blockmill_chain::Fork;

use crate::roles::KeyId;
use crate::scene::Scene;

/// A transaction before it has nonce, fees and signature.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// The name under which the census counts it.
    pub(crate) label: &'static str,
    pub(crate) sender: KeyId,
    pub(crate) to: TxKind,
    pub(crate) value: U256,
    pub(crate) input: Bytes,
    pub(crate) gas_limit: u64,
    /// About the gas that it will use.
    pub(crate) expected_gas: u64,
    pub(crate) extras: Extras,
}

/// What asks for a type of its own.
#[derive(Debug, Clone, Default)]
pub(crate) enum Extras {
    /// Any type will do.
    #[default]
    None,
    /// An access list (EIP-2930).
    AccessList(AccessList),
    /// Versioned hashes of blobs (EIP-4844).
    Blobs(Vec<B256>),
    /// Keys that delegate, each with the address that it delegates to (EIP-7702).
    Delegations(Vec<(KeyId, Address)>),
}

/// More than the expected gas, because the expectation is a typical value under the latest rules.
fn with_reserve(gas: u64) -> u64 {
    gas + gas / 2 + 20_000
}

impl Draft {
    /// A plain transfer of ether.
    pub(crate) fn transfer(sender: KeyId, to: Address, value: U256) -> Self {
        Self {
            label: "",
            sender,
            to: TxKind::Call(to),
            value,
            input: Bytes::new(),
            gas_limit: 21_000,
            expected_gas: 21_000,
            extras: Extras::None,
        }
    }

    /// A call that will use about `expected_gas`.
    pub(crate) fn call(sender: KeyId, to: Address, input: impl Into<Bytes>, expected_gas: u64) -> Self {
        let input = input.into();
        let gas_limit = with_reserve(expected_gas).max(floor_gas(&input));
        Self {
            to: TxKind::Call(to),
            input,
            expected_gas,
            gas_limit,
            ..Self::transfer(sender, to, U256::ZERO)
        }
    }

    /// A contract's creation; what its constructor does besides costs `constructor_gas`.
    pub(crate) fn create(sender: KeyId, code: impl Into<Bytes>, constructor_gas: u64) -> Self {
        let input = code.into();
        let expected_gas = 53_000 + input.len() as u64 * 216 + constructor_gas;
        // Before Istanbul a byte of calldata costs 68.
        let gas_limit = expected_gas + input.len() as u64 * 52 + 60_000;
        Self {
            to: TxKind::Create,
            input,
            expected_gas,
            gas_limit,
            ..Self::transfer(sender, Address::ZERO, U256::ZERO)
        }
    }

    pub(crate) fn with_value(self, value: U256) -> Self {
        Self { value, ..self }
    }

    pub(crate) fn with_gas_limit(self, gas_limit: u64) -> Self {
        Self { gas_limit, ..self }
    }

    pub(crate) fn with_extras(self, extras: Extras) -> Self {
        let gas = match &extras {
            Extras::None | Extras::Blobs(_) => 0,
            Extras::AccessList(list) => 2_400 * list.len() as u64 + 1_900 * list.storage_keys_count() as u64,
            Extras::Delegations(delegations) => 25_000 * delegations.len() as u64,
        };
        Self { extras, gas_limit: self.gas_limit + gas, expected_gas: self.expected_gas + gas, ..self }
    }

    /// Offers enough under the prices of the block's fork: new accounts, slots and code cost up to eight times as much from
    /// Amsterdam on ([EIP-8037](https://eips.ethereum.org/EIPS/eip-8037)), and a byte of calldata at least 64
    /// ([EIP-7976](https://eips.ethereum.org/EIPS/eip-7976)).
    pub(crate) fn priced(self, scene: &Scene<'_>) -> Self {
        const NEW_STATE: u64 = 8;
        const NEW_ACCOUNT: u64 = 183_600;
        if !scene.is_active(Fork::Amsterdam) {
            return self;
        }
        let floor = 30_000 + 64 * self.input.len() as u64;
        let gas_limit = (NEW_STATE * self.gas_limit + NEW_ACCOUNT).max(floor);
        Self { gas_limit, expected_gas: 3 * self.expected_gas, ..self }
    }

    /// About the bytes that it takes in a block, and rather more.
    pub(crate) fn bytes(&self) -> u64 {
        /// Bytes of signature, fees and addresses.
        const ENVELOPE_BYTES: u64 = 300;
        /// Bytes of a blob's hash, or of an authorization.
        const EXTRA_BYTES: u64 = 140;
        let extras = match &self.extras {
            Extras::None => 0,
            Extras::AccessList(list) => list.len() + list.storage_keys_count(),
            Extras::Blobs(hashes) => hashes.len(),
            Extras::Delegations(delegations) => delegations.len(),
        };
        ENVELOPE_BYTES + self.input.len() as u64 + EXTRA_BYTES * extras as u64
    }

    /// How many blobs it carries.
    pub(crate) fn blobs(&self) -> u64 {
        match &self.extras {
            Extras::Blobs(hashes) => hashes.len() as u64,
            _ => 0,
        }
    }
}

/// The least that a call with this input must offer (EIP-7623).
fn floor_gas(input: &Bytes) -> u64 {
    let zeros = input.iter().filter(|byte| **byte == 0).count() as u64;
    let others = input.len() as u64 - zeros;
    21_000 + 10 * zeros + 40 * others
}
