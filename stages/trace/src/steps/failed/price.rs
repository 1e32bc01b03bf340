//! The price of an instruction, as geth computes it before it runs it.

use alloy::primitives::{Address, U256};
use revm::bytecode::opcode as op;
use revm::primitives::hardfork::SpecId;

use super::before::Before;
use super::operation::Operation;
use super::reads::Reads;
use super::{calls, memory, storage};

/// What an instruction takes, and grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) gas: u64,
    pub(super) refund: i64,
}

/// Why there is no price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unpriced {
    /// The memory it names has no size of 64 bits.
    MemoryOverflow,
    /// geth gives up while it computes the price: why.
    Refused(String),
    /// It depends on an account or slot that the transaction has not read.
    NeverRead,
}

/// The whole price, the fixed part included.
pub(super) fn price(before: &Before, operation: &Operation, reads: &Reads<'_>) -> Result<Price, Unpriced> {
    let dynamic = match before.op {
        op::CALL | op::CALLCODE | op::DELEGATECALL | op::STATICCALL => {
            calls::price(before, operation, reads)?
        }
        op::SSTORE => return storage::sstore(before, reads),
        op::SELFDESTRUCT => return storage::self_destruct(before, operation, reads),
        op::CREATE | op::CREATE2 => creation(before, reads)?,
        _ => memory::expansion(before, reads)?.saturating_add(by_words(before, reads)),
    };
    Ok(Price { gas: operation.table_gas.saturating_add(dynamic), refund: 0 })
}

/// What depends on lengths and on what has been read before.
fn by_words(before: &Before, reads: &Reads<'_>) -> u64 {
    let prices = reads.prices;
    let length = |at: usize| usize::try_from(before.input(at)).unwrap_or(usize::MAX);
    match before.op {
        op::EXP => prices.exp_cost(before.input(1)),
        op::KECCAK256 => prices.keccak256_cost(length(1)),
        op::CALLDATACOPY | op::CODECOPY | op::RETURNDATACOPY => prices.copy_cost(length(2)),
        op::MCOPY => prices.mcopy_cost(length(2)),
        op::EXTCODECOPY => prices.extcodecopy(length(3)).saturating_add(cold_account(before.input(0), reads)),
        op::BALANCE | op::EXTCODESIZE | op::EXTCODEHASH => cold_account(before.input(0), reads),
        op::SLOAD if reads.was_cold_slot(before.input(0)) => prices.cold_storage_additional_cost(),
        op::LOG0..=op::LOG4 => prices.log_cost(before.op - op::LOG0, length(1) as u64),
        _ => 0,
    }
}

/// Nothing before Berlin: then the price is 0.
fn cold_account(word: U256, reads: &Reads<'_>) -> u64 {
    match reads.was_cold(address(word)) {
        true => reads.prices.cold_account_additional_cost(),
        false => 0,
    }
}

fn creation(before: &Before, reads: &Reads<'_>) -> Result<u64, Unpriced> {
    let memory = memory::expansion(before, reads)?;
    let length = usize::try_from(before.input(2)).unwrap_or(usize::MAX);
    let mut gas = match before.op {
        op::CREATE2 => reads.prices.create2_cost(length),
        _ => reads.prices.create_cost(),
    };
    if reads.is(SpecId::SHANGHAI) {
        if length > reads.max_initcode_size {
            let reason = format!("max initcode size exceeded: size {length}");
            return Err(Unpriced::Refused(reason));
        }
        gas = gas.saturating_add(reads.prices.initcode_cost(length));
    }
    Ok(gas.saturating_add(memory))
}

/// The address in a word of the stack.
pub(super) fn address(word: U256) -> Address {
    Address::from_word(word.into())
}
