//! The requests of a block ([EIP-7685](https://eips.ethereum.org/EIPS/eip-7685)): deposits out of its logs, and what the
//! request contracts return after its transactions.
//!
//! alloy-evm does this too, but takes some blocks for valid that consensus does not: one in which a request contract has no
//! code, and one with a deposit log that has another layout than the deposit contract's.

use alloy::eips::eip6110::{DEPOSIT_REQUEST_TYPE, MAINNET_DEPOSIT_CONTRACT_ADDRESS};
use alloy::eips::eip7002::{SYSTEM_ADDRESS, WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, WITHDRAWAL_REQUEST_TYPE};
use alloy::eips::eip7251::{CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS, CONSOLIDATION_REQUEST_TYPE};
use alloy::eips::eip7685::Requests;
use alloy::eips::eip8282::{
    BUILDER_DEPOSIT_CONTRACT_ADDRESS, BUILDER_DEPOSIT_REQUEST_TYPE, BUILDER_EXIT_CONTRACT_ADDRESS,
    BUILDER_EXIT_REQUEST_TYPE,
};
use alloy::primitives::{Address, B256, Bytes, U256, b256};
use alloy_evm::block::BlockExecutionError;
use alloy_evm::{Database as EvmDatabase, Evm};
use blockmill_chain::{ChainSpec, Fork, Receipt};
use revm::context::result::{ExecutionResult, HaltReason};
use revm::{Database, DatabaseCommit};

use crate::error::{ExecuteError, RequestFailure};

/// The contracts that are called after the transactions, in this order, with the fork that brings them and the type of their
/// requests.
const CONTRACTS: [(Fork, u8, Address); 4] = [
    (Fork::Prague, WITHDRAWAL_REQUEST_TYPE, WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS),
    (Fork::Prague, CONSOLIDATION_REQUEST_TYPE, CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS),
    (Fork::Amsterdam, BUILDER_DEPOSIT_REQUEST_TYPE, BUILDER_DEPOSIT_CONTRACT_ADDRESS),
    (Fork::Amsterdam, BUILDER_EXIT_REQUEST_TYPE, BUILDER_EXIT_CONTRACT_ADDRESS),
];

/// Calls the request contracts and collects all requests of a block; none before Prague. `None` where the state is not
/// `whole` and a contract is not in it: what it would return is not known then.
///
/// # Errors
/// The block is invalid: a contract has no code or its call fails
/// ([EIP-7002](https://eips.ethereum.org/EIPS/eip-7002), [EIP-7251](https://eips.ethereum.org/EIPS/eip-7251),
/// [EIP-8282](https://eips.ethereum.org/EIPS/eip-8282)), or a deposit is malformed
/// ([EIP-6110](https://eips.ethereum.org/EIPS/eip-6110)).
pub(crate) fn collect<E>(
    spec: &ChainSpec,
    block: u64,
    timestamp: u64,
    receipts: &[Receipt],
    evm: &mut E,
    is_whole: bool,
) -> Result<Option<Requests>, ExecuteError>
where
    E: Evm<DB: EvmDatabase + DatabaseCommit, HaltReason = HaltReason>,
{
    let mut requests = Requests::default();
    if !spec.is_prague(timestamp) {
        return Ok(Some(requests));
    }
    let mut is_known = true;
    let contract = spec.deposit_contract.unwrap_or(MAINNET_DEPOSIT_CONTRACT_ADDRESS);
    let deposits = deposits(block, contract, receipts)?;
    if !deposits.is_empty() {
        requests.push_request_with_type(DEPOSIT_REQUEST_TYPE, deposits);
    }
    for (fork, request_type, address) in CONTRACTS {
        if !spec.condition(fork).active_at_timestamp(timestamp) {
            continue;
        }
        let failed = |failure| ExecuteError::RequestContract { block, address, fork, failure };
        match call(address, evm) {
            Ok(output) if output.is_empty() => {}
            Ok(output) => requests.push_request_with_type(request_type, output),
            Err(CallError::Contract(RequestFailure::NoCode)) if !is_whole => is_known = false,
            Err(CallError::Contract(failure)) => return Err(failed(failure)),
            Err(CallError::Evm(source)) => return Err(ExecuteError::InvalidBlock { block, source }),
        }
    }
    Ok(is_known.then_some(requests))
}

enum CallError {
    /// Also a failed read, whose reason the caller knows.
    Evm(BlockExecutionError),
    Contract(RequestFailure),
}

/// Calls one contract, and keeps what it does to the state.
fn call<E>(address: Address, evm: &mut E) -> Result<Bytes, CallError>
where
    E: Evm<DB: EvmDatabase + DatabaseCommit, HaltReason = HaltReason>,
{
    let account = evm.db_mut().basic(address).map_err(|e| CallError::Evm(BlockExecutionError::other(e)))?;
    if account.is_none_or(|account| account.is_empty_code_hash()) {
        return Err(CallError::Contract(RequestFailure::NoCode));
    }
    let called = evm.transact_system_call(SYSTEM_ADDRESS, address, Bytes::new());
    let called = called.map_err(|e| CallError::Evm(BlockExecutionError::other(e)))?;
    evm.db_mut().commit(called.state);
    match called.result {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        ExecutionResult::Revert { .. } => Err(CallError::Contract(RequestFailure::Reverted)),
        ExecutionResult::Halt { reason, .. } => Err(CallError::Contract(RequestFailure::Halted(reason))),
    }
}

/// Topic 0 of the deposit contract's event `DepositEvent(bytes,bytes,bytes,bytes,bytes)`.
const DEPOSIT_EVENT: B256 = b256!("649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

/// Bytes of the fields of a deposit: public key, withdrawal credentials, amount, signature, index.
const DEPOSIT_FIELDS: [usize; 5] = [48, 32, 8, 96, 8];

/// The deposits of a block, one after the other.
fn deposits(block: u64, contract: Address, receipts: &[Receipt]) -> Result<Bytes, ExecuteError> {
    let mut deposits = Vec::new();
    for (transaction, receipt) in receipts.iter().enumerate() {
        for (log, event) in receipt.logs().iter().enumerate() {
            if event.address != contract || event.topics().first() != Some(&DEPOSIT_EVENT) {
                continue;
            }
            let fields = deposit_fields(&event.data.data);
            let fields = fields.ok_or(ExecuteError::Deposit { block, transaction, log })?;
            deposits.extend(fields.into_iter().flatten());
        }
    }
    Ok(deposits.into())
}

/// The fields of a deposit log; `None` where its layout is not exactly that of the deposit contract
/// (`is_valid_deposit_event_data` of EIP-6110). Padding is not checked.
fn deposit_fields(data: &[u8]) -> Option<[&[u8]; 5]> {
    let word = |at: usize| data.get(at..at + 32).map(U256::from_be_slice);
    let mut fields = [&data[..0]; 5];
    let mut at = 32 * DEPOSIT_FIELDS.len();
    for (index, size) in DEPOSIT_FIELDS.into_iter().enumerate() {
        if word(32 * index)? != U256::from(at) || word(at)? != U256::from(size) {
            return None;
        }
        fields[index] = data.get(at + 32..at + 32 + size)?;
        at += 32 + size.next_multiple_of(32);
    }
    (data.len() == at).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log as the deposit contract writes it, each field filled with its number.
    fn deposit() -> Vec<u8> {
        let mut head = Vec::new();
        let mut tail = Vec::new();
        for (number, size) in (1..).zip(DEPOSIT_FIELDS) {
            head.extend(U256::from(160 + tail.len()).to_be_bytes::<32>());
            tail.extend(U256::from(size).to_be_bytes::<32>());
            tail.extend(vec![number; size]);
            tail.resize(tail.len().next_multiple_of(32), 0);
        }
        [head, tail].concat()
    }

    #[test]
    fn a_deposit_has_one_layout() {
        let data = deposit();
        assert_eq!(data.len(), 576, "as EIP-6110 says");
        let fields = deposit_fields(&data).unwrap();
        assert_eq!(fields.concat().len(), 192);
        assert!(fields.iter().zip(1..).all(|(field, number)| field.iter().all(|byte| *byte == number)));
        assert_eq!(deposit_fields(&data[..575]), None);
        assert_eq!(deposit_fields(&[&data[..], &[0; 32]].concat()), None);
        assert_eq!(deposit_fields(&[]), None);
        // Offsets at 31, 63, … and sizes at the offsets: each of them is fixed.
        for at in (31..160).step_by(32).chain([191, 287, 351, 415, 543]) {
            let mut other = data.clone();
            other[at] ^= 1;
            assert_eq!(deposit_fields(&other), None, "byte {at}");
        }
    }

    #[test]
    fn numbers_that_fit_no_machine_word_are_refused() {
        for at in [0, 160] {
            let mut data = deposit();
            data[at] = 0xff;
            assert_eq!(deposit_fields(&data), None, "byte {at}");
        }
    }
}
