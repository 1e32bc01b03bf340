//! What each part of a block read and changed: where diffs and reads come from.
//!
//! It is noted where the EVM hands over what a transaction or system call did, beside the state as it was until then. So
//! it holds what was loaded and left as it was, also in frames that were reverted, and every change once.

use alloy::primitives::map::{AddressMap, U256Map};
use alloy::primitives::{Address, U256};
use blockmill_chain::{Account, AccountWitness};
use revm::context::JournalEntry;
use revm::state::Account as EvmAccount;

/// A part of a block, in the order of consensus: the irregular change of the DAO fork, system calls, transactions, then
/// the payments and system calls after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockPart {
    /// The transaction that it is; `None` outside transactions.
    pub transaction: Option<u32>,
    /// The accounts that the part loaded, sorted by address.
    pub accounts: Vec<AccountAccess>,
    /// Wei that a system call moved, in its order. Of transactions, call frames say it.
    pub moves: Vec<EtherMove>,
}

/// Wei that went from one account to another, or were destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EtherMove {
    /// The account that paid them.
    pub from: Address,
    /// The account that received them; `None` where a self-destructed contract named itself, which destroys
    /// them.
    pub to: Option<Address>,
    /// The amount in wei; never zero.
    pub value: U256,
}

impl EtherMove {
    /// What an entry of the EVM's journal moved; most move nothing.
    pub(crate) fn of(entry: &JournalEntry) -> Option<Self> {
        let (from, to, value) = match *entry {
            JournalEntry::BalanceTransfer { from, to, balance } => (from, to, balance),
            JournalEntry::AccountDestroyed { address, target, had_balance, .. } => {
                (address, target, had_balance)
            }
            _ => return None,
        };
        (!value.is_zero()).then_some(Self { from, to: (to != from).then_some(to), value })
    }
}

/// One account that a part of a block loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountAccess {
    /// The address of the account.
    pub address: Address,
    /// The account before; `None` where it did not exist.
    pub before: Option<Account>,
    /// The account after; `None` where it does not exist any more.
    pub after: Option<Account>,
    /// Whether a self-destruct removed it.
    pub is_destroyed: bool,
    /// Wei that it still held when a self-destruct removed it: what it got after that instruction, which is lost.
    pub burned: U256,
    /// Slots, sorted: those that were loaded, and of a destroyed account every other that held something.
    pub slots: Vec<SlotAccess>,
}

/// One slot that a part of a block loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotAccess {
    /// The key of the slot.
    pub slot: U256,
    /// The value before this part of the block.
    pub before: U256,
    /// The value after this part of the block.
    pub after: U256,
    /// Whether the EVM loaded it. One that it did not was wiped unseen.
    pub is_loaded: bool,
}

impl AccountAccess {
    /// An account whose balance alone was read or set.
    pub(crate) fn of_balance(address: Address, before: Option<Account>, after: Option<Account>) -> Self {
        Self { address, before, after, is_destroyed: false, burned: U256::ZERO, slots: Vec::new() }
    }

    /// What genesis does: it makes an account that did not exist.
    pub fn genesis(written: &AccountWitness) -> Self {
        let slot =
            |&(slot, after): &(U256, U256)| SlotAccess { slot, before: U256::ZERO, after, is_loaded: true };
        let slots = written.storage.iter().map(slot).collect();
        Self { slots, ..Self::of_balance(written.address, None, written.account) }
    }
}

/// What an account was before a commit: the half of an access that the commit overwrites.
#[derive(Debug)]
pub(crate) struct Before {
    pub(crate) account: Option<Account>,
    pub(crate) slots: U256Map<(U256, bool)>,
}

impl Before {
    /// The access, with what the account is after the commit.
    pub(crate) fn access(
        self,
        address: Address,
        committed: &CommittedAs,
        after: Option<Account>,
        now: impl Fn(U256) -> U256,
    ) -> AccountAccess {
        let slot = |(slot, (before, is_loaded))| SlotAccess { slot, before, after: now(slot), is_loaded };
        let mut slots: Vec<_> = self.slots.into_iter().map(slot).collect();
        slots.sort_unstable();
        let CommittedAs { is_destroyed, burned } = *committed;
        AccountAccess { address, before: self.account, after, is_destroyed, burned, slots }
    }
}

/// How the EVM hands an account over.
#[derive(Debug)]
pub(crate) struct CommittedAs {
    is_destroyed: bool,
    burned: U256,
}

impl CommittedAs {
    pub(crate) fn of(account: &EvmAccount) -> Self {
        let is_destroyed = account.is_touched() && account.is_selfdestructed();
        Self { is_destroyed, burned: if is_destroyed { account.info.balance } else { U256::ZERO } }
    }
}

/// The accounts of a commit in the order of their addresses: maps have none that repeats.
pub(crate) fn sorted(changes: AddressMap<EvmAccount>) -> Vec<(Address, EvmAccount)> {
    let mut accounts: Vec<_> = changes.into_iter().collect();
    accounts.sort_unstable_by_key(|(address, _)| *address);
    accounts
}
