//! EIP-7610: a contract is not created at an address that has storage, whatever its nonce and code.

use alloy::primitives::{Address, Bytes, TxKind, U256, keccak256};
use blockmill_chain::Fork;

use crate::scene::{Played, SENDER, Scene, transaction};

const CREATOR: Address = Address::repeat_byte(0x11);

/// Rules under which creations differ.
const FORKS: [Fork; 7] = [
    Fork::Frontier,
    Fork::Homestead,
    Fork::SpuriousDragon,
    Fork::London,
    Fork::Shanghai,
    Fork::Prague,
    Fork::Amsterdam,
];

/// CREATE without init code; the address that it returns to slot 0.
const CREATE: [u8; 10] = [0x60, 0, 0x60, 0, 0x60, 0, 0xf0, 0x60, 0, 0x55];
/// Such a creation by CREATE2, with salt 5.
const CREATE2: [u8; 12] = [0x60, 5, 0x60, 0, 0x60, 0, 0x60, 0, 0xf5, 0x60, 0, 0x55];

/// What is at the address where the contract is to be.
#[derive(Clone, Copy)]
struct Target {
    balance: u64,
    storage: &'static [(u64, u64)],
}

const STORAGE: &[(u64, u64)] = &[(3, 4)];

/// What the creator is called with.
const GAS: u64 = 3_000_000;

fn play(fork: Fork, code: &[u8], address: Address, target: Option<Target>) -> Played {
    let mut scene = Scene::new(fork).with(CREATOR, 1, 0, code, &[]);
    if let Some(Target { balance, storage }) = target {
        scene = scene.with(address, 0, balance, &[], storage);
    }
    scene.play(&[transaction(0, TxKind::Call(CREATOR), &[], 0, GAS)]).unwrap()
}

fn check(fork: Fork, code: &[u8], address: Address) {
    for balance in [0, 9] {
        let collided = play(fork, code, address, Some(Target { balance, storage: STORAGE }));
        assert_eq!(collided.reads().creation_checks, [(address, true)], "{fork}");
        assert_eq!(collided.slot(CREATOR, 0), U256::ZERO, "{fork}: the creation returns no address");
        assert_eq!(collided.slot(address, 3), U256::from(4), "{fork}: nothing is wiped");
        let gas = collided.executed.receipts[0].cumulative_gas_used();
        if fork < Fork::Tangerine {
            // The creation is given all gas, and takes it: the caller fails after it.
            assert_eq!((collided.statuses(), gas), (vec![false], GAS), "{fork}");
            continue;
        }
        assert_eq!(collided.account(CREATOR).unwrap().nonce, 2, "{fork}: it takes a nonce");
        // EIP-8037: an account without balance is paid for as a new one, and the creation that fails gives that back.
        let given_back = if fork == Fork::Amsterdam && balance == 0 { 183_600 } else { 0 };
        let least = GAS - GAS / 64 - given_back;
        assert!((least..least + 10_000).contains(&gas), "{fork}: it takes all gas but a 64th, not {gas}");
    }
    let created = play(fork, code, address, Some(Target { balance: 9, storage: &[] }));
    assert_eq!(created.reads().creation_checks, [(address, false)], "{fork}");
    assert_eq!(created.slot(CREATOR, 0), U256::from_be_bytes(address.into_word().0), "{fork}");
    assert_eq!(created.account(address).unwrap().balance, U256::from(9), "{fork}");
    let absent = play(fork, code, address, None);
    assert!(absent.reads().creation_checks.is_empty(), "{fork}: what does not exist has no storage");
    assert_eq!(absent.slot(CREATOR, 0), U256::from_be_bytes(address.into_word().0), "{fork}");
}

#[test]
fn create_collides_with_storage_under_every_fork() {
    for fork in FORKS {
        check(fork, &CREATE, CREATOR.create(1));
    }
}

#[test]
fn create2_collides_with_storage_under_every_fork_that_has_it() {
    for fork in FORKS.into_iter().filter(|fork| *fork >= Fork::London) {
        let salt = U256::from(5).to_be_bytes::<32>();
        check(fork, &CREATE2, CREATOR.create2(salt, keccak256([])));
    }
}

#[test]
fn a_transaction_that_creates_collides_with_storage_under_every_fork() {
    let address = SENDER.create(0);
    for fork in FORKS {
        let creation = transaction(0, TxKind::Create, &[], 0, 500_000);
        let scene = Scene::new(fork).with(address, 0, 0, &[], STORAGE);
        let collided = scene.play(std::slice::from_ref(&creation)).unwrap();
        assert_eq!(collided.statuses(), [false], "{fork}");
        assert_eq!(collided.reads().creation_checks, [(address, true)], "{fork}");
        assert_eq!(collided.executed.receipts[0].cumulative_gas_used(), 500_000, "{fork}: all gas");
        assert_eq!(collided.account(SENDER).unwrap().nonce, 1, "{fork}");
        let created = Scene::new(fork).play(&[creation]).unwrap();
        assert_eq!(created.statuses(), [true], "{fork}");
    }
}

#[test]
fn what_fails_before_it_accesses_the_address_does_not_ask() {
    // CREATE with a wei that the creator does not have.
    let poor = [0x60, 0, 0x60, 0, 0x60, 1, 0xf0, 0x60, 0, 0x55];
    let address = CREATOR.create(1);
    for fork in FORKS {
        let refused = play(fork, &poor, address, Some(Target { balance: 0, storage: STORAGE }));
        assert!(refused.reads().creation_checks.is_empty(), "{fork}");
        assert_eq!(refused.account(CREATOR).unwrap().nonce, 1, "{fork}");
    }
}

#[test]
fn storage_that_an_earlier_transaction_of_the_block_left_counts() {
    // Before EIP-161 a contract can have storage, and neither nonce nor code: init code that stores and returns nothing.
    let stores: Bytes = [0x60, 7, 0x60, 1, 0x55].into();
    let address = SENDER.create(0);
    let scene = Scene::new(Fork::Frontier);
    let played = scene.play(&[transaction(0, TxKind::Create, &stores, 0, 100_000)]).unwrap();
    assert_eq!(played.slot(address, 1), U256::from(7));
    let account = played.account(address).unwrap();
    assert!(account.is_empty(), "it exists, and is empty but for its storage");
    assert!(played.reads().creation_checks.is_empty());
}
