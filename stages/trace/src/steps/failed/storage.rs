//! The prices of the two instructions that grant refunds, which geth grants while it computes the price.

use alloy::primitives::{Address, U256};
use revm::context::JournalEntry;
use revm::context_interface::context::SStoreResult;
use revm::context_interface::journaled_state::entry::SelfdestructionRevertStatus;
use revm::primitives::hardfork::SpecId;

use super::before::Before;
use super::operation::Operation;
use super::price::{Price, Unpriced, address};
use super::reads::Reads;

/// Before EIP-1283 the first thing a write takes; afterwards it is the price of a read.
const RESET_GAS: u64 = 5_000;

pub(super) fn sstore(before: &Before, reads: &Reads<'_>) -> Result<Price, Unpriced> {
    let prices = reads.prices;
    if reads.is(SpecId::ISTANBUL) && before.gas <= prices.call_stipend() {
        return Err(Unpriced::Refused("not enough gas for reentrancy sentry".into()));
    }
    let (key, new_value) = (before.input(0), before.input(1));
    let (original_value, present_value) = reads.slot(key).ok_or(Unpriced::NeverRead)?;
    let values = SStoreResult { original_value, present_value, new_value };
    // Istanbul's rules, which Constantinople had before Petersburg at other prices (EIP-1283).
    let is_net = reads.is(SpecId::ISTANBUL) || prices.sstore_static_gas() < RESET_GAS;
    let dynamic = prices.sstore_dynamic_gas(is_net, &values, reads.was_cold_slot(key));
    Ok(Price { gas: prices.sstore_static_gas() + dynamic, refund: prices.sstore_refund(is_net, &values) })
}

pub(super) fn self_destruct(
    before: &Before,
    operation: &Operation,
    reads: &Reads<'_>,
) -> Result<Price, Unpriced> {
    let heir = address(before.input(0));
    let creates_heir = creates_heir(heir, reads)?;
    let gas = operation.table_gas + reads.prices.selfdestruct_cost(creates_heir, reads.was_cold(heir));
    let refund = if was_destroyed(reads) { 0 } else { reads.prices.selfdestruct_refund() };
    Ok(Price { gas, refund })
}

/// Whether the account that gets the balance comes into being by it.
fn creates_heir(heir: Address, reads: &Reads<'_>) -> Result<bool, Unpriced> {
    let moved = moved_balance(reads);
    let contract = reads.account(reads.contract).ok_or(Unpriced::NeverRead)?;
    let is_rich = moved.is_some_and(|moved| !moved.is_zero()) || !contract.info.balance.is_zero();
    if reads.is(SpecId::SPURIOUS_DRAGON) && !is_rich {
        return Ok(false);
    }
    let account = reads.account(heir).ok_or(Unpriced::NeverRead)?;
    if !reads.is(SpecId::SPURIOUS_DRAGON) {
        let touches = |entry: &JournalEntry| *entry == JournalEntry::AccountTouched { address: heir };
        let was_touched = account.is_touched() && !reads.entries.iter().any(touches);
        return Ok(account.is_loaded_as_not_existing() && !was_touched);
    }
    let mut info = account.info.clone();
    if heir != reads.contract {
        info.balance = info.balance.saturating_sub(moved.unwrap_or_default());
    }
    Ok(info.is_empty())
}

/// What the instruction moved before revm charged for it; `None` where it did not come so far.
fn moved_balance(reads: &Reads<'_>) -> Option<U256> {
    reads.entries.iter().find_map(|entry| match entry {
        JournalEntry::AccountDestroyed { had_balance, .. } => Some(*had_balance),
        JournalEntry::BalanceTransfer { balance, .. } => Some(*balance),
        _ => None,
    })
}

/// Whether the contract had destroyed itself earlier in the transaction.
fn was_destroyed(reads: &Reads<'_>) -> bool {
    let status = reads.entries.iter().find_map(|entry| match entry {
        JournalEntry::AccountDestroyed { destroyed_status, .. } => Some(*destroyed_status),
        _ => None,
    });
    match status {
        Some(status) => status == SelfdestructionRevertStatus::RepeatedSelfdestruction,
        None => reads.account(reads.contract).is_some_and(|account| account.is_selfdestructed()),
    }
}
