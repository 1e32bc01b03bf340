//! Empty accounts that a foreign witness lists: they existed, or were read and not found, as the block's gas
//! tells.

use alloy::primitives::Bytes;
use blockmill_chain::{ChainSpec, Witness};
use blockmill_trace::{EmptyAccounts, settle_empty_accounts};

use crate::replayed::seal;
use crate::scene::{OTHER, Scene, frontier, prague};

/// CALL of [`OTHER`] without value: before EIP-161 it costs 25,000 gas more where there is no such account.
fn calling() -> Vec<u8> {
    let zeros = [0x60, 0].repeat(5);
    [&zeros[..], &[0x73], OTHER.as_slice(), &[0x61, 0xff, 0xff, 0xf1]].concat()
}

/// The witness of a block that was made on a state where the account is, or is not; it lists the account as empty either way.
fn listed(spec: ChainSpec, existed: bool) -> (Scene, Witness, Vec<Bytes>) {
    let scene = Scene::new(spec, &calling());
    let codes = vec![Bytes::from(calling())];
    let with_account = Scene::new(scene.spec.clone(), &calling()).with(OTHER, 0, 0, &[]);
    let truth = if existed { &with_account } else { &scene };
    let mut made = truth.witness();
    seal(&truth.spec, &mut made, truth);
    let reads = with_account.witness().reads;
    (scene, Witness { reads, ..made }, codes)
}

fn has_other(witness: &Witness) -> bool {
    witness.reads.accounts.iter().any(|listed| listed.address == OTHER && listed.account.is_some())
}

#[test]
fn the_reading_is_the_one_whose_gas_is_the_headers() {
    for (existed, settled) in [(true, EmptyAccounts::Existing), (false, EmptyAccounts::Absent)] {
        let (scene, mut witness, codes) = listed(frontier(), existed);
        assert_eq!(settle_empty_accounts(&scene.spec, &mut witness, &codes), settled);
        assert_eq!(has_other(&witness), existed);
    }
    let gas = |existed| listed(frontier(), existed).1.block.header().gas_used;
    assert_eq!(gas(false) - gas(true), 25_000, "the price of a new account");
}

#[test]
fn after_eip_161_an_empty_account_does_not_exist() {
    let (scene, mut witness, codes) = listed(prague(), true);
    assert_eq!(settle_empty_accounts(&scene.spec, &mut witness, &codes), EmptyAccounts::Irrelevant);
    assert!(!has_other(&witness));
}

#[test]
fn a_block_that_verifies_in_neither_reading_is_left_for_the_replay_to_refuse() {
    let (scene, mut witness, codes) = listed(frontier(), true);
    witness.block.block.header.gas_used += 1;
    assert_eq!(settle_empty_accounts(&scene.spec, &mut witness, &codes), EmptyAccounts::Existing);
    assert!(has_other(&witness));
}

#[test]
fn an_account_with_storage_alone_exists_under_every_fork() {
    for spec in [frontier(), prague()] {
        let (scene, mut witness, codes) = listed(spec, true);
        let other = witness.reads.accounts.iter_mut().find(|listed| listed.address == OTHER).unwrap();
        other.storage.push(Default::default());
        settle_empty_accounts(&scene.spec, &mut witness, &codes);
        assert!(has_other(&witness));
    }
}
