//! What an instruction found.

use alloy::primitives::U256;
use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use revm::bytecode::opcode as op;
use revm::context::JournalEntry;
use revm::interpreter::interpreter_types::Jumps;
use revm::interpreter::{Interpreter, gas::MemoryGas};

/// The most words that an instruction with a price of its own looks at: those of `CALL`.
const MOST_INPUTS: usize = 7;

/// The frame as it was before an instruction. All but the first three fields are noted only for instructions whose price is
/// not fixed.
#[derive(Debug, Clone)]
pub(in crate::steps) struct Before {
    pub(in crate::steps) op: u8,
    pub(in crate::steps) gas: u64,
    pub(super) stack_len: usize,
    /// From the top of the stack.
    inputs: [U256; MOST_INPUTS],
    /// Size of the memory, and what has been paid for it.
    pub(super) memory: MemoryGas,
    journal_len: usize,
}

impl Default for Before {
    fn default() -> Self {
        let inputs = [U256::ZERO; MOST_INPUTS];
        Self { op: op::STOP, gas: 0, stack_len: 0, inputs, memory: MemoryGas::new(), journal_len: 0 }
    }
}

impl Before {
    /// Notes what the instruction finds that is about to run.
    #[inline]
    pub(in crate::steps) fn note<DB: Database>(
        &mut self,
        interpreter: &Interpreter,
        context: &EthEvmContext<DB>,
    ) {
        self.op = interpreter.bytecode.opcode();
        self.gas = interpreter.gas.remaining();
        self.stack_len = interpreter.stack.len();
        let inputs = PRICED_INPUTS[usize::from(self.op)];
        if inputs > 0 {
            self.memory = *interpreter.gas.memory();
            self.journal_len = context.journaled_state.inner.journal.len();
            let words = interpreter.stack.data().iter().rev().take(usize::from(inputs));
            self.inputs.iter_mut().zip(words).for_each(|(input, word)| *input = *word);
        }
    }

    /// A word of the stack, from the top.
    pub(super) fn input(&self, at: usize) -> U256 {
        self.inputs[at]
    }

    /// What the instruction has written into the journal.
    pub(super) fn entries_since<'a>(&self, journal: &'a [JournalEntry]) -> &'a [JournalEntry] {
        journal.get(self.journal_len..).unwrap_or_default()
    }
}

/// How many words decide about an instruction's price.
const PRICED_INPUTS: [u8; 256] = {
    let mut inputs = [0; 256];
    let priced = [
        (op::EXP, 2),
        (op::KECCAK256, 2),
        (op::BALANCE, 1),
        (op::CALLDATACOPY, 3),
        (op::CODECOPY, 3),
        (op::EXTCODESIZE, 1),
        (op::EXTCODECOPY, 4),
        (op::RETURNDATACOPY, 3),
        (op::EXTCODEHASH, 1),
        (op::MLOAD, 1),
        (op::MSTORE, 1),
        (op::MSTORE8, 1),
        (op::SLOAD, 1),
        (op::SSTORE, 2),
        (op::MCOPY, 3),
        (op::LOG0, 2),
        (op::LOG1, 2),
        (op::LOG2, 2),
        (op::LOG3, 2),
        (op::LOG4, 2),
        (op::CREATE, 3),
        (op::CALL, 7),
        (op::CALLCODE, 7),
        (op::RETURN, 2),
        (op::DELEGATECALL, 6),
        (op::CREATE2, 3),
        (op::STATICCALL, 6),
        (op::REVERT, 2),
        (op::SELFDESTRUCT, 1),
    ];
    let mut at = 0;
    while at < priced.len() {
        let (op, words) = priced[at];
        inputs[op as usize] = words;
        at += 1;
    }
    inputs
};
