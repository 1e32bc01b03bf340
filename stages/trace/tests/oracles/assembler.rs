//! Code for the made-up contracts.

use alloy::primitives::{Address, U256};
use revm::bytecode::opcode;

/// Pushes a number as 32 bytes.
pub(crate) fn push(number: U256) -> Vec<u8> {
    [&[opcode::PUSH32][..], &number.to_be_bytes::<32>()].concat()
}

/// `CALL` or `CALLCODE` with all gas that is left, a value, and no input.
pub(crate) fn call_with_value(instruction: u8, to: Address, value: U256) -> Vec<u8> {
    let arguments = [[opcode::PUSH0].repeat(4), push(value), push_address(to)].concat();
    [arguments, vec![opcode::GAS, instruction, opcode::POP]].concat()
}

/// `DELEGATECALL` or `STATICCALL` with all gas that is left and no input.
pub(crate) fn call_without_value(instruction: u8, to: Address) -> Vec<u8> {
    let arguments = [[opcode::PUSH0].repeat(4), push_address(to)].concat();
    [arguments, vec![opcode::GAS, instruction, opcode::POP]].concat()
}

/// `CALL`, `DELEGATECALL` and so on with so much gas, no value and no input; the result is dropped.
pub(crate) fn call_with_gas(instruction: u8, to: Address, gas: u64) -> Vec<u8> {
    let words = if matches!(instruction, opcode::CALL | opcode::CALLCODE) { 5 } else { 4 };
    let arguments = [push(U256::ZERO).repeat(words), push_address(to), push(U256::from(gas))].concat();
    [arguments, vec![instruction, opcode::POP]].concat()
}

/// `CREATE` with an empty init code.
pub(crate) fn create(value: U256) -> Vec<u8> {
    [vec![opcode::PUSH0, opcode::PUSH0], push(value), vec![opcode::CREATE, opcode::POP]].concat()
}

/// `CALL` without gas and value, the first `input_bytes` of memory as its input.
pub(crate) fn call_with_input(to: Address, input_bytes: usize) -> Vec<u8> {
    let input =
        [vec![opcode::PUSH0, opcode::PUSH0], push(U256::from(input_bytes)), vec![opcode::PUSH0]].concat();
    [input, vec![opcode::PUSH0], push_address(to), vec![opcode::PUSH0, opcode::CALL, opcode::POP]].concat()
}

/// `body` so many times, each with the number of rounds that are left on top of the stack, this one included.
pub(crate) fn repeat(rounds: u32, body: &[u8]) -> Vec<u8> {
    let start = push(U256::from(rounds));
    let back = [opcode::PUSH1, 1, opcode::SWAP1, opcode::SUB, opcode::DUP1, opcode::PUSH1, start.len() as u8];
    let code = [&start, &[opcode::JUMPDEST][..], body, &back, &[opcode::JUMPI, opcode::STOP]];
    code.concat()
}

/// Reverts with `data`, of at most 32 bytes.
pub(crate) fn revert_with(data: &[u8]) -> Vec<u8> {
    let mut word = [0; 32];
    word[..data.len()].copy_from_slice(data);
    let store = [push(U256::from_be_bytes(word)), vec![opcode::PUSH0, opcode::MSTORE]].concat();
    [store, push(U256::from(data.len())), vec![opcode::PUSH0, opcode::REVERT]].concat()
}

fn push_address(address: Address) -> Vec<u8> {
    push(U256::from_be_bytes(address.into_word().0))
}
