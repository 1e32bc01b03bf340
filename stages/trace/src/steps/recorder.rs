//! The inspector that records instructions.

use alloy::primitives::{Address, U256};
use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use blockmill_execute::Observer;
use blockmill_schemas::rows::{Opcode, OpcodeRow};
use revm::Inspector;
use revm::context::result::{ExecutionResult, HaltReason};
use revm::context::{ContextTr, JournalTr};
use revm::interpreter::interpreter_types::{InputsTr, Jumps, LoopControl, RuntimeFlag};
use revm::interpreter::{
    CallInputs, CallOutcome, CreateInputs, CreateOutcome, FrameInput, InstructionResult, Interpreter,
    InterpreterAction,
};
use revm::state::EvmState;

use super::authorizations;
use super::open_frames::OpenFrames;
use super::operation::error_of;
use super::stream::StepStream;
use crate::sink::SinkError;

/// What of `opcodes` and `traces` the rows depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepOptions {
    /// Whether rows have the stack.
    pub(crate) stack: bool,
    /// Whether `traces` has every precompile call.
    pub(crate) precompiles: bool,
}

/// A row of `traces`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TraceId {
    pub(crate) block_number: u64,
    pub(crate) trace_index: u32,
}

/// Adds a row for each instruction of a block's transactions when it has been run. An instruction that opens a frame has
/// its row before those of the frame.
pub(crate) struct StepRecorder<'a> {
    stream: StepStream<'a>,
    options: StepOptions,
    frames: OpenFrames,
    /// Refund counter of the transaction.
    refund: i64,
    block_number: u64,
    transaction_index: u32,
    step: u32,
    /// The instruction that runs.
    pc: u32,
    op: u8,
    /// Gas left and height of the stack before it.
    gas: u64,
    stack_len: usize,
    stack: Vec<U256>,
}

impl<'a> StepRecorder<'a> {
    /// A recorder for one block, whose call frames begin with this row of `traces`.
    pub(crate) fn new(stream: StepStream<'a>, options: StepOptions, first_frame: TraceId) -> Self {
        Self {
            stream,
            options,
            frames: OpenFrames::starting_at(first_frame.trace_index),
            refund: 0,
            block_number: first_frame.block_number,
            transaction_index: 0,
            step: 0,
            pc: 0,
            op: 0,
            gas: 0,
            stack_len: 0,
            stack: Vec::new(),
        }
    }

    /// Rows that have left, or why they could not.
    pub(crate) fn finish(self) -> Result<u64, SinkError> {
        self.stream.finish()
    }

    #[inline]
    fn push(&mut self, address: Address, gas_cost: Option<u64>, error: Option<&str>) {
        // A creation without code runs the STOP that ends all code; geth runs nothing.
        let Some(frame) = self.frames.innermost().filter(|frame| frame.has_code) else { return };
        self.stream.push(&OpcodeRow {
            block_number: self.block_number,
            transaction_index: self.transaction_index,
            step: self.step,
            depth: self.frames.depth(),
            trace_index: frame.trace_index.unwrap_or_default(),
            address,
            pc: self.pc,
            op: Opcode(self.op),
            gas: self.gas,
            gas_cost,
            refund: self.refund.max(0) as u64,
            stack: self.options.stack.then_some(&self.stack),
            error,
        });
        self.step += 1;
    }

    /// The row of an instruction that ends its frame, or opens one.
    #[inline(never)]
    fn push_last(&mut self, interpreter: &mut Interpreter) {
        let address = interpreter.input.target_address();
        let spent = self.gas.saturating_sub(interpreter.gas.remaining());
        match interpreter.bytecode.action() {
            Some(InterpreterAction::NewFrame(FrameInput::Create(inputs))) => {
                self.push(address, Some(spent.saturating_sub(inputs.gas_limit())), None);
            }
            // What revm charged before it gave up is not the price.
            Some(InterpreterAction::Return(result)) if result.result.is_halt() => {
                let spec = interpreter.runtime_flag.spec_id();
                let error = error_of(self.op, self.stack_len, result.result, spec);
                self.push(address, None, error.as_deref());
            }
            _ => self.push(address, Some(spent), None),
        }
    }

    fn open(&mut self, is_listed: bool, has_code: bool) {
        self.frames.open(is_listed, has_code, self.refund);
    }

    fn open_root<DB: Database>(&mut self, context: &EthEvmContext<DB>) {
        if self.frames.depth() == 0 {
            self.refund = authorizations::refund(context);
        }
    }
}

impl<DB: Database> Inspector<EthEvmContext<DB>> for StepRecorder<'_> {
    #[inline]
    fn step(&mut self, interpreter: &mut Interpreter, _: &mut EthEvmContext<DB>) {
        self.pc = interpreter.bytecode.pc() as u32;
        self.op = interpreter.bytecode.opcode();
        self.gas = interpreter.gas.remaining();
        self.stack_len = interpreter.stack.len();
        if self.options.stack {
            self.stack.clear();
            self.stack.extend_from_slice(interpreter.stack.data());
        }
    }

    #[inline]
    fn step_end(&mut self, interpreter: &mut Interpreter, _: &mut EthEvmContext<DB>) {
        let base = self.frames.innermost().map_or(0, |frame| frame.refund);
        self.refund = base + interpreter.gas.refunded();
        if interpreter.bytecode.is_end() {
            return self.push_last(interpreter);
        }
        let spent = self.gas.saturating_sub(interpreter.gas.remaining());
        self.push(interpreter.input.target_address(), Some(spent), None);
    }

    fn call(&mut self, context: &mut EthEvmContext<DB>, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.open_root(context);
        let is_precompile = context.journal().precompile_addresses().contains(&inputs.bytecode_address);
        // As the recorder of frames leaves them out.
        let is_left_out = is_precompile
            && inputs.call_value().is_zero()
            && self.frames.depth() > 0
            && !self.options.precompiles;
        self.open(!is_left_out, true);
        None
    }

    fn call_end(&mut self, _: &mut EthEvmContext<DB>, _: &CallInputs, outcome: &mut CallOutcome) {
        if outcome.result.result == InstructionResult::SelfDestruct {
            self.frames.end_by_self_destruct();
        }
        self.frames.close();
    }

    fn create(
        &mut self,
        context: &mut EthEvmContext<DB>,
        inputs: &mut CreateInputs,
    ) -> Option<CreateOutcome> {
        self.open_root(context);
        self.open(true, !inputs.init_code().is_empty());
        None
    }

    fn create_end(&mut self, _: &mut EthEvmContext<DB>, _: &CreateInputs, _: &mut CreateOutcome) {
        self.frames.close();
    }

    fn selfdestruct(&mut self, _: Address, _: Address, _: U256) {
        self.frames.self_destruct();
    }
}

impl<DB: Database> Observer<DB> for StepRecorder<'_> {
    const INSPECTS: bool = true;

    fn transaction_started(&mut self, index: usize) {
        self.frames.start_transaction();
        (self.transaction_index, self.step, self.refund) = (index as u32, 0, 0);
    }

    fn transaction_finished(&mut self, _: usize, _: &ExecutionResult<HaltReason>, _: &EvmState) {
        self.frames.finish_transaction();
    }
}
