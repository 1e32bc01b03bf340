//! `native_transfers`: every movement of ether but fees.

use alloy::primitives::map::AddressMap;
use alloy::primitives::{Address, U256};
use blockmill_execute::{AccountAccess, BlockPart};
use blockmill_schemas::rows::{NativeTransferRow, NativeTransferRows, TransferType};

use crate::dao_fork;
use crate::error::TraceError;
use crate::frames::{FrameKind, FrameVisit, FrameWalk};
use crate::outlet::Outlet;
use crate::rewards::Rewards;
use crate::trace::TracedBlock;

/// Wei in the unit of withdrawals (EIP-4895).
const WEI_PER_GWEI: u64 = 1_000_000_000;

/// Adds a row per movement.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut NativeTransferRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let mut rows = BlockTransfers { block_number: traced.block().number(), transfer_index: 0, rows, outlet };
    for (address, balance) in traced.genesis_balances() {
        rows.push(None, Movement::created(TransferType::Genesis, address, balance))?;
    }
    for (address, balance) in dao_fork::drained(traced.spec, traced.witness) {
        let (from, to) = (Some(address), Some(dao_fork::REFUND_CONTRACT));
        rows.push(None, Movement { kind: TransferType::DaoFork, from, to, value: balance })?;
    }
    let (before, after) = system_parts(traced.parts);
    rows.push_system_calls(before)?;
    rows.push_transactions(traced)?;
    rows.push_system_calls(after)?;
    rows.push_payments(traced)
}

/// The parts of a block before its transactions, and those after them.
fn system_parts(parts: &[BlockPart]) -> (&[BlockPart], &[BlockPart]) {
    let is_transaction = |part: &BlockPart| part.transaction.is_some();
    let first = parts.iter().position(is_transaction).unwrap_or(parts.len());
    let end = parts.iter().rposition(is_transaction).map_or(parts.len(), |last| last + 1);
    (&parts[..first], &parts[end..])
}

/// Wei that go from one account to another; `None` where they are created or destroyed.
#[derive(Debug, Clone, Copy)]
struct Movement {
    kind: TransferType,
    from: Option<Address>,
    to: Option<Address>,
    value: U256,
}

impl Movement {
    /// Wei that did not exist before.
    fn created(kind: TransferType, to: Address, value: U256) -> Self {
        Self { kind, from: None, to: Some(to), value }
    }

    /// Wei that do not exist any more.
    fn burned(from: Address, value: U256) -> Self {
        Self { kind: TransferType::Burn, from: Some(from), to: None, value }
    }

    /// What a frame that stayed moved. A self-destruct to itself moves nothing, and burns where it removed the contract.
    fn of(visit: &FrameVisit<'_>, destroyed: &Destroyed<'_>) -> Option<Self> {
        let header = &visit.frame.header;
        let (from, to, value) = (Some(header.from), header.to, header.value);
        let kind = match header.kind {
            FrameKind::SelfDestruct if to == from => {
                return destroyed.0.contains_key(&header.from).then(|| Self::burned(header.from, value));
            }
            FrameKind::SelfDestruct => TransferType::Suicide,
            FrameKind::CallCode | FrameKind::DelegateCall | FrameKind::StaticCall => return None,
            _ if visit.is_root() => TransferType::Transaction,
            FrameKind::Call => TransferType::Call,
            FrameKind::Create | FrameKind::Create2 => TransferType::Create,
        };
        Some(Self { kind, from, to, value })
    }
}

/// The rows of one block, numbered through.
struct BlockTransfers<'a, 'o> {
    block_number: u64,
    transfer_index: u32,
    rows: &'a mut NativeTransferRows,
    outlet: &'a mut Outlet<'o>,
}

impl BlockTransfers<'_, '_> {
    /// What system calls moved, and what was left to contracts that destroyed themselves in one.
    fn push_system_calls(&mut self, parts: &[BlockPart]) -> Result<(), TraceError> {
        for part in parts {
            for moved in &part.moves {
                let (from, value) = (moved.from, moved.value);
                let movement = match moved.to {
                    Some(to) => {
                        Movement { kind: TransferType::System, from: Some(from), to: Some(to), value }
                    }
                    None => Movement::burned(from, value),
                };
                self.push(None, movement)?;
            }
            self.push_lost(&Destroyed::of(part))?;
        }
        Ok(())
    }

    fn push_transactions(&mut self, traced: &TracedBlock<'_>) -> Result<(), TraceError> {
        let mut frames = FrameWalk::new(traced.frames, self.block_number);
        let mut transactions = traced.parts.iter().filter(|part| part.transaction.is_some());
        let mut destroyed = Destroyed::default();
        while let Some(visit) = frames.next()? {
            if visit.is_root() {
                self.push_lost(&destroyed)?;
                destroyed = transactions.next().map(Destroyed::of).unwrap_or_default();
            }
            if visit.place.success
                && let Some(movement) = Movement::of(&visit, &destroyed)
            {
                self.push(Some(visit.transaction_index), movement)?;
            }
        }
        self.push_lost(&destroyed)
    }

    /// What contracts got after they had destroyed themselves, at the end of their transaction.
    fn push_lost(&mut self, destroyed: &Destroyed<'_>) -> Result<(), TraceError> {
        let mut lost: Vec<_> = destroyed.0.values().collect();
        lost.sort_unstable_by_key(|(_, account)| account.address);
        for (transaction, account) in lost {
            self.push(*transaction, Movement::burned(account.address, account.burned))?;
        }
        Ok(())
    }

    /// Rewards and withdrawals, which are paid after the transactions.
    fn push_payments(&mut self, traced: &TracedBlock<'_>) -> Result<(), TraceError> {
        let block = traced.block();
        if let Some(rewards) = Rewards::of(traced.spec, block) {
            self.push(
                None,
                Movement::created(TransferType::Reward, block.header().beneficiary, rewards.block),
            )?;
            for (ommer, reward) in block.block.body.ommers.iter().zip(rewards.ommers) {
                self.push(None, Movement::created(TransferType::OmmerReward, ommer.beneficiary, reward))?;
            }
        }
        for withdrawal in block.block.body.withdrawals.iter().flatten() {
            let value = U256::from(withdrawal.amount) * U256::from(WEI_PER_GWEI);
            self.push(None, Movement::created(TransferType::Withdrawal, withdrawal.address, value))?;
        }
        Ok(())
    }

    fn push(&mut self, transaction: Option<u32>, movement: Movement) -> Result<(), TraceError> {
        if movement.value.is_zero() {
            return Ok(());
        }
        self.rows.push(&NativeTransferRow {
            block_number: self.block_number,
            transaction_index: transaction,
            transfer_index: self.transfer_index,
            from_address: movement.from,
            to_address: movement.to,
            value: movement.value,
            transfer_type: movement.kind,
        });
        self.transfer_index += 1;
        self.outlet.keep_limit(self.rows)
    }
}

/// The accounts that a transaction removed, with its position.
#[derive(Debug, Default)]
struct Destroyed<'a>(AddressMap<(Option<u32>, &'a AccountAccess)>);

impl<'a> Destroyed<'a> {
    fn of(part: &'a BlockPart) -> Self {
        let destroyed = part.accounts.iter().filter(|account| account.is_destroyed);
        Self(destroyed.map(|account| (account.address, (part.transaction, account))).collect())
    }
}
