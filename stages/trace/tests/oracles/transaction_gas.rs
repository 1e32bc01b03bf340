//! What the gas of a transaction is made of, computed by hand from the EIPs.

use alloy::consensus::{Signed, TxLegacy};
use alloy::primitives::{Bytes, Signature, TxKind};
use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt64Type;
use blockmill_chain::{ChainSpec, Transaction, Witness};
use blockmill_schemas::Dataset;
use revm::bytecode::opcode as op;

use crate::replayed::{Replayed, everything, seal};
use crate::scene::{MAIN, Scene, frontier, prague};

/// What the transaction spent and got back, its floor, and what it used.
fn gas(spec: ChainSpec, code: &[u8], held: &[u64]) -> (u64, u64, Option<u64>, u64) {
    let scene = held.iter().fold(Scene::new(spec, code), |scene, slot| scene.holding(MAIN, *slot, 5));
    gas_of(&scene, scene.witness())
}

fn gas_of(scene: &Scene, mut witness: Witness) -> (u64, u64, Option<u64>, u64) {
    seal(&scene.spec, &mut witness, scene);
    let replayed = Replayed::with(&everything(false), &scene.spec, &witness, scene).unwrap();
    let batch = replayed.batch(Dataset::TransactionGas).unwrap();
    let at = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<UInt64Type>();
    let floor = at("floor_gas");
    (
        at("gas_spent").value(0),
        at("gas_refunded").value(0),
        floor.is_valid(0).then(|| floor.value(0)),
        replayed.transaction_number("gas_used"),
    )
}

/// Clears a slot: two pushes (2 + 3), and 5,000 of an SSTORE of a cold slot (EIP-2929), which gives 4,800 back (EIP-3529).
fn clear(slot: u8) -> [u8; 4] {
    [op::PUSH0, op::PUSH1, slot, op::SSTORE]
}

#[test]
fn a_cleared_slot_gives_gas_back_up_to_a_fifth() {
    assert_eq!(gas(prague(), &clear(1), &[1]), (26_005, 4_800, Some(21_000), 21_205));
    let three = [clear(1), clear(2), clear(3)].concat();
    let spent = 21_000 + 3 * 5_005;
    assert_eq!(gas(prague(), &three, &[1, 2, 3]), (spent, spent / 5, Some(21_000), spent - spent / 5));
}

/// 100 bytes that are not zero: 16 gas each (EIP-2028), and 40 as the least (EIP-7623).
#[test]
fn a_transaction_that_is_mostly_input_uses_its_floor() {
    let scene = Scene::new(prague(), &[]);
    let input = Bytes::from(vec![1; 100]);
    let transaction = TxLegacy { to: TxKind::Call(MAIN), gas_limit: 100_000, input, ..TxLegacy::default() };
    let mut witness = scene.witness();
    let signed = Signed::new_unhashed(transaction, Signature::test_signature());
    witness.block.block.body.transactions = vec![Transaction::Legacy(signed)];
    assert_eq!(gas_of(&scene, witness), (22_600, 0, Some(25_000), 25_000));
}

#[test]
fn before_london_a_self_destruct_gives_back_up_to_a_half() {
    let spent = 21_002;
    let code = [op::CALLER, op::SELFDESTRUCT];
    assert_eq!(gas(frontier(), &code, &[]), (spent, spent / 2, None, spent / 2));
}
