//! Two recorders in one pass.

use alloy::primitives::{Address, U256};
use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use blockmill_execute::Observer;
use revm::Inspector;
use revm::context::result::{ExecutionResult, HaltReason};
use revm::interpreter::{CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter};
use revm::state::EvmState;

/// Tells both what happens, the first one first. Neither changes anything.
#[derive(Debug)]
pub(crate) struct Both<A, B>(pub(crate) A, pub(crate) B);

impl<DB, A, B> Inspector<EthEvmContext<DB>> for Both<A, B>
where
    DB: Database,
    A: Inspector<EthEvmContext<DB>>,
    B: Inspector<EthEvmContext<DB>>,
{
    #[inline]
    fn step(&mut self, interpreter: &mut Interpreter, context: &mut EthEvmContext<DB>) {
        self.0.step(interpreter, context);
        self.1.step(interpreter, context);
    }

    #[inline]
    fn step_end(&mut self, interpreter: &mut Interpreter, context: &mut EthEvmContext<DB>) {
        self.0.step_end(interpreter, context);
        self.1.step_end(interpreter, context);
    }

    fn call(&mut self, context: &mut EthEvmContext<DB>, inputs: &mut CallInputs) -> Option<CallOutcome> {
        let first = self.0.call(context, inputs);
        first.or(self.1.call(context, inputs))
    }

    fn call_end(&mut self, context: &mut EthEvmContext<DB>, inputs: &CallInputs, outcome: &mut CallOutcome) {
        self.0.call_end(context, inputs, outcome);
        self.1.call_end(context, inputs, outcome);
    }

    fn create(
        &mut self,
        context: &mut EthEvmContext<DB>,
        inputs: &mut CreateInputs,
    ) -> Option<CreateOutcome> {
        let first = self.0.create(context, inputs);
        first.or(self.1.create(context, inputs))
    }

    fn create_end(
        &mut self,
        context: &mut EthEvmContext<DB>,
        inputs: &CreateInputs,
        outcome: &mut CreateOutcome,
    ) {
        self.0.create_end(context, inputs, outcome);
        self.1.create_end(context, inputs, outcome);
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        self.0.selfdestruct(contract, target, value);
        self.1.selfdestruct(contract, target, value);
    }
}

impl<DB, A, B> Observer<DB> for Both<A, B>
where
    DB: Database,
    A: Observer<DB>,
    B: Observer<DB>,
{
    const INSPECTS: bool = A::INSPECTS || B::INSPECTS;

    fn transaction_started(&mut self, index: usize) {
        self.0.transaction_started(index);
        self.1.transaction_started(index);
    }

    fn transaction_finished(&mut self, index: usize, result: &ExecutionResult<HaltReason>, state: &EvmState) {
        self.0.transaction_finished(index, result, state);
        self.1.transaction_finished(index, result, state);
    }
}
