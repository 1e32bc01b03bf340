//! Validators that come and go: deposits, withdrawal and consolidation requests.

use alloy::eips::{eip7002, eip7251};
use alloy::primitives::U256;
use alloy::sol_types::SolCall;

use super::Turn;
use crate::abi::DepositContract;
use crate::draft::Draft;

/// A BLS public key, a signature.
const PUBLIC_KEY_BYTES: usize = 48;
const SIGNATURE_BYTES: usize = 96;

pub(super) fn deposit(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let deposits = turn.town.modern?.deposits;
    let sender = turn.scene.someone();
    let dice = &mut turn.scene.dice;
    let call = DepositContract::depositCall {
        pubkey: dice.noise(PUBLIC_KEY_BYTES),
        withdrawal_credentials: dice.word().to_vec().into(),
        signature: dice.noise(SIGNATURE_BYTES),
        deposit_data_root: dice.word(),
    };
    let ether = U256::from(10).pow(U256::from(18));
    let draft = Draft::call(sender, deposits, call.abi_encode(), 62_000);
    Some(draft.with_value(ether * U256::from(32)))
}

/// EIP-7002: public key and amount; EIP-7251: two public keys.
pub(super) fn request(turn: &mut Turn<'_, '_>) -> Option<Draft> {
    let sender = turn.scene.someone();
    let (to, length) = match turn.scene.dice.percent(60) {
        true => (eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, PUBLIC_KEY_BYTES + size_of::<u64>()),
        false => (eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS, 2 * PUBLIC_KEY_BYTES),
    };
    // The fee is one wei where requests are rare; what is paid above it stays with the contract.
    let fee = U256::from(1_000);
    let input = turn.scene.dice.noise(length);
    Some(Draft::call(sender, to, input, 130_000).with_value(fee))
}
