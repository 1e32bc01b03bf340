//! Instructions that fail: what geth says of them follows from its interpreter, which computes the whole price and logs the
//! step before it runs it.

use alloy::primitives::{Address, U256};
use revm::bytecode::opcode as op;

use crate::assembler::{call_with_gas, push};
use crate::scene::{MAIN, OTHER, Scene, frontier, prague};
use crate::step_row::Step;
use crate::steps::of_frame;

/// The last step of OTHER, which runs `code` with so much gas.
fn last(code: &[u8], gas: u64) -> Step {
    last_of(&Scene::new(prague(), &call_with_gas(op::CALL, OTHER, gas)).with(OTHER, 1, 0, code))
}

fn last_of(scene: &Scene) -> Step {
    of_frame(&scene.steps(), 2).pop().unwrap()
}

/// Gas before the step, gas that it takes, and why it was not run.
fn told(step: &Step) -> (u64, Option<u64>, Option<&str>) {
    (step.gas, step.gas_cost, step.error.as_deref())
}

#[test]
fn without_gas_for_the_fixed_part_that_is_what_it_takes() {
    let step = last(&[op::PUSH0, op::PUSH0, op::ADD], 4);
    assert_eq!((step.op.as_str(), told(&step)), ("ADD", (0, Some(3), Some("out of gas"))));
    // geth computes the price of SLOAD as a whole: a cold slot.
    assert_eq!(told(&last(&[op::PUSH0, op::SLOAD], 100)), (98, Some(2_100), Some("out of gas")));
    assert_eq!(told(&last(&[op::PUSH0, op::SLOAD], 2_000)), (1_998, Some(2_100), Some("out of gas")));
}

#[test]
fn without_gas_for_memory_the_price_is_that_of_all_of_it() {
    let store = [op::PUSH0, op::PUSH2, 4, 0, op::MSTORE];
    // 33 words: 3 each, and the square by 512.
    assert_eq!(told(&last(&store, 55)), (50, Some(3 + 99 + 2), Some("out of gas")));
    // What is there already is paid: 33 words more, of 66.
    let twice = [&store[..], &[op::PUSH0, op::PUSH2, 8, 0x20, op::MSTORE]].concat();
    let paid = 104 + 10;
    assert_eq!(told(&last(&twice, paid + 50)), (50, Some(3 + (198 + 8) - (99 + 2)), Some("out of gas")));
    let copy = [op::PUSH1, 33, op::PUSH0, op::PUSH0, op::CALLDATACOPY];
    assert_eq!(told(&last(&copy, 7 + 14)), (14, Some(3 + 2 * 3 + 2 * 3), Some("out of gas")));
}

#[test]
fn memory_without_a_price_is_told_in_two_ways() {
    let at = |offset: U256| [&[op::PUSH0][..], &push(offset), &[op::MSTORE]].concat();
    let beyond_64_bits = last(&at(U256::MAX), 50_000);
    assert_eq!(told(&beyond_64_bits), (49_995, Some(3), Some("gas uint64 overflow")));
    let beyond_the_formula = last(&at(U256::from(1u64 << 40)), 50_000);
    assert_eq!(told(&beyond_the_formula), (49_995, Some(3), Some("out of gas: gas uint64 overflow")));
    // No bytes need no memory.
    let nothing = [&[op::PUSH0][..], &push(U256::MAX), &[op::REVERT]].concat();
    assert_eq!(told(&last(&nothing, 50_000)), (49_995, Some(0), None));
}

#[test]
fn the_stack_is_looked_at_before_the_gas() {
    assert_eq!(told(&last(&[op::PUSH0, op::ADD], 2)), (0, Some(3), Some("stack underflow (1 <=> 2)")));
    assert_eq!(told(&last(&[op::CALL], 700)), (700, Some(100), Some("stack underflow (0 <=> 7)")));
    assert_eq!(told(&last(&[op::PUSH0, op::SWAP2], 700)).2, Some("stack underflow (1 <=> 3)"));
    let full = [op::PUSH0].repeat(1_025);
    assert_eq!(told(&last(&full, 5_000)), (2_952, Some(2), Some("stack limit reached 1024 (1023)")));
}

/// Calls `to` with a value, and asks for no gas.
fn call(to: Address, value: u64) -> Vec<u8> {
    let to = push(U256::from_be_bytes(to.into_word().0));
    [[op::PUSH0].repeat(4), push(U256::from(value)), to, vec![op::PUSH0, op::CALL]].concat()
}

/// Gas of the instructions in front of the call.
const ARGUMENTS: u64 = 5 * 2 + 2 * 3;

#[test]
fn a_call_with_too_little_gas_fails_at_the_first_thing_that_it_cannot_pay() {
    let last = |to, value, gas: u64| told_of(&last(&call(to, value), ARGUMENTS + gas));
    let cold = Address::repeat_byte(0x33);
    assert_eq!(last(MAIN, 0, 99), (99, Some(100), Some("out of gas".into())));
    assert_eq!(last(cold, 0, 1_000), (1_000, Some(100), Some("out of gas: out of gas".into())));
    assert_eq!(last(MAIN, 1, 5_000), (5_000, Some(100 + 9_000), Some("out of gas".into())));
    // The precompile has never been read, and may or may not come into being: geth looks, revm does not.
    let identity = Address::with_last_byte(4);
    assert_eq!(last(identity, 1, 5_000), (5_000, None, Some("out of gas".into())));
}

fn told_of(step: &Step) -> (u64, Option<u64>, Option<String>) {
    (step.gas, step.gas_cost, step.error.clone())
}

#[test]
fn a_creation_with_too_little_gas_fails_before_it_has_a_frame() {
    let create = [op::PUSH0, op::PUSH0, op::PUSH0, op::CREATE];
    assert_eq!(told(&last(&create, 20_006)), (20_000, Some(32_000), Some("out of gas")));
    let large = [op::PUSH3, 0, 0xc0, 1, op::PUSH0, op::PUSH0, op::CREATE];
    let reason = Some("out of gas: max initcode size exceeded: size 49153");
    assert_eq!(told(&last(&large, 100_007)), (100_000, Some(32_000), reason));
}

/// Clears slot 1.
const CLEAR: [u8; 4] = [op::PUSH0, op::PUSH1, 1, op::SSTORE];

#[test]
fn a_write_without_gas_is_priced_by_the_slot_and_refunded_until_its_frame_fails() {
    let scene = |gas| {
        let code = call_with_gas(op::CALL, OTHER, gas);
        Scene::new(prague(), &code).with(OTHER, 1, 0, &CLEAR).holding(OTHER, 1, 5)
    };
    let dear = last_of(&scene(5 + 3_000));
    assert_eq!((told(&dear), dear.refund), ((3_000, Some(5_000), Some("out of gas")), 4_800));
    let sentry = last_of(&scene(5 + 2_300));
    let reason = Some("out of gas: not enough gas for reentrancy sentry");
    assert_eq!((told(&sentry), sentry.refund), ((2_300, Some(0), reason), 0));
    let steps = scene(5 + 3_000).steps();
    assert_eq!(steps.last().unwrap().refund, 0);
}

#[test]
fn what_fails_while_it_runs_has_a_price_and_no_error() {
    for (code, name, gas_cost) in [
        (&[op::PUSH0, op::JUMP][..], "JUMP", 8),
        (&[op::PUSH0, op::PUSH0, op::REVERT], "REVERT", 0),
        (&[op::INVALID], "INVALID", 0),
        (&[0x0c], "opcode 0xc not defined", 0),
        (&[op::CLZ], "CLZ", 0),
        (&[op::PUSH1, 1, op::PUSH0, op::PUSH0, op::RETURNDATACOPY], "RETURNDATACOPY", 3 + 3 + 3),
    ] {
        let step = last(code, 50_000);
        assert_eq!((step.op.as_str(), step.gas_cost, &step.error), (name, Some(gas_cost), &None));
    }
    // Without gas for the price that a later fork gives it, it is no instruction all the same.
    let step = last(&[op::PUSH0, op::CLZ], 3);
    assert_eq!((step.op.as_str(), told(&step)), ("CLZ", (1, Some(0), None)));
    let step = Scene::new(frontier(), &[op::PUSH0]).steps().pop().unwrap();
    assert_eq!((step.op.as_str(), step.gas_cost, &step.error), ("PUSH0", Some(0), &None));
}

#[test]
fn a_write_in_a_static_call_fails_while_it_runs() {
    let last = |code: &[u8]| {
        let scene =
            Scene::new(prague(), &call_with_gas(op::STATICCALL, OTHER, 60_000)).with(OTHER, 1, 0, code);
        last_of(&scene)
    };
    let log = last(&[op::PUSH1, 5, op::PUSH0, op::LOG0]);
    assert_eq!((log.gas_cost, &log.error), (Some(375 + 5 * 8 + 3), &None));
    let create = last(&[op::PUSH0, op::PUSH0, op::PUSH0, op::CREATE]);
    assert_eq!((create.gas_cost, &create.error), (Some(32_000), &None));
    // revm never reads the slot, so that nobody knows what geth reads there.
    let unread = last(&[op::PUSH0, op::PUSH0, op::SSTORE]);
    assert_eq!((unread.gas_cost, &unread.error), (None, &None));
    let read = last(&[op::PUSH0, op::SLOAD, op::PUSH0, op::SSTORE]);
    assert_eq!(
        (read.gas_cost, &read.error),
        (Some(100), &None),
        "a slot that was read, and would stay as it is"
    );
}
