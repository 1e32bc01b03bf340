//! Corners of call frames that no public vector has.

use alloy::primitives::{Address, U256};
use blockmill_chain::ChainSpec;
use revm::bytecode::opcode;

use crate::assembler::{call_with_value, call_without_value, create, push, revert_with};
use crate::scene::{MAIN, OTHER, SENDER, Scene, frontier, prague};
use crate::trace_row::Trace;
use crate::tree::tree_of;

/// The precompile that returns its input.
const IDENTITY: Address = Address::with_last_byte(4);

fn call_types(traces: &[Trace]) -> Vec<&str> {
    traces.iter().map(|trace| trace.call_type.as_deref().unwrap_or(&trace.trace_type)).collect()
}

/// All four kinds of calls to the precompile without value, then one with.
fn precompile_calls() -> Vec<u8> {
    [
        call_with_value(opcode::CALL, IDENTITY, U256::ZERO),
        call_with_value(opcode::CALLCODE, IDENTITY, U256::ZERO),
        call_without_value(opcode::DELEGATECALL, IDENTITY),
        call_without_value(opcode::STATICCALL, IDENTITY),
        call_with_value(opcode::CALL, IDENTITY, U256::from(1)),
    ]
    .concat()
}

#[test]
fn precompile_calls_below_the_root_are_listed_only_with_a_value() {
    let scene = Scene::new(prague(), &precompile_calls()).with(MAIN, 1, 5, &precompile_calls());
    let listed = scene.traces(false);
    assert_eq!(call_types(&listed), ["call", "call"]);
    assert_eq!((listed[1].to, listed[1].value), (Some(IDENTITY), Some(U256::from(1))));
    assert_eq!(listed[1].trace_address, [0]);
    let all = scene.traces(true);
    assert_eq!(call_types(&all), ["call", "call", "callcode", "delegatecall", "staticcall", "call"]);
    tree_of(&all);
}

#[test]
fn a_delegatecall_to_a_precompile_is_listed_where_it_inherits_a_value() {
    let code = call_without_value(opcode::DELEGATECALL, IDENTITY);
    let traces = Scene::new(prague(), &code).sending(3).traces(false);
    assert_eq!(call_types(&traces), ["call", "delegatecall"]);
    assert_eq!(traces[1].value, Some(U256::from(3)));
}

#[test]
fn delegatecall_and_callcode_name_the_contract_in_whose_context_they_run() {
    let code = [
        call_without_value(opcode::DELEGATECALL, OTHER),
        call_with_value(opcode::CALLCODE, OTHER, U256::from(2)),
        call_without_value(opcode::STATICCALL, OTHER),
    ];
    let traces =
        Scene::new(prague(), &code.concat()).with(OTHER, 1, 0, &[opcode::STOP]).sending(7).traces(false);
    let ends: Vec<_> = traces.iter().map(|trace| (trace.from, trace.to)).collect();
    assert_eq!(ends[0], (Some(SENDER), Some(MAIN)));
    assert!(ends[1..].iter().all(|ends| *ends == (Some(MAIN), Some(OTHER))), "{ends:?}");
    let values: Vec<_> = traces.iter().map(|trace| trace.value.unwrap().to::<u64>()).collect();
    assert_eq!(values, [7, 7, 2, 0]);
}

#[test]
fn an_old_contract_that_self_destructs_to_itself_after_cancun_has_a_row() {
    let code = [opcode::ADDRESS, opcode::SELFDESTRUCT];
    let traces = Scene::new(prague(), &code).sending(9).traces(false);
    assert_eq!(call_types(&traces), ["call", "suicide"]);
    let row = &traces[1];
    assert_eq!((row.from, row.to, row.value), (Some(MAIN), Some(MAIN), Some(U256::from(9))));
    assert_eq!((row.gas, row.gas_used, &row.input, &row.output), (None, None, &None, &None));
}

#[test]
fn a_self_destruct_is_the_last_child_of_its_frame() {
    let code = [call_without_value(opcode::STATICCALL, OTHER), vec![opcode::CALLER, opcode::SELFDESTRUCT]];
    let traces = Scene::new(prague(), &code.concat()).sending(9).traces(false);
    assert_eq!(call_types(&traces), ["call", "staticcall", "suicide"]);
    assert_eq!(traces[2].trace_address, [1]);
    assert_eq!((traces[2].to, traces[2].value), (Some(SENDER), Some(U256::from(9))));
    tree_of(&traces);
}

#[test]
fn frames_refused_for_want_of_balance_are_listed_with_the_reason() {
    let code = [call_with_value(opcode::CALL, OTHER, U256::MAX), create(U256::from(1))].concat();
    let traces = Scene::new(prague(), &code).traces(false);
    assert_eq!(call_types(&traces), ["call", "call", "create"]);
    for refused in &traces[1..] {
        assert_eq!(refused.error.as_deref(), Some("insufficient balance for transfer"));
        assert_eq!((refused.gas_used, &refused.output), (None, &None));
    }
    assert_eq!(traces[1].value, Some(U256::MAX), "beyond 38 digits it stands in value_u256");
    assert_eq!(traces[2].to, None);
    assert!(traces[0].success && !traces[1].success);
}

#[test]
fn a_creator_whose_nonce_is_at_its_limit_creates_nothing() {
    let code = create(U256::ZERO);
    let traces = Scene::new(prague(), &code).with(MAIN, u64::MAX, 0, &code).traces(false);
    assert_eq!(call_types(&traces), ["call", "create"]);
    assert_eq!((traces[1].error.as_deref(), traces[1].to), (Some("nonce uint64 overflow"), None));
}

#[test]
fn the_call_that_goes_too_deep_is_listed_below_1024_others() {
    // Before EIP-150 a call can pass on all gas but its own price: the frame asks for 1,000 less than it has.
    let arguments = [push(U256::ZERO).repeat(5), vec![opcode::ADDRESS]].concat();
    let gas = [push(U256::from(1_000)), vec![opcode::GAS, opcode::SUB]].concat();
    let traces = Scene::new(frontier(), &[arguments, gas, vec![opcode::CALL]].concat()).traces(false);
    assert_eq!(traces.len(), 1_026);
    let deepest = traces.last().unwrap();
    assert_eq!(deepest.trace_address, [0; 1_025]);
    assert_eq!(deepest.error.as_deref(), Some("max call depth exceeded"));
    assert!(traces[..1_025].iter().all(|trace| trace.success));
    tree_of(&traces);
}

#[test]
fn what_succeeds_below_a_frame_that_reverts_did_not_stay() {
    let panic = [&[0x4e, 0x48, 0x7b, 0x71][..], &[0; 28]].concat();
    let code = [call_with_value(opcode::CALL, OTHER, U256::ZERO), revert_with(&panic)].concat();
    let traces = Scene::new(prague(), &code).traces(false);
    assert_eq!(traces[0].error.as_deref(), Some("Reverted"));
    assert_eq!(traces[0].output.as_ref().map(|output| output.len()), Some(32), "a revert keeps its output");
    assert_eq!(traces[0].revert_reason, None, "a Panic needs its whole argument");
    assert_eq!((traces[1].success, &traces[1].error), (false, &None));
    assert!(traces.iter().all(|trace| trace.transaction_success == Some(false)));
}

#[test]
fn a_call_to_a_delegated_account_names_the_account_and_runs_the_delegate() {
    let delegation = [&[0xef, 0x01, 0x00][..], MAIN.as_slice()].concat();
    let code = call_with_value(opcode::CALL, OTHER, U256::ZERO);
    let scene = Scene::new(prague(), &code).with(OTHER, 1, 0, &delegation);
    // MAIN calls OTHER, which runs MAIN's code in its own context: that calls OTHER again, and so on until gas is out.
    let traces = scene.traces(false);
    assert!(traces.len() > 3 && traces[1..].iter().all(|trace| trace.to == Some(OTHER)));
    assert!(traces[2..].iter().all(|trace| trace.from == Some(OTHER)));
    // Before Prague the same bytes are code, of which the first is no instruction.
    let traces = Scene::new(frontier(), &call_before_prague()).with(OTHER, 1, 0, &delegation).traces(false);
    assert_eq!(traces[1].error.as_deref(), Some("Bad instruction"));
}

/// A call to OTHER with some gas, without instructions that came later than Frontier.
fn call_before_prague() -> Vec<u8> {
    let to = push(U256::from_be_bytes(OTHER.into_word().0));
    [push(U256::ZERO).repeat(5), to, push(U256::from(1_000)), vec![opcode::CALL]].concat()
}

/// CALL of an account with so much gas; the input is the first 96 bytes of memory.
fn calling(to: Address, gas: u16) -> Vec<u8> {
    let [high, low] = gas.to_be_bytes();
    let input = [0x60, 0, 0x60, 0, 0x60, 96, 0x60, 0, 0x60, 0];
    [&input[..], &[0x73], to.as_slice(), &[0x61, high, low, 0xf1]].concat()
}

#[test]
fn an_instruction_fails_for_the_first_thing_that_geth_looks_at() {
    let error = |spec: ChainSpec, code: &[u8], gas| {
        let scene = Scene::new(spec, &calling(OTHER, gas)).with(OTHER, 1, 0, code);
        scene.traces(false)[1].error.clone().unwrap()
    };
    // STATICCALL, which Frontier does not have, without gas for its price.
    assert_eq!(error(frontier(), &[0xfa], 5), "Bad instruction");
    // DUP1, SWAP1 and ADD without words, with gas and without.
    for code in [[0x80], [0x90], [0x01]] {
        assert_eq!(error(prague(), &code, 1_000), "Stack underflow", "{code:?}");
        assert_eq!(error(prague(), &code, 1), "Stack underflow", "{code:?}");
    }
    // PUSH1 in a loop, up to a full stack.
    assert_eq!(error(prague(), &[0x5b, 0x60, 0, 0x60, 0, 0x56], 60_000), "Out of stack");
    assert_eq!(error(prague(), &[0x5b, 0x60, 0, 0x56], 1_000), "Out of gas");
}

#[test]
fn modexp_with_lengths_that_no_gas_pays_runs_out_of_gas() {
    // PUSH32 of ones, to the three words of lengths.
    let word = [&[0x7f][..], &[0xff; 32]].concat();
    let lengths: Vec<u8> =
        [0, 32, 64].iter().flat_map(|at| [&word[..], &[0x60, *at, 0x52]].concat()).collect();
    let code = [lengths, calling(Address::with_last_byte(5), 60_000)].concat();
    assert_eq!(Scene::new(prague(), &code).traces(true)[1].error.as_deref(), Some("Out of gas"));
}
