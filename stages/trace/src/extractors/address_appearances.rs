//! `address_appearances`: which addresses a transaction involves, and how.

use std::collections::BTreeSet;
use std::iter::Peekable;

use alloy::primitives::Address;
use blockmill_schemas::rows::{AddressAppearanceRow, AddressAppearanceRows, Relationship};

use super::logs::{self, Logged};
use crate::error::TraceError;
use crate::frames::{FrameKind, FrameVisit, FrameWalk};
use crate::outlet::Outlet;
use crate::rewards::Rewards;
use crate::token_events::{Erc1155Transfer, TokenEvent};
use crate::trace::TracedBlock;

/// Adds a row per transaction, address and relationship.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut AddressAppearanceRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let block = traced.block();
    let mut frames = FrameWalk::new(traced.frames, block.number());
    let mut logs = logs::of(traced).peekable();
    let mut appearances = Appearances::default();
    while let Some(visit) = frames.next()? {
        if visit.is_root() {
            appearances.empty_into(block.number(), rows, outlet)?;
            appearances.begin(visit.transaction_index, block.header().beneficiary);
            appearances.add_logs(visit.transaction_index, &mut logs);
        }
        appearances.add_frame(&visit);
    }
    appearances.empty_into(block.number(), rows, outlet)?;
    appearances.add_payments(traced);
    appearances.empty_into(block.number(), rows, outlet)
}

/// What one transaction involves. Each address was loaded or logged, which cost gas.
#[derive(Debug, Default)]
struct Appearances {
    transaction: Option<u32>,
    found: BTreeSet<(Address, Relationship)>,
}

impl Appearances {
    fn begin(&mut self, transaction: u32, beneficiary: Address) {
        self.transaction = Some(transaction);
        self.add(beneficiary, Relationship::MinerFee);
    }

    fn add(&mut self, address: Address, relationship: Relationship) {
        self.found.insert((address, relationship));
    }

    /// Takes the logs of a transaction from the front of those that are left.
    fn add_logs<'a>(&mut self, transaction: u32, logs: &mut Peekable<impl Iterator<Item = Logged<'a>>>) {
        while let Some(logged) = logs.next_if(|logged| logged.transaction_index == transaction) {
            self.add(logged.log.address, Relationship::Log);
            match TokenEvent::of(logged.log) {
                Some(TokenEvent::Erc20Transfer(transfer)) => {
                    self.add(transfer.from, Relationship::Erc20TransferFrom);
                    self.add(transfer.to, Relationship::Erc20TransferTo);
                }
                Some(TokenEvent::Erc721Transfer(transfer)) => {
                    self.add(transfer.from, Relationship::Erc721TransferFrom);
                    self.add(transfer.to, Relationship::Erc721TransferTo);
                }
                Some(TokenEvent::Erc20Approval(_)) | None => {}
            }
            if let Some(transfer) = Erc1155Transfer::of(logged.log) {
                self.add(transfer.from, Relationship::Erc1155TransferFrom);
                self.add(transfer.to, Relationship::Erc1155TransferTo);
            }
        }
    }

    fn add_frame(&mut self, visit: &FrameVisit<'_>) {
        let header = &visit.frame.header;
        let (from, to) = match header.kind {
            FrameKind::SelfDestruct => (Relationship::Suicide, Relationship::SuicideRefund),
            FrameKind::Create | FrameKind::Create2 => (Relationship::Factory, Relationship::Create),
            FrameKind::Call | FrameKind::CallCode | FrameKind::DelegateCall | FrameKind::StaticCall => {
                (Relationship::CallFrom, Relationship::CallTo)
            }
        };
        let of_transaction = visit.is_root().then_some((Relationship::TxFrom, Relationship::TxTo));
        for (from, to) in [(from, to)].into_iter().chain(of_transaction) {
            self.add(header.from, from);
            if let Some(address) = header.to {
                self.add(address, to);
            }
        }
    }

    /// What is paid outside transactions.
    fn add_payments(&mut self, traced: &TracedBlock<'_>) {
        self.transaction = None;
        let block = traced.block();
        if Rewards::of(traced.spec, block).is_some() {
            self.add(block.header().beneficiary, Relationship::Author);
            block
                .block
                .body
                .ommers
                .iter()
                .for_each(|ommer| self.add(ommer.beneficiary, Relationship::Author));
        }
        for withdrawal in block.block.body.withdrawals.iter().flatten() {
            self.add(withdrawal.address, Relationship::Withdrawal);
        }
    }

    fn empty_into(
        &mut self,
        block_number: u64,
        rows: &mut AddressAppearanceRows,
        outlet: &mut Outlet<'_>,
    ) -> Result<(), TraceError> {
        for (address, relationship) in std::mem::take(&mut self.found) {
            rows.push(&AddressAppearanceRow {
                block_number,
                transaction_index: self.transaction,
                address,
                relationship,
            });
            outlet.keep_limit(rows)?;
        }
        Ok(())
    }
}
