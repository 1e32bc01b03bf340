//! What geth says of an instruction that fails.
//!
//! geth computes the whole price of an instruction, logs the step and only then runs it; revm charges piece by piece as it
//! goes and stops at the first piece that is too dear. So what a failed instruction took in revm is not its price, and the
//! price is computed here in geth's order (core/vm/interpreter.go and gas_table.go of go-ethereum 1.16), from the prices
//! that revm has for the fork: the sums are the same.

mod before;
mod calls;
mod memory;
mod operation;
mod price;
mod reads;
mod storage;

use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use revm::context::Cfg;
use revm::interpreter::interpreter_types::{InputsTr, RuntimeFlag};
use revm::interpreter::{InstructionResult, Interpreter};
use revm::primitives::hardfork::SpecId;

pub(super) use before::Before;
pub(crate) use operation::Operation;
use price::{Price, Unpriced, price};
use reads::Reads;

/// The words of geth that stand alone or in front of a reason.
const OUT_OF_GAS: &str = "out of gas";
const GAS_OVERFLOW: &str = "gas uint64 overflow";

/// The rest of the row of a failed instruction.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Failure {
    /// Gas that geth says it takes; `None` where that cannot be told.
    pub(super) cost: Option<u64>,
    /// Why it was not run; `None` where it failed while it ran.
    pub(super) error: Option<String>,
    /// What it granted before it failed.
    pub(super) refund: i64,
}

impl Failure {
    fn not_run(cost: u64, error: impl Into<String>) -> Self {
        Self { cost: Some(cost), error: Some(error.into()), refund: 0 }
    }
}

/// What geth says of the instruction that was about to run at `before` and ended its frame by `result`.
#[cold]
pub(super) fn failure<DB: Database>(
    before: &Before,
    result: InstructionResult,
    interpreter: &Interpreter,
    context: &EthEvmContext<DB>,
) -> Failure {
    let spec = interpreter.runtime_flag.spec_id();
    let Some(operation) = Operation::at(before.op, spec) else {
        return Failure { cost: Some(0), ..Failure::default() };
    };
    if let Some(error) = operation.stack_error(before.stack_len) {
        return Failure::not_run(operation.fixed_gas, error);
    }
    if before.gas < operation.fixed_gas {
        return Failure::not_run(operation.fixed_gas, OUT_OF_GAS);
    }
    if spec.is_enabled_in(SpecId::AMSTERDAM) {
        return unpriced(result);
    }
    let reads = Reads {
        spec,
        prices: context.cfg.gas_params(),
        max_initcode_size: context.cfg.max_initcode_size(),
        contract: interpreter.input.target_address(),
        journal: &context.journaled_state.inner,
        entries: before.entries_since(&context.journaled_state.inner.journal),
    };
    match price(before, &operation, &reads) {
        Ok(Price { gas, refund }) => {
            let error = (before.gas < gas).then(|| OUT_OF_GAS.to_owned());
            Failure { cost: Some(gas), error, refund }
        }
        Err(Unpriced::MemoryOverflow) => Failure::not_run(operation.fixed_gas, GAS_OVERFLOW),
        Err(Unpriced::Refused(reason)) => {
            Failure::not_run(operation.fixed_gas, format!("{OUT_OF_GAS}: {reason}"))
        }
        Err(Unpriced::NeverRead) => unpriced(result),
    }
}

/// A failure whose price rests on what is not known: what revm says of it is all there is.
fn unpriced(result: InstructionResult) -> Failure {
    use InstructionResult as R;
    let is_out_of_gas = matches!(
        result,
        R::OutOfGas | R::MemoryOOG | R::MemoryLimitOOG | R::InvalidOperandOOG | R::ReentrancySentryOOG
    );
    Failure { error: is_out_of_gas.then(|| OUT_OF_GAS.to_owned()), ..Failure::default() }
}
