//! The inspector that records call frames.

use alloy::consensus::Transaction as _;
use alloy::primitives::{Address, Bytes, U256};
use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use blockmill_chain::RecoveredBlock;
use blockmill_execute::Observer;
use revm::Inspector;
use revm::context::result::{ExecutionResult, HaltReason};
use revm::context::{ContextTr, JournalTr};
use revm::interpreter::{
    CallInputs, CallOutcome, CallScheme, CreateInputs, CreateOutcome, CreateScheme, InstructionResult,
};
use revm::state::EvmState;

use super::end::{FrameEnd, NONCE_OVERFLOW};
use super::frame::{Frame, FrameKind};
use crate::error::TraceError;

/// Bytes of frames that one block may have. A call can name a megabyte of memory as its input without paying for the
/// copy, so gas does not bound them; this does, and keeps the block's rows within Arrow's 32-bit offsets.
const BLOCK_FRAME_BYTES: usize = 1 << 30;

/// Records the frames of each transaction of a block. Calls are listed also when they are refused before they are
/// entered (call depth, balance), with the reason.
#[derive(Debug)]
pub(crate) struct FrameRecorder<'a> {
    block: &'a RecoveredBlock,
    keeps_precompiles: bool,
    finished: Vec<Vec<Frame>>,
    /// The frames of the transaction that runs.
    frames: Vec<Frame>,
    /// Those that have not ended, by index; `None` for one that is not listed.
    open: Vec<Option<usize>>,
    bytes: usize,
    limit_bytes: usize,
    /// The transaction at which the block's frames became too large; nothing is recorded from then on.
    overflowed_at: Option<usize>,
}

impl<'a> FrameRecorder<'a> {
    /// A recorder for one block. `keeps_precompiles`: whether to list the precompile calls that parity leaves out.
    pub(crate) fn new(block: &'a RecoveredBlock, keeps_precompiles: bool) -> Self {
        Self {
            block,
            keeps_precompiles,
            finished: Vec::with_capacity(block.block.body.transactions.len()),
            frames: Vec::new(),
            open: Vec::new(),
            bytes: 0,
            limit_bytes: BLOCK_FRAME_BYTES,
            overflowed_at: None,
        }
    }

    /// The frames of each transaction, in the order in which they were entered.
    pub(crate) fn finish(self) -> Result<Vec<Vec<Frame>>, TraceError> {
        match self.overflowed_at {
            None => Ok(self.finished),
            Some(transaction) => Err(TraceError::FramesTooLarge {
                block: self.block.number(),
                transaction,
                limit_bytes: self.limit_bytes,
            }),
        }
    }

    /// Parity's rule: builtins are called too often to list each call that moves nothing.
    fn leaves_out(&self, is_precompile: bool, value: U256) -> bool {
        is_precompile && value.is_zero() && !self.open.is_empty() && !self.keeps_precompiles
    }

    fn open_frame(&mut self, frame: Frame) {
        let index = self.push(frame);
        self.open.push(index);
    }

    /// Appends a frame below the innermost open one.
    fn push(&mut self, mut frame: Frame) -> Option<usize> {
        frame.depth = self.open.len() as u32;
        if !self.account_for(frame.bytes()) {
            return None;
        }
        if let Some(parent) = self.open.last().copied().flatten() {
            self.frames[parent].subtraces += 1;
        }
        self.frames.push(frame);
        Some(self.frames.len() - 1)
    }

    /// Whether the block's frames may grow by so many bytes.
    fn account_for(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        if self.overflowed_at.is_none() && self.bytes > self.limit_bytes {
            self.overflowed_at = Some(self.finished.len());
            self.frames = Vec::new();
            self.open.fill(None);
        }
        self.overflowed_at.is_none()
    }

    fn close_frame(&mut self, end: FrameEnd, gas_used: u64, output: Bytes) -> Option<&mut Frame> {
        let index = self.open.pop().flatten()?;
        if !self.account_for(output.len()) {
            return None;
        }
        let frame = &mut self.frames[index];
        frame.end = end;
        frame.gas_used = gas_used;
        frame.output = output;
        Some(frame)
    }

    fn push_self_destruct(&mut self, contract: Address, heir: Address, balance: U256) {
        let frame = started(FrameKind::SelfDestruct, contract, Some(heir), balance, 0, Bytes::new());
        self.push(frame);
    }

    /// Whether the innermost open frame has listed its self-destruct, which is the last thing a frame does.
    fn lists_self_destruct(&self) -> bool {
        let depth = self.open.len() as u32;
        self.frames.last().is_some_and(|last| last.kind == FrameKind::SelfDestruct && last.depth == depth)
    }

    /// The root of a transaction whose gas did not cover what is charged before the first frame (EIP-2780).
    fn root_never_entered(&self, index: usize) -> Frame {
        let transaction = &self.block.block.body.transactions[index];
        let kind = if transaction.is_create() { FrameKind::Create } else { FrameKind::Call };
        let (from, to) = (self.block.senders[index], transaction.to());
        let (gas, input) = (transaction.gas_limit(), transaction.input().clone());
        let end = FrameEnd::of(InstructionResult::OutOfGas);
        Frame { end, ..started(kind, from, to, transaction.value(), gas, input) }
    }
}

/// A frame as it is when it is entered.
fn started(
    kind: FrameKind,
    from: Address,
    to: Option<Address>,
    value: U256,
    gas: u64,
    input: Bytes,
) -> Frame {
    let (depth, subtraces, gas_used) = (0, 0, 0);
    let (output, end) = (Bytes::new(), FrameEnd::Succeeded);
    Frame { kind, depth, subtraces, from, to, value, gas, gas_used, input, output, end }
}

impl<DB: Database> Inspector<EthEvmContext<DB>> for FrameRecorder<'_> {
    fn call(&mut self, context: &mut EthEvmContext<DB>, inputs: &mut CallInputs) -> Option<CallOutcome> {
        let code_address = inputs.bytecode_address;
        let is_precompile = context.journal().precompile_addresses().contains(&code_address);
        let value = inputs.call_value();
        if self.overflowed_at.is_some() || self.leaves_out(is_precompile, value) {
            self.open.push(None);
            return None;
        }
        let (kind, from, to) = match inputs.scheme {
            CallScheme::Call => (FrameKind::Call, inputs.caller, inputs.target_address),
            CallScheme::StaticCall => (FrameKind::StaticCall, inputs.caller, inputs.target_address),
            CallScheme::CallCode => (FrameKind::CallCode, inputs.target_address, code_address),
            CallScheme::DelegateCall => (FrameKind::DelegateCall, inputs.target_address, code_address),
        };
        let input = inputs.input.bytes(context);
        self.open_frame(started(kind, from, Some(to), value, inputs.gas_limit, input));
        None
    }

    fn call_end(&mut self, context: &mut EthEvmContext<DB>, inputs: &CallInputs, outcome: &mut CallOutcome) {
        let result = &outcome.result;
        // From Cancun on the self-destruct of an old contract to itself changes nothing, and revm does not report it.
        if result.result == InstructionResult::SelfDestruct && !self.lists_self_destruct() {
            let contract = inputs.target_address;
            let account = context.journal().evm_state().get(&contract);
            let balance = account.map(|account| account.info.balance).unwrap_or_default();
            self.push_self_destruct(contract, contract, balance);
        }
        self.close_frame(FrameEnd::of(result.result), result.gas.total_gas_spent(), result.output.clone());
    }

    fn create(&mut self, _: &mut EthEvmContext<DB>, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        let kind = match inputs.scheme() {
            CreateScheme::Create2 { .. } => FrameKind::Create2,
            _ => FrameKind::Create,
        };
        let input = inputs.init_code().clone();
        self.open_frame(started(kind, inputs.caller(), None, inputs.value(), inputs.gas_limit(), input));
        None
    }

    fn create_end(&mut self, _: &mut EthEvmContext<DB>, _: &CreateInputs, outcome: &mut CreateOutcome) {
        let result = &outcome.result;
        let end = match FrameEnd::of(result.result) {
            // A nonce that cannot grow stops the creation like a return, but nothing was created.
            FrameEnd::Succeeded if outcome.address.is_none() => NONCE_OVERFLOW,
            end => end,
        };
        let created = outcome.address.filter(|_| end == FrameEnd::Succeeded);
        if let Some(frame) = self.close_frame(end, result.gas.total_gas_spent(), result.output.clone()) {
            frame.to = created;
        }
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        self.push_self_destruct(contract, target, value);
    }
}

impl<DB: Database> Observer<DB> for FrameRecorder<'_> {
    const INSPECTS: bool = true;

    fn transaction_started(&mut self, _: usize) {
        self.frames.clear();
        self.open.clear();
    }

    fn transaction_finished(&mut self, index: usize, _: &ExecutionResult<HaltReason>, _: &EvmState) {
        if self.frames.is_empty() && self.overflowed_at.is_none() {
            let root = self.root_never_entered(index);
            self.push(root);
        }
        self.finished.push(std::mem::take(&mut self.frames));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::B256;
    use blockmill_chain::Block;

    #[test]
    fn frames_beyond_the_limit_are_dropped_and_the_transaction_is_named() {
        let block = RecoveredBlock { hash: B256::ZERO, block: Block::default(), senders: Vec::new() };
        let mut recorder = FrameRecorder { limit_bytes: 4_000, ..FrameRecorder::new(&block, false) };
        recorder.finished.push(Vec::new());
        let input = Bytes::from(vec![0; 1_500]);
        let call = || started(FrameKind::Call, Address::ZERO, None, U256::ZERO, 0, input.clone());
        for _ in 0..3 {
            recorder.open_frame(call());
        }
        assert!(recorder.frames.is_empty(), "nothing is held once the limit is passed");
        for _ in 0..3 {
            assert!(recorder.close_frame(FrameEnd::Succeeded, 0, input.clone()).is_none());
        }
        let error = recorder.finish().unwrap_err();
        assert!(
            matches!(error, TraceError::FramesTooLarge { transaction: 1, limit_bytes: 4_000, .. }),
            "{error}"
        );
        assert!(!error.is_verification());
    }
}
