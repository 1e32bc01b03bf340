//! Ether that system calls move: the contracts of public chains move none, those of a chain of one's own can.

use alloy::eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy::eips::eip4788::BEACON_ROOTS_ADDRESS;
use alloy::eips::{eip7002, eip7251};
use alloy::primitives::{Address, TxKind};
use blockmill_chain::Fork;
use blockmill_schemas::Dataset;

use crate::scene::{Scene, transaction};

const HEIR: Address = Address::repeat_byte(0x41);
const CALLED: Address = Address::repeat_byte(0x42);
/// Gives back what it gets.
const REVERTS: Address = Address::repeat_byte(0x43);

/// Code that calls an account with `value`.
fn call(to: Address, value: u8) -> Vec<u8> {
    [&[0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, value, 0x73][..], to.as_slice(), &[0x5a, 0xf1, 0x50]]
        .concat()
}

/// Code that creates a contract by init code of five bytes, with `value`.
fn create(init: [u8; 5], value: u8) -> Vec<u8> {
    [&[0x64][..], &init, &[0x60, 0, 0x52, 0x60, 5, 0x60, 27, 0x60, value, 0xf0, 0x50]].concat()
}

/// Code that hands over what is left.
fn destroy(heir: Address) -> Vec<u8> {
    [&[0x73][..], heir.as_slice(), &[0xff]].concat()
}

/// RETURN of a byte of memory, and of none; SELFDESTRUCT to itself.
const RETURNS_CODE: [u8; 5] = [0x60, 1, 0x5f, 0xf3, 0];
const DESTROYS_ITSELF: [u8; 5] = [0x30, 0xff, 0, 0, 0];

/// Moves ether in every way there is.
fn mover() -> Vec<u8> {
    let ways = [
        call(CALLED, 3),
        call(REVERTS, 5),
        create(DESTROYS_ITSELF, 2),
        create(RETURNS_CODE, 4),
        destroy(HEIR),
    ];
    ways.concat()
}

/// A scene in which `contract` has this code and 100 wei.
fn scene(fork: Fork, contract: Address, code: &[u8]) -> Scene {
    let mut scene = Scene::new(fork).with(REVERTS, 1, 0, &[0x5f, 0x5f, 0xfd], &[]);
    scene.accounts.retain(|account| account.address != contract);
    scene.with(contract, 1, 100, code, &[])
}

/// A transaction that moves 7 wei.
fn sending() -> alloy::consensus::TxLegacy {
    transaction(0, TxKind::Call(CALLED), &[], 7, 21_000)
}

#[test]
fn balances_follow_the_transfers_whatever_a_system_call_moves() {
    let contracts = [
        (Fork::Cancun, BEACON_ROOTS_ADDRESS),
        (Fork::Prague, HISTORY_STORAGE_ADDRESS),
        (Fork::Prague, eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS),
        (Fork::Prague, eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS),
    ];
    for fork in [Fork::Cancun, Fork::Prague, Fork::Osaka, Fork::Amsterdam] {
        for (_, contract) in contracts.into_iter().filter(|(since, _)| fork >= *since) {
            let scene = scene(fork, contract, &mover());
            for transactions in [&[][..], &[sending()]] {
                let played = scene.play(transactions).unwrap();
                assert_eq!(played.account(REVERTS).unwrap().balance.to::<u64>(), 0, "{fork}, {contract}");
                played.assert_tables_agree(&scene.spec);
            }
        }
    }
}

/// Type, transaction, sender and receiver, wei: in the order of the rows.
type Transfer = (String, Option<u32>, Option<Address>, Option<Address>, u64);

fn transfers(scene: &Scene) -> Vec<Transfer> {
    let tables = scene.play(&[sending()]).unwrap().assert_tables_agree(&scene.spec);
    let rows = tables.rows(Dataset::NativeTransfers).enumerate().map(|(at, row)| {
        assert_eq!(row.index("transfer_index"), Some(at as u32));
        let addresses = (row.address("from_address"), row.address("to_address"));
        let wei = row.amount("value").unwrap().to();
        (
            row.text("transfer_type").unwrap().into(),
            row.index("transaction_index"),
            addresses.0,
            addresses.1,
            wei,
        )
    });
    rows.collect()
}

#[test]
fn system_calls_stand_before_and_after_the_transactions_and_belong_to_none() {
    let kinds = |transfers: Vec<Transfer>| {
        transfers
            .into_iter()
            .map(|(kind, transaction, _, _, wei)| (kind, transaction, wei))
            .collect::<Vec<_>>()
    };
    let sent = || ("transaction".into(), Some(0), 7);
    let system = |wei| ("system".into(), None, wei);
    let before = transfers(&scene(Fork::Cancun, BEACON_ROOTS_ADDRESS, &mover()));
    let [called, created, _, kept, ..] = &before[..] else { panic!("{before:?}") };
    assert_eq!((called.2, called.3), (Some(BEACON_ROOTS_ADDRESS), Some(CALLED)));
    let burned = ("burn".into(), None, 2);
    assert_eq!((before[2].2, before[2].3), (created.3, None));
    assert_eq!(kept.2, Some(BEACON_ROOTS_ADDRESS));
    assert_eq!(kinds(before), [system(3), system(2), burned, system(4), system(91), sent()]);
    let contract = eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS;
    let after = transfers(&scene(Fork::Prague, contract, &destroy(HEIR)));
    assert_eq!((after[1].2, after[1].3), (Some(contract), Some(HEIR)));
    assert_eq!(kinds(after), [sent(), system(100)]);
}

#[test]
fn what_a_contract_gets_after_its_end_in_a_system_call_is_burned() {
    // The init code hands 2 wei to the beacon contract's heir, and the contract that is gone gets 6 more.
    let init = [0x33, 0xff, 0, 0, 0];
    let to_created = [
        // The created address stays on the stack: CREATE without the POP after it, then a call of that
        // address.
        &[0x64][..],
        &init,
        &[0x60, 0, 0x52, 0x60, 5, 0x60, 27, 0x60, 2, 0xf0],
        &[0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 6, 0x85, 0x5a, 0xf1, 0x00],
    ];
    let scene = scene(Fork::Cancun, BEACON_ROOTS_ADDRESS, &to_created.concat());
    let found = transfers(&scene);
    let kinds: Vec<_> = found.iter().map(|transfer| (transfer.0.as_str(), transfer.1, transfer.4)).collect();
    let expected = [
        ("system", None, 2),
        ("system", None, 2),
        ("system", None, 6),
        ("burn", None, 6),
        ("transaction", Some(0), 7),
    ];
    assert_eq!(kinds, expected);
    assert_eq!((found[3].2, found[3].3), (found[2].3, None));
}
