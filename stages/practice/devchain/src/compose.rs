//! From a draft to a transaction: its type, nonce and fees.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxLegacy};
use alloy::eips::eip2930::AccessList;
use alloy::eips::eip7702::{Authorization, SignedAuthorization};
use alloy::primitives::{Address, U256};
use blockmill_chain::{Fork, Transaction};

use crate::draft::{Draft, Extras};
use crate::error::DevchainError;
use crate::genesis::CHAIN_ID;
use crate::keys::Key;
use crate::roles::KeyId;
use crate::scene::Scene;
use crate::traffic::Unsigned;

/// One gwei, in wei.
pub(crate) const GWEI: u64 = 1_000_000_000;

/// What gas costs in the block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fees {
    /// From London on, wei.
    pub(crate) base_fee: Option<u64>,
    /// From Cancun on, wei per blob gas.
    pub(crate) blob_fee: u128,
}

impl Fees {
    /// More than any transaction composed here offers for the draft, in wei.
    pub(crate) fn at_most(&self, draft: &Draft) -> U256 {
        let per_gas = U256::from(self.base_fee.unwrap_or_default()) * U256::from(2) + U256::from(100 * GWEI);
        let per_blob = U256::from(self.max_blob_fee()) * U256::from(1u64 << 17);
        draft.value + per_gas * U256::from(draft.gas_limit) + per_blob * U256::from(draft.blobs())
    }

    fn max_blob_fee(&self) -> u128 {
        2 * self.blob_fee + u128::from(GWEI)
    }
}

/// Gives a draft its type, nonce and fees. A delegating account uses up a nonce too.
pub(crate) fn compose(
    draft: Draft,
    scene: &mut Scene<'_>,
    nonces: &mut [u64],
    fees: &Fees,
) -> Result<Unsigned, DevchainError> {
    let (sender, label) = (draft.sender, draft.label);
    let nonce = take_nonce(nonces, sender);
    let tip = scene.dice.between(1, 300) * (GWEI / 100);
    let transaction = match (fees.base_fee, &draft.extras) {
        (Some(_), Extras::Blobs(hashes)) => {
            let blob_versioned_hashes = hashes.clone();
            let max_fee_per_blob_gas = fees.max_blob_fee();
            let fees = dynamic_fees(draft, nonce, fees, tip);
            blob_transaction(fees, blob_versioned_hashes, max_fee_per_blob_gas).into()
        }
        (Some(_), Extras::Delegations(delegations)) => {
            let authorization_list = authorize(delegations, scene.keys, nonces)?;
            set_code_transaction(dynamic_fees(draft, nonce, fees, tip), authorization_list).into()
        }
        (Some(_), Extras::AccessList(_)) if scene.dice.percent(60) => {
            dynamic_fees(draft, nonce, fees, tip).into()
        }
        (_, Extras::AccessList(_)) => access_list_transaction(draft, nonce, gas_price(fees, tip)).into(),
        (Some(_), Extras::None) if scene.dice.percent(88) => dynamic_fees(draft, nonce, fees, tip).into(),
        _ => {
            let is_protected = scene.is_active(Fork::SpuriousDragon);
            legacy_transaction(draft, nonce, gas_price(fees, tip), is_protected).into()
        }
    };
    Ok(Unsigned { sender, label, transaction })
}

/// Signs with the sender's key.
pub(crate) fn sign(unsigned: Unsigned, keys: &[Key]) -> Result<Transaction, DevchainError> {
    let signature = keys[unsigned.sender].sign(unsigned.transaction.signature_hash())?;
    Ok(unsigned.transaction.into_signed(signature).into())
}

fn take_nonce(nonces: &mut [u64], key: KeyId) -> u64 {
    nonces[key] += 1;
    nonces[key] - 1
}

/// Signed by those who delegate, each with the nonce that it has when its turn comes.
fn authorize(
    delegations: &[(KeyId, Address)],
    keys: &[Key],
    nonces: &mut [u64],
) -> Result<Vec<SignedAuthorization>, DevchainError> {
    let one = |(owner, address): &(KeyId, Address)| {
        let nonce = take_nonce(nonces, *owner);
        let authorization = Authorization { chain_id: U256::from(CHAIN_ID), address: *address, nonce };
        let signature = keys[*owner].sign(authorization.signature_hash())?;
        Ok(authorization.into_signed(signature))
    };
    delegations.iter().map(one).collect()
}

/// What a sender offers who does not split it: before London between one and four gwei.
fn gas_price(fees: &Fees, tip: u64) -> u128 {
    match fees.base_fee {
        Some(base_fee) => u128::from(base_fee) * 5 / 4 + u128::from(tip),
        None => u128::from(GWEI + tip),
    }
}

fn dynamic_fees(draft: Draft, nonce: u64, fees: &Fees, tip: u64) -> TxEip1559 {
    let base_fee = u128::from(fees.base_fee.unwrap_or_default());
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: draft.gas_limit,
        max_fee_per_gas: 2 * base_fee + u128::from(tip),
        max_priority_fee_per_gas: u128::from(tip),
        to: draft.to,
        value: draft.value,
        access_list: access_list(draft.extras),
        input: draft.input,
    }
}

fn access_list(extras: Extras) -> AccessList {
    match extras {
        Extras::AccessList(list) => list,
        _ => AccessList::default(),
    }
}

fn blob_transaction(
    fees: TxEip1559,
    blob_versioned_hashes: Vec<alloy::primitives::B256>,
    max_fee_per_blob_gas: u128,
) -> TxEip4844 {
    TxEip4844 {
        chain_id: fees.chain_id,
        nonce: fees.nonce,
        gas_limit: fees.gas_limit,
        max_fee_per_gas: fees.max_fee_per_gas,
        max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
        to: fees.to.to().copied().unwrap_or_default(),
        value: fees.value,
        access_list: fees.access_list,
        blob_versioned_hashes,
        max_fee_per_blob_gas,
        input: fees.input,
    }
}

fn set_code_transaction(fees: TxEip1559, authorization_list: Vec<SignedAuthorization>) -> TxEip7702 {
    TxEip7702 {
        chain_id: fees.chain_id,
        nonce: fees.nonce,
        gas_limit: fees.gas_limit,
        max_fee_per_gas: fees.max_fee_per_gas,
        max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
        to: fees.to.to().copied().unwrap_or_default(),
        value: fees.value,
        access_list: fees.access_list,
        authorization_list,
        input: fees.input,
    }
}

fn access_list_transaction(draft: Draft, nonce: u64, gas_price: u128) -> TxEip2930 {
    TxEip2930 {
        chain_id: CHAIN_ID,
        nonce,
        gas_price,
        gas_limit: draft.gas_limit,
        to: draft.to,
        value: draft.value,
        access_list: access_list(draft.extras),
        input: draft.input,
    }
}

/// `is_protected`: against replay on other chains (EIP-155).
fn legacy_transaction(draft: Draft, nonce: u64, gas_price: u128, is_protected: bool) -> TxLegacy {
    TxLegacy {
        chain_id: is_protected.then_some(CHAIN_ID),
        nonce,
        gas_price,
        gas_limit: draft.gas_limit,
        to: draft.to,
        value: draft.value,
        input: draft.input,
    }
}
