//! What memory costs, as geth computes it.

use alloy::primitives::U256;
use revm::bytecode::opcode as op;

use super::GAS_OVERFLOW;
use super::before::Before;
use super::price::Unpriced;
use super::reads::Reads;

const WORD_BYTES: u64 = 32;
/// From here on geth's formula would overflow.
const TOO_LARGE_BYTES: u64 = 0x1f_ffff_ffe0;

/// What the instruction pays for memory beyond what there is.
pub(super) fn expansion(before: &Before, reads: &Reads<'_>) -> Result<u64, Unpriced> {
    let end = end_of_range(before)?;
    if end > TOO_LARGE_BYTES {
        return Err(Unpriced::Refused(GAS_OVERFLOW.into()));
    }
    let words = end.div_ceil(WORD_BYTES) as usize;
    if words <= before.memory.words_num {
        return Ok(0);
    }
    Ok(reads.prices.memory_cost(words).saturating_sub(before.memory.expansion_cost))
}

/// Where the memory must end that the instruction looks at.
fn end_of_range(before: &Before) -> Result<u64, Unpriced> {
    let range = |offset: usize, length: usize| end(before.input(offset), before.input(length));
    let from_top = |bytes: u64| end(before.input(0), U256::from(bytes));
    let end = match before.op {
        op::KECCAK256 | op::RETURN | op::REVERT | op::LOG0..=op::LOG4 => range(0, 1)?,
        op::CALLDATACOPY | op::CODECOPY | op::RETURNDATACOPY => range(0, 2)?,
        op::MCOPY => range(0, 2)?.max(range(1, 2)?),
        op::EXTCODECOPY => range(1, 3)?,
        op::MLOAD | op::MSTORE => from_top(WORD_BYTES)?,
        op::MSTORE8 => from_top(1)?,
        op::CREATE | op::CREATE2 => range(1, 2)?,
        op::CALL | op::CALLCODE => range(5, 6)?.max(range(3, 4)?),
        op::DELEGATECALL | op::STATICCALL => range(4, 5)?.max(range(2, 3)?),
        _ => 0,
    };
    match end.checked_next_multiple_of(WORD_BYTES) {
        Some(_) => Ok(end),
        None => Err(Unpriced::MemoryOverflow),
    }
}

/// A range without bytes ends nowhere.
fn end(offset: U256, length: U256) -> Result<u64, Unpriced> {
    if length.is_zero() {
        return Ok(0);
    }
    let end = u64::try_from(offset).ok().zip(u64::try_from(length).ok());
    end.and_then(|(offset, length)| offset.checked_add(length)).ok_or(Unpriced::MemoryOverflow)
}
