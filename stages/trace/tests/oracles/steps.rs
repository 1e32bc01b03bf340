//! What an instruction takes and where it runs, as geth's structLog has it.

use alloy::consensus::{Signed, TxEip7702};
use alloy::eips::eip7702::Authorization;
use alloy::primitives::{Address, Signature, U256};
use blockmill_chain::{Transaction, Witness};
use revm::bytecode::opcode as op;

use crate::assembler::{call_with_gas, call_with_value, call_without_value, push};
use crate::scene::{MAIN, OTHER, Scene, frontier, prague};
use crate::step_row::Step;

const GAS_AFTER_INTRINSIC: u64 = 25_000_000 - 21_000;

pub(crate) fn of_frame(steps: &[Step], depth: u32) -> Vec<Step> {
    steps.iter().filter(|step| step.depth == depth).cloned().collect()
}

pub(crate) fn ops(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.op.as_str()).collect()
}

#[test]
fn a_step_has_what_it_found_and_what_it_takes() {
    let steps = Scene::new(prague(), &[op::PUSH1, 7, op::DUP1, op::ADD, op::POP]).steps();
    assert_eq!(
        ops(&steps),
        ["PUSH1", "DUP1", "ADD", "POP", "STOP"],
        "code that does not end runs into a STOP"
    );
    assert_eq!(steps.iter().map(|step| step.step).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(steps.iter().map(|step| step.pc).collect::<Vec<_>>(), [0, 2, 3, 4, 5]);
    assert_eq!(steps.iter().map(|step| step.gas_cost.unwrap()).collect::<Vec<_>>(), [3, 3, 3, 2, 0]);
    assert_eq!(steps[0].gas, GAS_AFTER_INTRINSIC);
    assert_eq!(steps[2].gas, GAS_AFTER_INTRINSIC - 6);
    let stacks: Vec<_> = steps.iter().map(|step| step.stack.clone().unwrap()).collect();
    let words = |words: &[u64]| words.iter().map(|word| U256::from(*word)).collect::<Vec<_>>();
    assert_eq!(stacks, [words(&[]), words(&[7]), words(&[7, 7]), words(&[14]), words(&[])]);
    assert!(steps.iter().all(|step| step.address == MAIN && step.depth == 1 && step.error.is_none()));
}

#[test]
fn a_call_costs_what_it_gives_and_comes_before_the_steps_of_its_frame() {
    let code = call_with_gas(op::CALL, OTHER, 500);
    let steps = Scene::new(prague(), &code).with(OTHER, 1, 0, &[op::PUSH0]).steps();
    let called: Vec<_> = steps.iter().skip_while(|step| step.op != "CALL").collect();
    // A cold account, and the gas of the frame.
    assert_eq!((called[0].depth, called[0].gas_cost), (1, Some(2_600 + 500)));
    assert_eq!((called[1].op.as_str(), called[1].depth, called[1].gas), ("PUSH0", 2, 500));
    assert_eq!((called[1].address, called[1].trace_index), (OTHER, 1));
    assert_eq!((called[2].op.as_str(), called[2].gas), ("STOP", 498));
    // What is left of it comes back.
    assert_eq!((called[3].op.as_str(), called[3].gas), ("POP", called[0].gas - 2_600 - 2));
}

#[test]
fn value_gives_a_stipend_that_the_caller_does_not_pay() {
    let code = call_with_value(op::CALL, OTHER, U256::from(1));
    let steps = Scene::new(prague(), &code).with(OTHER, 1, 0, &[op::STOP]).sending(5).steps();
    let call = steps.iter().position(|step| step.op == "CALL").unwrap();
    let given = steps[call].gas_cost.unwrap() - 2_600 - 9_000;
    assert_eq!(steps[call + 1].gas, given + 2_300);
}

#[test]
fn code_runs_in_the_context_of_whoever_delegates() {
    for (call, address) in [
        (call_without_value(op::DELEGATECALL, OTHER), MAIN),
        (call_with_value(op::CALLCODE, OTHER, U256::ZERO), MAIN),
        (call_without_value(op::STATICCALL, OTHER), OTHER),
        (call_with_value(op::CALL, OTHER, U256::ZERO), OTHER),
    ] {
        let steps = Scene::new(prague(), &call).with(OTHER, 1, 0, &[op::ADDRESS]).steps();
        assert!(of_frame(&steps, 2).iter().all(|step| step.address == address), "{steps:?}");
        assert_eq!(of_frame(&steps, 2).len(), 2);
    }
}

#[test]
fn a_creation_costs_nothing_of_what_it_gives() {
    // The init code is STOP, in a word of memory: 2 gas for a word of init code.
    let create = [op::PUSH0, op::MLOAD, op::POP, op::PUSH1, 1, op::PUSH0, op::PUSH0, op::CREATE, op::POP];
    let steps = Scene::new(prague(), &create).steps();
    let at = steps.iter().position(|step| step.op == "CREATE").unwrap();
    assert_eq!(steps[at].gas_cost, Some(32_000 + 2));
    let left = steps[at].gas - 32_002;
    assert_eq!(
        (steps[at + 1].op.as_str(), steps[at + 1].depth, steps[at + 1].gas),
        ("STOP", 2, left - left / 64)
    );
    assert_eq!(steps[at + 1].address, MAIN.create(1));
    assert_eq!((steps[at + 2].op.as_str(), steps[at + 2].gas), ("POP", left));
}

#[test]
fn a_creation_without_code_has_no_steps() {
    let create = [op::PUSH0, op::PUSH0, op::PUSH0, op::CREATE, op::POP];
    let steps = Scene::new(prague(), &create).steps();
    assert_eq!(ops(&steps), ["PUSH0", "PUSH0", "PUSH0", "CREATE", "POP", "STOP"]);
    assert_eq!((steps[3].gas_cost, steps[4].gas), (Some(32_000), steps[3].gas - 32_000));
}

/// Clears slot 1.
const CLEAR: [u8; 4] = [op::PUSH0, op::PUSH1, 1, op::SSTORE];

#[test]
fn a_refund_is_there_in_the_step_that_earns_it() {
    let steps = Scene::new(prague(), &CLEAR).holding(MAIN, 1, 5).steps();
    let refunds: Vec<_> = steps.iter().map(|step| (step.op.as_str(), step.refund)).collect();
    assert_eq!(refunds, [("PUSH0", 0), ("PUSH1", 0), ("SSTORE", 4_800), ("STOP", 4_800)]);
    assert_eq!(steps[2].gas_cost, Some(5_000));
}

#[test]
fn the_refund_of_a_frame_that_fails_is_taken_back() {
    let calls =
        [call_with_gas(op::CALL, OTHER, 50_000), CLEAR.to_vec(), call_with_gas(op::CALL, OTHER, 50_000)];
    let reverts = [&CLEAR[..], &[op::PUSH0, op::PUSH0, op::REVERT]].concat();
    let scene = Scene::new(prague(), &calls.concat()).with(OTHER, 1, 0, &reverts);
    let steps = scene.holding(MAIN, 1, 5).holding(OTHER, 1, 5).steps();
    let at = |op: &str| steps.iter().filter(|step| step.op == op).map(|s| s.refund).collect::<Vec<_>>();
    assert_eq!(at("SSTORE"), [4_800, 4_800, 9_600]);
    assert_eq!(at("REVERT"), [4_800, 9_600]);
    assert_eq!(at("POP"), [0, 4_800]);
}

#[test]
fn the_refund_of_a_frame_that_succeeds_stays_and_the_next_one_starts_with_it() {
    let calls = [call_with_gas(op::CALL, OTHER, 50_000), call_with_gas(op::CALL, OTHER, 50_000)];
    let steps = Scene::new(prague(), &calls.concat()).with(OTHER, 1, 0, &CLEAR).holding(OTHER, 1, 5).steps();
    let below: Vec<_> = of_frame(&steps, 2).iter().map(|step| step.refund).collect();
    assert_eq!(
        below,
        [0, 0, 4_800, 4_800, 4_800, 4_800, 4_800, 4_800],
        "the second time there is nothing to clear"
    );
    assert_eq!(steps.last().unwrap().refund, 4_800);
}

#[test]
fn before_london_a_self_destruct_earns_a_refund_in_its_own_step() {
    let steps = Scene::new(frontier(), &[op::CALLER, op::SELFDESTRUCT]).steps();
    let told: Vec<_> = steps.iter().map(|s| (s.op.as_str(), s.gas_cost, s.refund)).collect();
    assert_eq!(told, [("CALLER", Some(2), 0), ("SELFDESTRUCT", Some(0), 24_000)]);
}

/// A transaction that gives the code of MAIN to the signers of the authorizations, each of them nonce 0.
fn delegating(scene: &Scene, nonces: &[u64]) -> (Witness, Vec<Address>) {
    let signed = |nonce: &u64| {
        let authorization = Authorization { chain_id: U256::ZERO, address: MAIN, nonce: *nonce };
        authorization.into_signed(Signature::test_signature())
    };
    let list: Vec<_> = nonces.iter().map(signed).collect();
    let authorities = list.iter().map(|signed| signed.recover_authority().unwrap()).collect();
    let transaction = TxEip7702 {
        chain_id: scene.spec.chain_id,
        to: MAIN,
        gas_limit: 1_000_000,
        authorization_list: list,
        ..TxEip7702::default()
    };
    let mut witness = scene.witness();
    let signed = Signed::new_unhashed(transaction, Signature::test_signature());
    witness.block.block.body.transactions = vec![Transaction::Eip7702(signed)];
    (witness, authorities)
}

#[test]
fn what_authorizations_are_refunded_is_there_from_the_first_step_on() {
    let scene = Scene::new(prague(), &[op::PUSH0]);
    let (_, authorities) = delegating(&scene, &[0]);
    let (absent, _) = delegating(&scene, &[0]);
    assert_eq!(scene.steps_of(absent).iter().map(|s| s.refund).collect::<Vec<_>>(), [0, 0]);
    let scene = scene.with(authorities[0], 0, 1, &[]);
    let (present, _) = delegating(&scene, &[0]);
    assert_eq!(scene.steps_of(present).iter().map(|s| s.refund).collect::<Vec<_>>(), [12_500, 12_500]);
    // The nonce is another one: the authorization does not count.
    let (stale, authorities) = delegating(&scene, &[3]);
    let scene = scene.with(authorities[0], 0, 1, &[]);
    assert_eq!(scene.steps_of(stale).iter().map(|s| s.refund).collect::<Vec<_>>(), [0, 0]);
}

#[test]
fn frames_are_numbered_as_traces_are_also_after_a_self_destruct_that_changes_nothing() {
    let third = Address::repeat_byte(0x33);
    let calls = [OTHER, third].map(|to| call_with_gas(op::CALL, to, 50_000));
    let scene = Scene::new(prague(), &calls.concat())
        .with(OTHER, 1, 7, &[op::ADDRESS, op::SELFDESTRUCT])
        .with(third, 1, 0, &[op::CALLER, op::SELFDESTRUCT]);
    let traces = scene.traces(false);
    let kinds: Vec<_> = traces.iter().map(|trace| trace.trace_type.as_str()).collect();
    assert_eq!(kinds, ["call", "call", "suicide", "call", "suicide"]);
    for step in scene.steps() {
        assert_eq!(traces[step.trace_index as usize].to, Some(step.address), "{step:?}");
    }
}

#[test]
fn steps_after_a_precompile_call_go_on_in_the_frame_that_made_it() {
    let identity = Address::with_last_byte(4);
    let code = [call_without_value(op::STATICCALL, identity), push(U256::ZERO)].concat();
    let steps = Scene::new(prague(), &code).steps();
    assert!(steps.iter().all(|step| (step.depth, step.trace_index) == (1, 0)));
    assert_eq!(ops(&steps)[steps.len() - 2..], ["PUSH32", "STOP"]);
}
