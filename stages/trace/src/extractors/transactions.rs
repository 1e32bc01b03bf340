//! `transactions`: what was signed, and what the receipt says.

use alloy::consensus::{Transaction as _, Typed2718, crypto::secp256k1};
use alloy::eips::eip7702::SignedAuthorization;
use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Receipt, Transaction};
use blockmill_schemas::rows::{AuthorizationRow, Payload, TransactionRow, TransactionRows};

use crate::error::TraceError;
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per transaction.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut TransactionRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let block = traced.block();
    let transactions =
        block.block.body.transactions.iter().zip(&block.senders).zip(&traced.executed.receipts);
    let mut gas_before = 0;
    for (index, ((transaction, sender), receipt)) in transactions.enumerate() {
        let input = outlet.payload(transaction.input())?;
        push(
            traced,
            &TransactionEntry { index, transaction, input, sender: *sender, receipt, gas_before },
            rows,
        );
        outlet.keep_limit(rows)?;
        gas_before = receipt.cumulative_gas_used();
    }
    Ok(())
}

/// A transaction with its place and its receipt.
struct TransactionEntry<'a> {
    index: usize,
    transaction: &'a Transaction,
    input: Payload<'a>,
    sender: Address,
    receipt: &'a Receipt,
    /// Cumulative gas of the transactions before it.
    gas_before: u64,
}

fn push(traced: &TracedBlock<'_>, entry: &TransactionEntry<'_>, rows: &mut TransactionRows) {
    let header = traced.block().header();
    let (tx, receipt) = (entry.transaction, entry.receipt);
    let fees_are_maxima = tx.max_priority_fee_per_gas().is_some();
    let authorizations: Option<Vec<_>> =
        tx.authorization_list().map(|list| list.iter().map(authorization).collect());
    rows.push(&TransactionRow {
        block_number: header.number,
        transaction_index: entry.index as u32,
        transaction_hash: *tx.tx_hash(),
        transaction_type: tx.ty(),
        from_address: entry.sender,
        to_address: tx.to(),
        nonce: tx.nonce(),
        value: tx.value(),
        input: entry.input,
        gas_limit: tx.gas_limit(),
        gas_price: tx.gas_price(),
        max_fee_per_gas: fees_are_maxima.then(|| tx.max_fee_per_gas()),
        max_priority_fee_per_gas: tx.max_priority_fee_per_gas(),
        effective_gas_price: tx.effective_gas_price(header.base_fee_per_gas),
        gas_used: receipt.cumulative_gas_used() - entry.gas_before,
        cumulative_gas_used: receipt.cumulative_gas_used(),
        success: receipt.status(),
        status: traced.spec.is_byzantium(header.number).then(|| u8::from(receipt.status())),
        root: root_after(traced, entry.index),
        contract_address: tx.is_create().then(|| entry.sender.create(tx.nonce())),
        max_fee_per_blob_gas: tx.max_fee_per_blob_gas(),
        blob_gas_used: tx.blob_gas_used(),
        blob_gas_price: tx.blob_gas_used().and_then(|_| blob_gas_price(traced)),
        blob_versioned_hashes: tx.blob_versioned_hashes(),
        access_list: tx.access_list().map(|list| list.0.as_slice()),
        authorization_list: authorizations.as_deref(),
        v: signature_v(tx),
        r: tx.signature().r(),
        s: tx.signature().s(),
        n_input_bytes: tx.input().len() as u32,
        n_input_zero_bytes: tx.input().iter().filter(|byte| **byte == 0).count() as u32,
    });
}

/// The state root in the receipt: before Byzantium, and where the witness has them.
fn root_after(traced: &TracedBlock<'_>, index: usize) -> Option<B256> {
    let roots = &traced.witness.reads.transaction_roots;
    if traced.spec.is_byzantium(traced.block().number()) { None } else { roots.get(index).copied() }
}

fn blob_gas_price(traced: &TracedBlock<'_>) -> Option<u128> {
    let header = traced.block().header();
    let params = traced.spec.blob_params(header.timestamp)?;
    header.excess_blob_gas.map(|excess| params.calc_blob_fee(excess))
}

/// EIP-155 folds the chain id in where a legacy transaction has one.
fn signature_v(transaction: &Transaction) -> Option<u64> {
    let parity = u64::from(transaction.signature().v());
    match transaction {
        Transaction::Legacy(legacy) => match legacy.tx().chain_id {
            Some(id) => id.checked_mul(2)?.checked_add(35 + parity),
            None => Some(27 + parity),
        },
        _ => Some(parity),
    }
}

fn authorization(signed: &SignedAuthorization) -> AuthorizationRow {
    AuthorizationRow {
        chain_id: U256::from(signed.chain_id),
        address: signed.address,
        nonce: signed.nonce,
        y_parity: signed.y_parity(),
        r: signed.r(),
        s: signed.s(),
        authority: authority(signed),
    }
}

/// The signer; `None` where the signature is invalid, also by EIP-2's rule for `s` (EIP-7702, step 3).
fn authority(signed: &SignedAuthorization) -> Option<Address> {
    let signature = signed.signature().ok()?;
    secp256k1::recover_signer(&signature, signed.signature_hash()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::consensus::{Signed, TxEip1559, TxLegacy};
    use alloy::eips::eip7702::Authorization;
    use alloy::primitives::Signature;

    fn legacy(chain_id: Option<u64>, parity: bool) -> Transaction {
        let signature = Signature::test_signature().with_parity(parity);
        Transaction::Legacy(Signed::new_unhashed(TxLegacy { chain_id, ..TxLegacy::default() }, signature))
    }

    #[test]
    fn v_folds_the_chain_id_in_only_for_legacy_transactions_that_have_one() {
        assert_eq!(signature_v(&legacy(None, true)), Some(28));
        assert_eq!(signature_v(&legacy(Some(1), false)), Some(37));
        assert_eq!(signature_v(&legacy(Some(u64::MAX), false)), None, "beyond 64 bits");
        let typed = Signed::new_unhashed(TxEip1559::default(), Signature::test_signature().with_parity(true));
        assert_eq!(signature_v(&Transaction::Eip1559(typed)), Some(1));
    }

    #[test]
    fn an_authorization_that_no_rule_accepts_has_no_authority() {
        let unsigned = Authorization { chain_id: U256::ZERO, address: Address::ZERO, nonce: 0 };
        let signature = Signature::test_signature();
        let valid = unsigned.clone().into_signed(signature);
        assert!(authority(&valid).is_some());
        let of = |parity, s| SignedAuthorization::new_unchecked(unsigned.clone(), parity, signature.r(), s);
        assert_eq!(authorization(&of(2, signature.s())).authority, None, "a parity that is none");
        assert_eq!(authorization(&of(0, U256::MAX)).authority, None, "an s in the upper half");
        assert_eq!(authorization(&of(2, signature.s())).y_parity, 2);
    }
}
