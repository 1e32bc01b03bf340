//! What is fixed about an instruction: since when there is one, the stack it needs, the gas it always takes.

use revm::bytecode::opcode::{self as op, OpCode};
use revm::interpreter::instructions::gas_table_spec;
use revm::primitives::hardfork::SpecId;

/// Words that the stack can hold.
const STACK_LIMIT: usize = 1024;
/// What geth takes for a creation before anything else.
const CREATE_GAS: u64 = 32_000;

/// An instruction at a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    /// What geth takes first, whatever the instruction is to do.
    pub(super) fixed_gas: u64,
    /// What revm takes first.
    pub(super) table_gas: u64,
    inputs: usize,
    outputs: usize,
}

impl Operation {
    /// `None` for a byte that is no instruction at the fork.
    pub(crate) fn at(byte: u8, spec: SpecId) -> Option<Self> {
        let known = OpCode::new(byte).filter(|_| since(byte).is_some_and(|fork| spec.is_enabled_in(fork)))?;
        let table_gas = u64::from(gas_table_spec(spec)[usize::from(byte)]);
        let fixed_gas = fixed_gas(byte, spec, table_gas);
        let (inputs, outputs) = (usize::from(known.inputs()), usize::from(known.outputs()));
        Some(Self { fixed_gas, table_gas, inputs, outputs })
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
    pub(super) fn stack_error(&self, stack_len: usize) -> Option<String> {
        if self.underflows(stack_len) {
            return Some(format!("stack underflow ({stack_len} <=> {})", self.inputs));
        }
        self.overflows(stack_len)
            .then(|| format!("stack limit reached {stack_len} ({})", self.highest_stack()))
    }
}

/// geth's part of the price that is taken before the rest is computed. It is revm's, but for instructions of which geth
/// computes the whole, or takes more at once.
fn fixed_gas(byte: u8, spec: SpecId, table_gas: u64) -> u64 {
    match byte {
        op::EXP | op::SSTORE | op::LOG0..=op::LOG4 => 0,
        op::SLOAD if spec.is_enabled_in(SpecId::BERLIN) => 0,
        op::SELFDESTRUCT if !spec.is_enabled_in(SpecId::BERLIN) => 0,
        op::CREATE | op::CREATE2 => CREATE_GAS,
        _ => table_gas,
    }
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
