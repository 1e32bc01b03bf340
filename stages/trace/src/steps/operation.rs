//! Since when a byte is an instruction, the stack that it needs, and why it could not be run.

use revm::bytecode::opcode::{self as op, OpCode};
use revm::interpreter::InstructionResult;
use revm::primitives::hardfork::SpecId;

use crate::frames::FrameEnd;

/// Words that the stack can hold.
const STACK_LIMIT: usize = 1024;

/// An instruction at a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    inputs: usize,
    outputs: usize,
}

impl Operation {
    /// `None` for a byte that is no instruction at the fork.
    pub(crate) fn at(byte: u8, spec: SpecId) -> Option<Self> {
        let known = OpCode::new(byte).filter(|_| since(byte).is_some_and(|fork| spec.is_enabled_in(fork)))?;
        Some(Self { inputs: usize::from(known.inputs()), outputs: usize::from(known.outputs()) })
    }

    /// Whether a stack of this height has fewer words than it takes.
    pub(crate) fn underflows(&self, stack_len: usize) -> bool {
        stack_len < self.inputs
    }

    /// The highest stack that it does not push over the limit.
    fn highest_stack(&self) -> usize {
        STACK_LIMIT + self.inputs - self.outputs
    }

    /// Whether a stack of this height has no room for what it pushes.
    pub(crate) fn overflows(&self, stack_len: usize) -> bool {
        stack_len > self.highest_stack()
    }

    /// Why a stack of this height does not do.
    fn stack_error(&self, stack_len: usize) -> Option<String> {
        if self.underflows(stack_len) {
            return Some(format!("stack underflow ({stack_len} <=> {})", self.inputs));
        }
        self.overflows(stack_len)
            .then(|| format!("stack limit reached {stack_len} ({})", self.highest_stack()))
    }
}

/// Why an instruction that ended its frame by `result` could not be run, in geth's words and order: whether there is one,
/// its stack, its gas. `None` where it failed while it ran.
#[cold]
pub(super) fn error_of(
    byte: u8,
    stack_len: usize,
    result: InstructionResult,
    spec: SpecId,
) -> Option<String> {
    let operation = Operation::at(byte, spec)?;
    let without_gas = || FrameEnd::of(result).is_out_of_gas().then(|| "out of gas".to_owned());
    operation.stack_error(stack_len).or_else(without_gas)
}

/// The fork from which on a byte is an instruction; `None` where it is none at all.
fn since(byte: u8) -> Option<SpecId> {
    Some(match byte {
        op::INVALID => return None,
        op::DELEGATECALL => SpecId::HOMESTEAD,
        op::REVERT | op::RETURNDATASIZE | op::RETURNDATACOPY | op::STATICCALL => SpecId::BYZANTIUM,
        op::SHL | op::SHR | op::SAR | op::EXTCODEHASH | op::CREATE2 => SpecId::PETERSBURG,
        op::CHAINID | op::SELFBALANCE => SpecId::ISTANBUL,
        op::BASEFEE => SpecId::LONDON,
        op::PUSH0 => SpecId::SHANGHAI,
        op::TLOAD | op::TSTORE | op::MCOPY | op::BLOBHASH | op::BLOBBASEFEE => SpecId::CANCUN,
        op::CLZ => SpecId::OSAKA,
        op::SLOTNUM | op::DUPN | op::SWAPN | op::EXCHANGE => SpecId::AMSTERDAM,
        _ => SpecId::FRONTIER,
    })
}
