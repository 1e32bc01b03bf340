//! The price of the four kinds of calls.

use alloy::primitives::{Address, U256};
use revm::bytecode::opcode as op;
use revm::primitives::hardfork::SpecId;

use super::before::Before;
use super::operation::Operation;
use super::price::{Unpriced, address};
use super::reads::Reads;
use super::{GAS_OVERFLOW, OUT_OF_GAS, memory};

/// What a call takes beyond its fixed part, the gas for the new frame included.
pub(super) fn price(before: &Before, operation: &Operation, reads: &Reads<'_>) -> Result<u64, Unpriced> {
    let called = address(before.input(1));
    let left = before.gas - operation.fixed_gas;
    let access = access(called, left, reads)?;
    let base = memory::expansion(before, reads)?.saturating_add(transfer(before, called, reads)?);
    let given = given(before.input(0), left - access, base, reads)?;
    // More than there is, but a number: geth adds without looking only where it cannot overflow.
    let overflow = || Unpriced::Refused(GAS_OVERFLOW.into());
    base.checked_add(given).and_then(|gas| gas.checked_add(access)).ok_or_else(overflow)
}

/// What an account costs that is not in the access list yet, and the one that it delegates to (EIP-7702); each must be
/// paid before the next is looked at.
fn access(called: Address, left: u64, reads: &Reads<'_>) -> Result<u64, Unpriced> {
    let prices = reads.prices;
    let mut access = match reads.was_cold(called) {
        true => prices.cold_account_additional_cost(),
        false => 0,
    };
    let pays = |access| if access > left { Err(Unpriced::Refused(OUT_OF_GAS.into())) } else { Ok(()) };
    pays(access)?;
    if let Some(delegate) = delegate(called, reads)? {
        access += prices.warm_storage_read_cost();
        access += if reads.was_cold(delegate) { prices.cold_account_additional_cost() } else { 0 };
        pays(access)?;
    }
    Ok(access)
}

fn delegate(called: Address, reads: &Reads<'_>) -> Result<Option<Address>, Unpriced> {
    if !reads.is(SpecId::PRAGUE) {
        return Ok(None);
    }
    let info = &reads.account(called).ok_or(Unpriced::NeverRead)?.info;
    match &info.code {
        Some(code) => Ok(code.eip7702_address()),
        None if info.is_empty_code_hash() => Ok(None),
        None => Err(Unpriced::NeverRead),
    }
}

/// What is paid for wei that goes along, and for an account that comes into being.
fn transfer(before: &Before, called: Address, reads: &Reads<'_>) -> Result<u64, Unpriced> {
    let carries_value = matches!(before.op, op::CALL | op::CALLCODE) && !before.input(2).is_zero();
    let value = if carries_value { reads.prices.transfer_value_cost() } else { 0 };
    let creates_accounts = reads.prices.new_account_cost(reads.is(SpecId::SPURIOUS_DRAGON), carries_value);
    if before.op != op::CALL || creates_accounts == 0 {
        return Ok(value);
    }
    let account = reads.account(called).ok_or(Unpriced::NeverRead)?;
    let is_new = account.state_clear_aware_is_empty(reads.spec);
    Ok(value + if is_new { creates_accounts } else { 0 })
}

/// Gas for the new frame: what was asked for, since EIP-150 at most all but a 64th. As in geth the subtraction goes round
/// where the base is more than there is; then the call is out of gas.
fn given(asked: U256, left: u64, base: u64, reads: &Reads<'_>) -> Result<u64, Unpriced> {
    let asked = u64::try_from(asked).ok();
    if !reads.is(SpecId::TANGERINE) {
        return asked.ok_or_else(|| Unpriced::Refused(GAS_OVERFLOW.into()));
    }
    let most = reads.prices.call_stipend_reduction(left.wrapping_sub(base));
    Ok(asked.map_or(most, |asked| asked.min(most)))
}
