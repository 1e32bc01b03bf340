//! Blocks that the source has stored, decoded as they are: the stages that follow it decode them from the store only where they are
//! too far behind it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use blockmill_chain::unpoisoned;
use blockmill_store::StoredBlock;

use crate::memory::Gauge;

/// Blocks within a budget of bytes. When it is used up, later blocks are not kept until some of these are taken: those here
/// are wanted first.
pub(crate) struct KeptBlocks<'a> {
    limit_bytes: usize,
    traced_from: u64,
    kept: Mutex<Kept>,
    gauge: &'a Gauge,
}

#[derive(Default)]
struct Kept {
    /// By number, each with its bytes: to add them up takes a walk through its transactions.
    blocks: BTreeMap<u64, (Arc<StoredBlock>, usize)>,
    bytes: usize,
}

impl<'a> KeptBlocks<'a> {
    /// Keeps up to `limit_bytes`, which are in the gauge. Blocks before `traced_from` are executed only.
    pub(crate) fn new(limit_bytes: usize, traced_from: u64, gauge: &'a Gauge) -> Self {
        Self { limit_bytes, traced_from, kept: Mutex::default(), gauge }
    }

    /// Keeps a block that is stored, where there is room.
    pub(crate) fn put(&self, block: StoredBlock) {
        let bytes = block.block.bytes();
        let mut kept = self.lock();
        if kept.bytes + bytes <= self.limit_bytes {
            kept.bytes += bytes;
            self.gauge.add(bytes as u64);
            kept.blocks.insert(block.block.number(), (Arc::new(block), bytes));
        }
    }

    /// The block, before its execution.
    pub(crate) fn get(&self, number: u64) -> Option<Arc<StoredBlock>> {
        self.lock().blocks.get(&number).map(|(block, _)| Arc::clone(block))
    }

    /// The block for its execution.
    pub(crate) fn to_execute(&self, number: u64) -> Option<Arc<StoredBlock>> {
        match number < self.traced_from {
            true => self.take(number),
            false => self.get(number),
        }
    }

    /// The block for its last reader.
    pub(crate) fn take(&self, number: u64) -> Option<Arc<StoredBlock>> {
        let mut kept = self.lock();
        let (block, bytes) = kept.blocks.remove(&number)?;
        kept.bytes -= bytes;
        self.gauge.subtract(bytes as u64);
        Some(block)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        unpoisoned(self.kept.lock())
    }
}

#[cfg(test)]
mod tests {
    use blockmill_chain::{Block, RecoveredBlock};

    use super::*;
    use crate::memory::{Budget, Ledger, Owner};
    use crate::settings::ByteSize;

    fn block(number: u64) -> StoredBlock {
        let mut block = Block::default();
        block.header.number = number;
        let block = RecoveredBlock { hash: Default::default(), block, senders: Vec::new() };
        StoredBlock { block, total_difficulty: None, transaction_roots: Vec::new() }
    }

    #[test]
    fn the_first_blocks_stay_until_they_are_taken_and_all_is_within_the_budget() {
        let ledger = Ledger::new(Budget::split(ByteSize(1 << 30), 1).unwrap());
        let gauge = ledger.gauge(Owner::Blocks);
        let bytes = block(0).block.bytes();
        let kept = KeptBlocks::new(2 * bytes + bytes / 2, 6, gauge);
        (5..9).for_each(|number| kept.put(block(number)));
        assert_eq!(gauge.peak(), 2 * bytes as u64);
        assert_eq!([6, 7].map(|number| kept.to_execute(number).is_some()), [true, false]);
        assert_eq!(*kept.to_execute(5).unwrap(), block(5));
        assert!(kept.take(5).is_none(), "it is not traced");
        kept.put(block(9));
        assert_eq!([6, 9].map(|number| kept.take(number).is_some()), [true, true]);
        assert_eq!(gauge.peak(), 2 * bytes as u64);
    }
}
