//! Precompiled contracts, with inputs that mean something to them.

use alloy::primitives::{Address, B256, Bytes, U256, b256};
use alloy::sol_types::{SolCall, SolValue};
use blockmill_chain::Fork;

use super::Turn;
use crate::abi::Precompiles;
use crate::draft::Draft;

/// What the probing contract keeps for itself, so that a precompile that takes all it is given does not end it.
const HELD_BACK_GAS: u64 = 70_000;

/// A precompile: its address, since when, what calling it costs at most, and what it is given.
struct Precompile {
    number: u16,
    since: Fork,
    gas: u64,
    input: fn(&mut Turn<'_, '_>) -> Bytes,
}

const fn precompile(number: u16, since: Fork, gas: u64, input: fn(&mut Turn<'_, '_>) -> Bytes) -> Precompile {
    Precompile { number, since, gas, input }
}

const PRECOMPILES: [Precompile; 13] = [
    precompile(1, Fork::Frontier, 3_000, signature),
    precompile(2, Fork::Frontier, 1_000, noise),
    precompile(3, Fork::Frontier, 2_000, noise),
    precompile(4, Fork::Frontier, 500, noise),
    precompile(5, Fork::Byzantium, 60_000, modular_power),
    precompile(6, Fork::Byzantium, 500, |_| [point(), point()].concat().into()),
    precompile(7, Fork::Byzantium, 40_000, |turn| [point(), turn.scene.dice.word().to_vec()].concat().into()),
    precompile(8, Fork::Byzantium, 100_000, |_| Bytes::new()),
    precompile(9, Fork::Istanbul, 500, compression),
    precompile(0x0a, Fork::Cancun, 50_000, |turn| turn.scene.dice.noise(192)),
    // Twice the point at infinity of BLS12-381.
    precompile(0x0b, Fork::Prague, 500, |_| vec![0; 256].into()),
    precompile(0x0d, Fork::Prague, 700, |_| vec![0; 512].into()),
    precompile(0x100, Fork::Osaka, 7_000, |turn| turn.scene.dice.noise(160)),
];

pub(super) fn probe(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let known: Vec<_> = PRECOMPILES.iter().filter(|each| turn.scene.is_active(each.since)).collect();
    if turn.town.modern.is_some() && turn.scene.dice.percent(40) {
        let chosen: Vec<_> = (0..4).map(|_| *turn.scene.dice.pick(&known)).collect();
        let gas: u64 = chosen.iter().map(|each| each.gas + 32_000).sum();
        let inputs = chosen.iter().map(|each| (each.input)(turn)).collect();
        let precompiles = chosen.iter().map(|each| address(each.number)).collect();
        let input = Precompiles::probeManyCall { precompiles, inputs }.abi_encode();
        let draft = Draft::call(sender, turn.town.precompiles, input, 35_000 + gas);
        return Some(draft.with_gas_limit(HELD_BACK_GAS + 35_000 + gas));
    }
    let chosen = *turn.scene.dice.pick_hot(&known);
    let call = Precompiles::probeCall { precompile: address(chosen.number), input: (chosen.input)(turn) };
    let draft = Draft::call(sender, turn.town.precompiles, call.abi_encode(), 50_000 + chosen.gas);
    Some(draft.with_gas_limit(HELD_BACK_GAS + 50_000 + chosen.gas))
}

fn address(number: u16) -> Address {
    Address::left_padding_from(&number.to_be_bytes())
}

fn noise(turn: &mut Turn<'_, '_>) -> Bytes {
    let length = turn.scene.dice.between(1, 200);
    turn.scene.dice.noise(length as usize)
}

/// What a signer of the chain has signed.
fn signature(turn: &mut Turn<'_, '_>) -> Bytes {
    let (hash, signer) = (turn.scene.dice.word(), turn.scene.someone());
    let Ok(signature) = turn.scene.keys[signer].sign(hash) else { return Bytes::new() };
    let v = U256::from(27 + u64::from(signature.v()));
    (hash, v, signature.r(), signature.s()).abi_encode_params().into()
}

/// 3^x mod a prime (EIP-198): three lengths, three numbers.
fn modular_power(turn: &mut Turn<'_, '_>) -> Bytes {
    let word = U256::from(32);
    let exponent: U256 = turn.scene.dice.word().into();
    let prime = U256::MAX - U256::from(188);
    (word, word, word, U256::from(3), exponent, prime).abi_encode_params().into()
}

/// The generator of the curve alt_bn128 (EIP-196).
fn point() -> Vec<u8> {
    const ONE: B256 = b256!("0000000000000000000000000000000000000000000000000000000000000001");
    const TWO: B256 = b256!("0000000000000000000000000000000000000000000000000000000000000002");
    [ONE, TWO].concat()
}

/// Twelve rounds of BLAKE2b (EIP-152).
fn compression(turn: &mut Turn<'_, '_>) -> Bytes {
    let mut input = vec![0, 0, 0, 12];
    input.extend_from_slice(&turn.scene.dice.noise(208));
    input.push(1);
    input.into()
}
