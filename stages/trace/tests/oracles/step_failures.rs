//! Instructions that fail: why they could not be run, in geth's words and by the order in which geth checks
//! them. They have no price.

use revm::bytecode::opcode as op;

use crate::assembler::{call_with_gas, push};
use crate::scene::{OTHER, Scene, frontier, prague};
use crate::step_row::Step;
use crate::steps::of_frame;
use alloy::primitives::U256;

/// The last step of OTHER, which runs `code` with so much gas.
fn last(code: &[u8], gas: u64) -> Step {
    last_of(&Scene::new(prague(), &call_with_gas(op::CALL, OTHER, gas)).with(OTHER, 1, 0, code))
}

fn last_of(scene: &Scene) -> Step {
    let step = of_frame(&scene.steps(), 2).pop().unwrap();
    assert_eq!(step.gas_cost, None, "{step:?}");
    step
}

/// Its name, the gas before it, and why it was not run.
fn told(step: &Step) -> (&str, u64, Option<&str>) {
    (&step.op, step.gas, step.error.as_deref())
}

#[test]
fn whatever_gas_is_missing_for_it_is_missing() {
    let out_of_gas = Some("out of gas");
    let store = [op::PUSH0, op::PUSH2, 4, 0, op::MSTORE];
    let beyond_64_bits = [&[op::PUSH0][..], &push(U256::MAX), &[op::MSTORE]].concat();
    let large_creation = [op::PUSH3, 0, 0xc0, 1, op::PUSH0, op::PUSH0, op::CREATE];
    for (code, gas, expected) in [
        (&[op::PUSH0, op::PUSH0, op::ADD][..], 4, ("ADD", 0, out_of_gas)),
        (&[op::PUSH0, op::SLOAD], 2_000, ("SLOAD", 1_998, out_of_gas)),
        (&store, 55, ("MSTORE", 50, out_of_gas)),
        (&beyond_64_bits, 50_000, ("MSTORE", 49_995, out_of_gas)),
        (&[op::PUSH0, op::PUSH0, op::PUSH0, op::CREATE], 20_006, ("CREATE", 20_000, out_of_gas)),
        (&large_creation, 100_007, ("CREATE", 100_000, out_of_gas)),
        // The sentry of EIP-2200.
        (&[op::PUSH0, op::PUSH1, 1, op::SSTORE], 5 + 2_300, ("SSTORE", 2_300, out_of_gas)),
    ] {
        assert_eq!(told(&last(code, gas)), expected);
    }
}

#[test]
fn the_stack_is_looked_at_before_the_gas() {
    assert_eq!(told(&last(&[op::PUSH0, op::ADD], 2)), ("ADD", 0, Some("stack underflow (1 <=> 2)")));
    assert_eq!(told(&last(&[op::CALL], 700)), ("CALL", 700, Some("stack underflow (0 <=> 7)")));
    assert_eq!(told(&last(&[op::PUSH0, op::SWAP2], 700)).2, Some("stack underflow (1 <=> 3)"));
    let full = [op::PUSH0].repeat(1_025);
    assert_eq!(told(&last(&full, 5_000)), ("PUSH0", 2_952, Some("stack limit reached 1024 (1023)")));
}

#[test]
fn what_fails_while_it_runs_has_no_error() {
    for (code, name) in [
        (&[op::PUSH0, op::JUMP][..], "JUMP"),
        (&[op::INVALID], "INVALID"),
        (&[0x0c], "opcode 0xc not defined"),
        (&[op::CLZ], "CLZ"),
        (&[op::PUSH1, 1, op::PUSH0, op::PUSH0, op::RETURNDATACOPY], "RETURNDATACOPY"),
    ] {
        let step = last(code, 50_000);
        assert_eq!((step.op.as_str(), &step.error), (name, &None));
    }
    // Without gas for the price that a later fork gives it, it is no instruction all the same.
    assert_eq!(told(&last(&[op::PUSH0, op::CLZ], 3)), ("CLZ", 1, None));
    let step = Scene::new(frontier(), &[op::PUSH0]).steps().pop().unwrap();
    assert_eq!((step.op.as_str(), step.gas_cost, &step.error), ("PUSH0", None, &None));
    // A revert succeeds in failing.
    let revert = Scene::new(prague(), &call_with_gas(op::CALL, OTHER, 50_000)).with(
        OTHER,
        1,
        0,
        &[op::PUSH0, op::PUSH0, op::REVERT],
    );
    let revert = of_frame(&revert.steps(), 2).pop().unwrap();
    assert_eq!((revert.op.as_str(), revert.gas_cost, &revert.error), ("REVERT", Some(0), &None));
}

#[test]
fn a_write_in_a_static_call_fails_while_it_runs() {
    for code in [
        &[op::PUSH1, 5, op::PUSH0, op::LOG0][..],
        &[op::PUSH0, op::PUSH0, op::PUSH0, op::CREATE],
        &[op::PUSH0, op::PUSH0, op::SSTORE],
    ] {
        let call = call_with_gas(op::STATICCALL, OTHER, 60_000);
        let step = last_of(&Scene::new(prague(), &call).with(OTHER, 1, 0, code));
        assert_eq!(step.error, None, "{step:?}");
    }
}

#[test]
fn a_write_that_fails_grants_nothing() {
    let code = [op::PUSH0, op::PUSH1, 1, op::SSTORE];
    let scene = Scene::new(prague(), &call_with_gas(op::CALL, OTHER, 5 + 3_000))
        .with(OTHER, 1, 0, &code)
        .holding(OTHER, 1, 5);
    let step = last_of(&scene);
    assert_eq!((told(&step), step.refund), (("SSTORE", 3_000, Some("out of gas")), 0));
}
