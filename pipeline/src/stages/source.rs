//! Chain files into the store.

use crate::flow::kept_blocks::KeptBlocks;
use crate::memory::{Budget, Ledger, Owner, Share};
use blockmill_chain::{
    Absence, Ancestry, BlockRange, ChainSpec, Context, Progress, SliceMeter, Stage, StageError, StageId,
    Witness, WitnessReads,
};
use blockmill_source::{ReadLimit, Source, SourcedBlock};
use blockmill_store::{Batch, Store, StoreError, StoredBlock};
use blockmill_trace::settle_empty_accounts;

use alloy::primitives::keccak256;

/// Reads, checks and stores blocks; witnesses too, where the source brings them.
pub(crate) struct SourceStage<'a> {
    store: &'a Store,
    spec: &'a ChainSpec,
    source: Option<Source>,
    kept: &'a KeptBlocks<'a>,
    batch_bytes: usize,
    memory: Share<'a>,
}

/// Blocks read at a time at most, so that a stop is seen soon.
const BATCH_BLOCKS: usize = 1_024;

/// Bytes of a file read at a time at most: some tenths of a second of recovering senders, so that the execution can begin
/// soon, and enough blocks for many cores.
const BATCH_BYTES: usize = 4 << 20;

/// Bytes of memory per byte in a file, measured: the decoded block takes about two and a half times as much, and so does
/// its place in the write.
const READ_BYTES_IN_MEMORY: usize = 5;

impl<'a> SourceStage<'a> {
    /// A stage that adds what `source` has to what is stored; without a source it adds nothing.
    pub(crate) fn new(
        store: &'a Store,
        spec: &'a ChainSpec,
        source: Option<Source>,
        kept: &'a KeptBlocks<'a>,
        ledger: &'a Ledger,
    ) -> Self {
        let memory = ledger.gauge(Owner::Blocks).share();
        let batch_bytes = batch_bytes(ledger.budget());
        Self { store, spec, source, kept, batch_bytes, memory }
    }

    /// What a block that starts the range must follow: the blocks before it, as far as they are stored.
    fn ancestry_of(&self, number: u64) -> Result<Ancestry, StoreError> {
        let mut ancestry = Ancestry::unknown();
        for ancestor in number.saturating_sub(Ancestry::DEPTH)..number {
            match self.store.block(ancestor)? {
                Some(stored) => ancestry.push(&stored.block, stored.total_difficulty),
                // What lies before a gap is not what it is about.
                None => ancestry = Ancestry::unknown(),
            }
        }
        Ok(ancestry)
    }
}

impl Stage for SourceStage<'_> {
    fn id(&self) -> StageId {
        StageId::Source
    }

    fn checkpoint(&self) -> Result<Option<u64>, StageError> {
        self.store.source_checkpoint().map_err(failed)
    }

    fn execute(&mut self, range: BlockRange, cx: &Context<'_>) -> Result<u64, StageError> {
        let mut ancestry = self.ancestry_of(range.start).map_err(failed)?;
        let Some(source) = &mut self.source else { return Ok(0) };
        let mut meter = SliceMeter::new(cx.limits);
        let (mut next, mut stored_bytes) = (range.start, 0);
        while next < range.end && !meter.is_full() && !cx.cancel.is_cancelled() {
            let blocks = BATCH_BLOCKS.min((range.end - next).try_into().unwrap_or(usize::MAX));
            let read = source.read(next, &ancestry, ReadLimit { blocks, bytes: self.batch_bytes });
            let mut sourced = read.map_err(refused)?;
            sourced.retain(|block| block.block.number() < range.end);
            let Some(last) = sourced.last() else { break };
            next = last.block.number() + 1;
            sourced.iter().for_each(|block| ancestry.push(&block.block, block.total_difficulty));
            self.memory.set(2 * sourced.iter().map(|block| block.block.bytes()).sum::<usize>());
            let (progress, stored) = write(self.store, self.spec, sourced).map_err(failed)?;
            stored.into_iter().for_each(|block| self.kept.put(block));
            self.memory.set(0);
            meter.add(progress.gas, progress.bytes as usize);
            stored_bytes += progress.bytes;
            cx.monitor.advanced(StageId::Source, progress);
        }
        Ok(stored_bytes)
    }
}

/// Bytes of a file that are read at a time: what is read is held decoded, then encoded in a write as well.
pub(crate) fn batch_bytes(budget: &Budget) -> usize {
    BATCH_BYTES.min(budget.source_batch / READ_BYTES_IN_MEMORY)
}

/// Blocks for the stages that follow, in what reading leaves of the source's part.
pub(crate) fn kept_blocks(ledger: &Ledger, traced_from: u64) -> KeptBlocks<'_> {
    let budget = ledger.budget();
    let limit_bytes = budget.source_batch.saturating_sub(batch_bytes(budget) * READ_BYTES_IN_MEMORY);
    KeptBlocks::new(limit_bytes, traced_from, ledger.gauge(Owner::Blocks))
}

/// Stores a batch with its checkpoint in one write, and gives the blocks back as they are stored.
fn write(
    store: &Store,
    spec: &ChainSpec,
    sourced: Vec<SourcedBlock>,
) -> Result<(Progress, Vec<StoredBlock>), StoreError> {
    let mut batch = store.batch();
    let mut progress = Progress::default();
    let mut stored = Vec::with_capacity(sourced.len());
    for block in sourced {
        let body = &block.block.block;
        progress.last_block = body.header.number;
        progress.blocks += 1;
        progress.transactions += body.body.transactions.len() as u64;
        progress.gas += body.header.gas_used;
        stored.push(put_sourced(&mut batch, spec, block)?);
    }
    progress.bytes = batch.bytes() as u64;
    batch.set_source_checkpoint(progress.last_block);
    batch.commit_synced()?;
    Ok((progress, stored))
}

/// Adds a block, with all that came with it, to a write; gives it back as it is stored.
pub(crate) fn put_sourced(
    batch: &mut Batch<'_>,
    spec: &ChainSpec,
    mut sourced: SourcedBlock,
) -> Result<StoredBlock, StoreError> {
    let number = sourced.block.number();
    if let Some(witness) = sourced.witness {
        for code in &witness.codes {
            batch.put_code(keccak256(code), code);
        }
        let reads = WitnessReads {
            absence: Absence::MeansNonexistent,
            accounts: witness.accounts,
            creation_checks: Vec::new(),
            block_hashes: witness.block_hashes,
            transaction_roots: sourced.transaction_roots.clone(),
            total_difficulty: sourced.total_difficulty,
        };
        let mut settled = Witness { block: sourced.block, reads };
        settle_empty_accounts(spec, &mut settled, &witness.codes);
        batch.put_witness(number, &settled.reads);
        sourced.block = settled.block;
    }
    let stored = StoredBlock {
        block: sourced.block,
        total_difficulty: sourced.total_difficulty,
        transaction_roots: sourced.transaction_roots,
    };
    batch.put_block(&stored)?;
    if let Some(list) = &sourced.access_list {
        batch.put_access_list(number, list);
    }
    Ok(stored)
}

fn failed(error: StoreError) -> StageError {
    StageError::failed(StageId::Source, error)
}

fn refused(error: blockmill_source::SourceError) -> StageError {
    match error.is_verification() {
        true => StageError::not_verified(StageId::Source, error),
        false => StageError::failed(StageId::Source, error),
    }
}
