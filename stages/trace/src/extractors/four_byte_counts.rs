//! `four_byte_counts`: which functions a transaction called, as geth's 4byteTracer counts them, by callee.

use std::collections::BTreeMap;

use alloy::primitives::{Address, FixedBytes};
use blockmill_schemas::rows::{FourByteCountRow, FourByteCountRows};

use crate::error::TraceError;
use crate::frames::{Frame, FrameKind, FrameWalk};
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per callee, selector and size of call data of a transaction.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut FourByteCountRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let mut frames = FrameWalk::new(traced.frames, traced.block().number());
    let mut transaction = Counts::default();
    while let Some(visit) = frames.next()? {
        if visit.is_root() {
            transaction.empty_into(traced, rows, outlet)?;
            transaction.index = visit.transaction_index;
        }
        if let Some(called) = Called::of(&visit.frame) {
            *transaction.calls.entry(called).or_default() += 1;
        }
    }
    transaction.empty_into(traced, rows, outlet)
}

/// The calls of one transaction. There are as many kinds as there were calls at most, each of which cost gas.
#[derive(Debug, Default)]
struct Counts {
    index: u32,
    calls: BTreeMap<Called, u32>,
}

/// What calls have in common that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Called {
    address: Address,
    selector: FixedBytes<4>,
    calldata_size: u32,
}

impl Called {
    fn of(frame: &Frame<'_>) -> Option<Self> {
        let (selector, arguments) = frame.input.split_first_chunk()?;
        match frame.header.kind {
            FrameKind::Create | FrameKind::Create2 | FrameKind::SelfDestruct => None,
            FrameKind::Call | FrameKind::CallCode | FrameKind::DelegateCall | FrameKind::StaticCall => {
                Some(Self {
                    address: frame.header.to?,
                    selector: FixedBytes(*selector),
                    calldata_size: arguments.len() as u32,
                })
            }
        }
    }
}

impl Counts {
    fn empty_into(
        &mut self,
        traced: &TracedBlock<'_>,
        rows: &mut FourByteCountRows,
        outlet: &mut Outlet<'_>,
    ) -> Result<(), TraceError> {
        for (called, count) in std::mem::take(&mut self.calls) {
            rows.push(&FourByteCountRow {
                block_number: traced.block().number(),
                transaction_index: self.index,
                address: called.address,
                selector: called.selector,
                calldata_size: called.calldata_size,
                count,
            });
            outlet.keep_limit(rows)?;
        }
        Ok(())
    }
}
