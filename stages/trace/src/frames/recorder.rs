//! The inspector that records call frames.

use std::io;

use alloy::consensus::Transaction as _;
use alloy::primitives::{Address, U256};
use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use blockmill_chain::RecoveredBlock;
use blockmill_execute::Observer;
use revm::Inspector;
use revm::bytecode::opcode as op;
use revm::context::result::{ExecutionResult, HaltReason};
use revm::context::{ContextTr, JournalTr};
use revm::interpreter::interpreter_types::Jumps;
use revm::interpreter::{
    CallInputs, CallOutcome, CallScheme, CreateInputs, CreateOutcome, CreateScheme, InstructionResult,
    Interpreter,
};
use revm::precompile::modexp::BERLIN as MODEXP;
use revm::primitives::hardfork::SpecId;
use revm::state::EvmState;

use super::end::{FrameEnd, Halt};
use super::frame::{FrameHeader, FrameKind};
use super::spool::FrameSpool;
use crate::error::TraceError;
use crate::steps::Operation;

/// Records the frames of each transaction of a block. Calls are listed also when they are refused before they are
/// entered (call depth, balance), with the reason.
#[derive(Debug)]
pub(crate) struct FrameRecorder<'a> {
    block: &'a RecoveredBlock,
    keeps_precompiles: bool,
    spool: &'a mut FrameSpool,
    /// The one that runs; `None` between transactions, where the system calls are.
    transaction: Option<usize>,
    /// How many frames there were before it.
    frames_before: u64,
    /// Depth of the self-destruct that was the last frame to be entered.
    self_destruct_depth: Option<u32>,
    /// The instruction that ran last, and the height of the stack before it.
    last: (u8, usize),
    /// The transaction whose frames could not be kept, and why; nothing is recorded from then on.
    failure: Option<(usize, io::Error)>,
}

impl<'a> FrameRecorder<'a> {
    /// A recorder for one block, whose frames go to `spool`. `keeps_precompiles`: whether to list the precompile calls
    /// that parity leaves out.
    pub(crate) fn new(block: &'a RecoveredBlock, keeps_precompiles: bool, spool: &'a mut FrameSpool) -> Self {
        let failure = spool.clear().err().map(|error| (0, error));
        Self {
            block,
            keeps_precompiles,
            spool,
            transaction: None,
            frames_before: 0,
            self_destruct_depth: None,
            last: (op::STOP, 0),
            failure,
        }
    }

    /// Whether the spool has all frames.
    pub(crate) fn finish(self) -> Result<(), TraceError> {
        match self.failure {
            None => Ok(()),
            Some((transaction, error)) => Err(self.spool.refused(self.block.number(), transaction, error)),
        }
    }

    fn is_recording(&self) -> bool {
        self.transaction.is_some() && self.failure.is_none()
    }

    /// Hooks cannot fail; what fails in them is kept.
    fn keep_failure(&mut self, kept: io::Result<()>) {
        if let (Err(error), Some(transaction)) = (kept, self.transaction) {
            self.failure.get_or_insert((transaction, error));
        }
    }

    /// Parity's rule: builtins are called too often to list each call that moves nothing.
    fn leaves_out(&self, is_precompile: bool, value: U256) -> bool {
        is_precompile && value.is_zero() && self.spool.depth() > 0 && !self.keeps_precompiles
    }

    fn enter(&mut self, started: FrameHeader, input: &[u8]) {
        self.self_destruct_depth = None;
        let kept = self.spool.enter(started, input);
        self.keep_failure(kept);
    }

    fn leave(&mut self, end: FrameEnd, gas_used: u64, output: &[u8]) {
        let kept = self.spool.leave(end, gas_used, output);
        self.keep_failure(kept);
    }

    fn pass_self_destruct(&mut self, contract: Address, heir: Address, balance: U256) {
        self.self_destruct_depth = Some(self.spool.depth());
        let frame = started(FrameKind::SelfDestruct, contract, Some(heir), balance, 0);
        let kept = self.spool.pass(frame, &[]);
        self.keep_failure(kept);
    }

    /// How a frame ended by the order in which geth checks an instruction: whether there is one, then its
    /// stack, then its gas. revm takes the gas first, and calls a stack that DUP or SWAP finds too low an
    /// overflow.
    fn end_of(&self, result: InstructionResult, spec: SpecId) -> FrameEnd {
        let end = FrameEnd::of(result);
        let FrameEnd::Halted(Halt::OutOfGas | Halt::OutOfStack) = end else { return end };
        let (byte, stack_len) = self.last;
        match Operation::at(byte, spec) {
            None => FrameEnd::Halted(Halt::BadInstruction),
            Some(operation) if operation.underflows(stack_len) => FrameEnd::Halted(Halt::StackUnderflow),
            Some(operation) if operation.overflows(stack_len) => FrameEnd::Halted(Halt::OutOfStack),
            Some(_) => end,
        }
    }

    /// Whether the innermost open frame has listed its self-destruct, which is the last thing a frame does.
    fn lists_self_destruct(&self) -> bool {
        self.self_destruct_depth == Some(self.spool.depth())
    }

    /// The root of a transaction whose gas did not cover what is charged before the first frame (EIP-2780).
    fn pass_root_never_entered(&mut self, index: usize) {
        let transaction = &self.block.block.body.transactions[index];
        let kind = if transaction.is_create() { FrameKind::Create } else { FrameKind::Call };
        let (from, to, gas) = (self.block.senders[index], transaction.to(), transaction.gas_limit());
        let end = FrameEnd::of(InstructionResult::OutOfGas);
        let root = FrameHeader { end, ..started(kind, from, to, transaction.value(), gas) };
        let kept = self.spool.pass(root, transaction.input());
        self.keep_failure(kept);
    }
}

/// A frame as it is when it is entered.
fn started(kind: FrameKind, from: Address, to: Option<Address>, value: U256, gas: u64) -> FrameHeader {
    let (depth, subtraces, gas_used, end) = (0, 0, 0, FrameEnd::Succeeded);
    FrameHeader { kind, depth, subtraces, from, to, value, gas, gas_used, end }
}

impl<DB: Database> Inspector<EthEvmContext<DB>> for FrameRecorder<'_> {
    #[inline]
    fn step(&mut self, interpreter: &mut Interpreter, _: &mut EthEvmContext<DB>) {
        self.last = (interpreter.bytecode.opcode(), interpreter.stack.len());
    }

    fn call(&mut self, context: &mut EthEvmContext<DB>, inputs: &mut CallInputs) -> Option<CallOutcome> {
        if !self.is_recording() {
            return None;
        }
        let code_address = inputs.bytecode_address;
        let is_precompile = context.journal().precompile_addresses().contains(&code_address);
        let value = inputs.call_value();
        if self.leaves_out(is_precompile, value) {
            self.spool.enter_unlisted();
            return None;
        }
        let (kind, from, to) = match inputs.scheme {
            CallScheme::Call => (FrameKind::Call, inputs.caller, inputs.target_address),
            CallScheme::StaticCall => (FrameKind::StaticCall, inputs.caller, inputs.target_address),
            CallScheme::CallCode => (FrameKind::CallCode, inputs.target_address, code_address),
            CallScheme::DelegateCall => (FrameKind::DelegateCall, inputs.target_address, code_address),
        };
        // Borrowed: the caller's memory may be a megabyte.
        let input = inputs.input.as_bytes(context);
        self.enter(started(kind, from, Some(to), value, inputs.gas_limit), &input);
        None
    }

    fn call_end(&mut self, context: &mut EthEvmContext<DB>, inputs: &CallInputs, outcome: &mut CallOutcome) {
        if !self.is_recording() {
            return;
        }
        let result = &outcome.result;
        // From Cancun on the self-destruct of an old contract to itself changes nothing, and revm does not report it.
        if result.result == InstructionResult::SelfDestruct && !self.lists_self_destruct() {
            let contract = inputs.target_address;
            let account = context.journal().evm_state().get(&contract);
            let balance = account.map(|account| account.info.balance).unwrap_or_default();
            self.pass_self_destruct(contract, contract, balance);
        }
        let spec = context.cfg.spec;
        let end = match self.end_of(result.result, spec) {
            // Before Osaka MODEXP takes any lengths (EIP-7823); it fails for a price that no gas pays.
            FrameEnd::Halted(Halt::BuiltInFailed)
                if inputs.bytecode_address == *MODEXP.address() && !spec.is_enabled_in(SpecId::OSAKA) =>
            {
                FrameEnd::Halted(Halt::OutOfGas)
            }
            end => end,
        };
        self.leave(end, result.gas.total_gas_spent(), &result.output);
    }

    fn create(&mut self, _: &mut EthEvmContext<DB>, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        if !self.is_recording() {
            return None;
        }
        let kind = match inputs.scheme() {
            CreateScheme::Create2 { .. } => FrameKind::Create2,
            _ => FrameKind::Create,
        };
        let frame = started(kind, inputs.caller(), None, inputs.value(), inputs.gas_limit());
        self.enter(frame, inputs.init_code());
        None
    }

    fn create_end(&mut self, context: &mut EthEvmContext<DB>, _: &CreateInputs, outcome: &mut CreateOutcome) {
        if !self.is_recording() {
            return;
        }
        let result = &outcome.result;
        let end = match self.end_of(result.result, context.cfg.spec) {
            // A nonce that cannot grow stops the creation like a return, but nothing was created.
            FrameEnd::Succeeded if outcome.address.is_none() => FrameEnd::Halted(Halt::NonceOverflow),
            end => end,
        };
        if let Some(frame) = self.spool.innermost_mut() {
            frame.to = outcome.address.filter(|_| end == FrameEnd::Succeeded);
        }
        self.leave(end, result.gas.total_gas_spent(), &result.output);
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        if self.is_recording() {
            self.pass_self_destruct(contract, target, value);
        }
    }
}

impl<DB: Database> Observer<DB> for FrameRecorder<'_> {
    const INSPECTS: bool = true;

    fn transaction_started(&mut self, index: usize) {
        self.transaction = Some(index);
        self.frames_before = self.spool.entered();
        self.self_destruct_depth = None;
        self.last = (op::STOP, 0);
    }

    fn transaction_finished(&mut self, index: usize, _: &ExecutionResult<HaltReason>, _: &EvmState) {
        if self.is_recording() && self.spool.entered() == self.frames_before {
            self.pass_root_never_entered(index);
        }
        self.transaction = None;
    }
}
