//! The rows of a loaded state: one unit, which is made before the state goes on.

use alloy::primitives::U256;
use arrow::record_batch::RecordBatch;
use blockmill_chain::{BlockRange, Cancel, ChainSpec, RecoveredBlock};
use blockmill_execute::{AccountAccess, SlotAccess};
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, UnitWriter};
use blockmill_store::{Store, StoreError};
use blockmill_trace::{FrameMemory, RowSink, SinkError, StateRows, TableRows, TraceOptions};

use super::StateError;
use super::accounts::for_each_account;
use crate::memory::Budget;

/// Accounts and slots that are made into rows together.
const CHUNK_ITEMS: usize = 16_384;

/// Seals the rows of the state, which must be that of block `number` still: accounts and slots in the order of their addresses, so
/// that every dump of the state gives the same rows.
pub(crate) fn seal_state_rows(
    store: &Store,
    spec: &ChainSpec,
    spill: &SpillDir,
    options: &TraceOptions,
    budget: &Budget,
    number: u64,
    cancel: &Cancel,
) -> Result<(), StateError> {
    let block = store.block(number)?.ok_or(StoreError::UnknownBlock { number })?.block;
    let frames = FrameMemory { limit_bytes: budget.frames_per_worker, folder: spill.as_ref().to_path_buf() };
    let mut rows = TableRows::new(options, budget.rows_per_worker, frames);
    let unit = BlockRange::new(number, number + 1);
    let writer =
        UnitWriter::create(spill, unit, &options.datasets, budget.spill_per_worker).map_err(failed)?;
    let mut sink = Segments(writer);
    add_rows(store, spec, block, &mut rows, &mut sink, cancel)?;
    rows.flush(&mut sink).map_err(StateError::Rows)?;
    sink.0.seal().map(drop).map_err(failed)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StateError {
    StateError::Rows(error.into())
}

fn add_rows(
    store: &Store,
    spec: &ChainSpec,
    block: RecoveredBlock,
    rows: &mut TableRows,
    sink: &mut dyn RowSink,
    cancel: &Cancel,
) -> Result<(), StateError> {
    let mut rows = StateRows::new(spec, block, rows).map_err(failed)?;
    let (mut chunk, mut items) = (Vec::new(), 0);
    for_each_account(store, cancel, |address, account, slots| {
        let new = |before, slots| AccountAccess {
            address,
            before,
            after: Some(account),
            is_destroyed: false,
            burned: U256::ZERO,
            slots,
        };
        let mut access = new(None, Vec::new());
        for slot in slots {
            let (slot, value) = slot?;
            access.slots.push(SlotAccess { slot, before: U256::ZERO, after: value, is_loaded: true });
            items += 1;
            if items >= CHUNK_ITEMS {
                // The account itself has its rows then.
                chunk.push(std::mem::replace(&mut access, new(Some(account), Vec::new())));
                rows.add(std::mem::take(&mut chunk), store, sink).map_err(failed)?;
                items = 0;
            }
        }
        chunk.push(access);
        items += 1;
        if items >= CHUNK_ITEMS {
            rows.add(std::mem::take(&mut chunk), store, sink).map_err(failed)?;
            items = 0;
        }
        Ok(())
    })?;
    rows.add(chunk, store, sink).map_err(failed)
}

/// Rows into the segments of the unit.
struct Segments(UnitWriter);

impl RowSink for Segments {
    fn write(&mut self, dataset: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        Ok(self.0.write(dataset, &batch)?)
    }
}
