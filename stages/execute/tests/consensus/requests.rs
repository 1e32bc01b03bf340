//! Request contracts that are missing or fail make every block invalid (EIP-7002, EIP-7251, EIP-8282); deposits have one
//! layout (EIP-6110).

use alloy::eips::{eip7002, eip7251, eip8282};
use alloy::primitives::{Address, B256, TxKind, U256, b256};
use blockmill_chain::Fork;
use blockmill_execute::{ExecuteError, RequestFailure};

use crate::scene::{Scene, transaction};

const CONTRACTS: [(Fork, Address); 4] = [
    (Fork::Prague, eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS),
    (Fork::Prague, eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS),
    (Fork::Amsterdam, eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS),
    (Fork::Amsterdam, eip8282::BUILDER_EXIT_CONTRACT_ADDRESS),
];

/// A scene in which one contract has other code, or none.
fn with_code(fork: Fork, address: Address, code: &[u8]) -> Scene {
    let mut scene = Scene::new(fork);
    scene.accounts.retain(|account| account.address != address);
    if code.is_empty() { scene } else { scene.with(address, 1, 0, code, &[]) }
}

/// Why a block without transactions is invalid under each fork that calls the contract.
fn refused(code: &[u8], is_due: impl Fn(&RequestFailure) -> bool) {
    for fork in [Fork::Prague, Fork::Osaka, Fork::Amsterdam] {
        for (since, contract) in CONTRACTS {
            let played = with_code(fork, contract, code).play(&[]);
            if fork < since {
                assert!(played.is_ok(), "{fork} does not call {contract}");
                continue;
            }
            let error = played.err().unwrap_or_else(|| panic!("{contract} under {fork} is accepted"));
            let ExecuteError::RequestContract { block: 1, address, fork: named, failure } = &error else {
                panic!("{error}");
            };
            assert_eq!((*address, *named), (contract, since));
            assert!(is_due(failure), "{error}");
            assert!(error.is_verification());
            let said = error.to_string();
            assert!(said.starts_with("block 1 is invalid: the request contract 0x"), "{said}");
            assert!(said.contains(&format!("{contract:#x}")) && said.contains(&since.to_string()), "{said}");
        }
    }
}

#[test]
fn a_block_is_invalid_where_a_request_contract_has_no_code() {
    refused(&[], |failure| *failure == RequestFailure::NoCode);
}

#[test]
fn a_block_is_invalid_where_the_call_of_a_request_contract_fails() {
    // REVERT without data; INVALID; a loop without end.
    refused(&[0x60, 0, 0x60, 0, 0xfd], |failure| *failure == RequestFailure::Reverted);
    refused(&[0xfe], |failure| matches!(failure, RequestFailure::Halted(_)));
    refused(&[0x5b, 0x60, 0, 0x56], |failure| matches!(failure, RequestFailure::Halted(_)));
}

#[test]
fn a_request_contract_that_returns_nothing_adds_no_request() {
    let contract = eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS;
    let stop = with_code(Fork::Prague, contract, &[0x00]);
    assert!(stop.play(&[]).unwrap().executed.requests.unwrap().is_empty());
}

#[test]
fn a_system_call_has_thirty_million_gas() {
    // Returns GAS; the call has paid for nothing but the instruction.
    let returns_gas = [0x5a, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3];
    for fork in [Fork::Prague, Fork::Osaka, Fork::Amsterdam] {
        let played =
            with_code(fork, eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, &returns_gas).play(&[]).unwrap();
        let request = &played.executed.requests.as_ref().unwrap()[0];
        assert_eq!(request[0], eip7002::WITHDRAWAL_REQUEST_TYPE);
        assert_eq!(U256::from_be_slice(&request[1..]), U256::from(30_000_000 - 2), "{fork}");
    }
}

const DEPOSIT_EVENT: B256 = b256!("649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

/// Logs the input as a deposit: CALLDATACOPY, LOG1.
fn logger() -> Vec<u8> {
    [&[0x36, 0x60, 0, 0x60, 0, 0x37, 0x7f][..], DEPOSIT_EVENT.as_slice(), &[0x36, 0x60, 0, 0xa1, 0x00]]
        .concat()
}

/// The data of a deposit as the contract logs it.
fn deposit() -> Vec<u8> {
    let sizes = [48, 32, 8, 96, 8];
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for size in sizes {
        head.extend(U256::from(160 + tail.len()).to_be_bytes::<32>());
        tail.extend(U256::from(size).to_be_bytes::<32>());
        tail.extend(vec![size as u8; size]);
        tail.resize(tail.len().next_multiple_of(32), 0);
    }
    [head, tail].concat()
}

#[test]
fn a_deposit_of_another_layout_makes_the_block_invalid() {
    let contract = Address::repeat_byte(0xde);
    let play = |data: &[u8]| {
        let mut scene = Scene::new(Fork::Prague).with(contract, 1, 0, &logger(), &[]);
        scene.spec.deposit_contract = Some(contract);
        scene.play(&[transaction(0, TxKind::Call(contract), data, 0, 1_000_000)])
    };
    let right = play(&deposit()).unwrap();
    assert_eq!(right.executed.requests.unwrap()[0].len(), 1 + 192);
    // A shorter public key, which decoders of the ABI take as well.
    let mut short = deposit();
    short[191] = 47;
    for data in [&short[..], &deposit()[..544], &[][..]] {
        let error = play(data).err().unwrap();
        assert!(matches!(error, ExecuteError::Deposit { block: 1, transaction: 0, log: 0 }), "{error}");
        assert!(error.is_verification());
    }
}
