//! One block from its witness to its rows: replay, check, extract.

use std::cell::Cell;

use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{ChainSpec, CodeSource, RecoveredBlock, StateReader, Witness};
use blockmill_execute::{
    AccountAccess, BlockPart, BlockState, CodeCache, ExecuteError, Executed, NoObserver, Observer, ReadError,
    check_block, execute_block,
};

use crate::dao_fork;
use crate::error::TraceError;
use crate::frames::{FrameRecorder, FrameSpool};
use crate::sink::{RowSink, SinkError};
use crate::steps::{Both, StepRecorder, TraceId};
use crate::table_rows::Recordings;
use crate::table_rows::TableRows;
use crate::witness_state::WitnessState;

/// A block whose replay agrees with its header: all that extractors see.
#[derive(Clone, Copy)]
pub(crate) struct TracedBlock<'a> {
    /// The rules of its chain.
    pub(crate) spec: &'a ChainSpec,
    /// The block, and what is known of it besides.
    pub(crate) witness: &'a Witness,
    /// Receipts and gas, as the replay gives them.
    pub(crate) executed: &'a Executed,
    /// The call frames of all transactions; empty where no chosen dataset needs them.
    pub(crate) frames: &'a FrameSpool,
    /// What the parts of the block read and changed; empty where no chosen dataset needs it.
    pub(crate) parts: &'a [BlockPart],
    /// How many changes of the block have their rows.
    pub(crate) changes: &'a Changes,
    /// Finds code that an account of the block has or had.
    pub(crate) codes: &'a dyn Fn(B256) -> Result<Bytes, ReadError>,
}

/// The changes of a block that have their rows, in each table of diffs.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) balances: Counter,
    pub(crate) nonces: Counter,
    pub(crate) codes: Counter,
    pub(crate) slots: Counter,
}

/// Counts from 0 on.
#[derive(Debug, Default)]
pub(crate) struct Counter(Cell<u32>);

impl Counter {
    /// The number of one more.
    pub(crate) fn next(&self) -> u32 {
        self.0.replace(self.0.get().saturating_add(1))
    }
}

impl<'a> TracedBlock<'a> {
    /// The block with its senders.
    pub(crate) fn block(&self) -> &'a RecoveredBlock {
        &self.witness.block
    }

    /// What was read and changed, account by account in the order of the block, each with the transaction that did it.
    pub(crate) fn accesses(&self) -> impl Iterator<Item = (Option<u32>, &'a AccountAccess)> + use<'a> {
        self.parts.iter().flat_map(|part| part.accounts.iter().map(|account| (part.transaction, account)))
    }

    /// What was read: genesis reads nothing.
    pub(crate) fn reads(&self) -> impl Iterator<Item = (Option<u32>, &'a AccountAccess)> + use<'a> {
        let is_executed = self.block().number() != 0;
        self.accesses().filter(move |_| is_executed)
    }

    /// The balances that genesis gives; none in other blocks.
    pub(crate) fn genesis_balances(&self) -> impl Iterator<Item = (Address, U256)> + use<'a> {
        let is_genesis = self.block().number() == 0;
        let accounts = self.witness.reads.accounts.iter().filter(move |_| is_genesis);
        let balances = accounts.filter_map(|written| Some((written.address, written.account?.balance)));
        balances.filter(|(_, balance)| !balance.is_zero())
    }

    /// Code by its hash.
    pub(crate) fn code_of(&self, hash: B256) -> Result<Bytes, TraceError> {
        let block = self.block().number();
        (self.codes)(hash).map_err(|source| ExecuteError::Read { block, source }.into())
    }
}

/// What tracing a block took and gave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TraceStats {
    /// Transactions in the block.
    pub transactions: u64,
    /// Gas used by the block.
    pub gas_used: u64,
    /// Rows of all datasets together.
    pub rows: u64,
}

/// Replays a witness, checks the result against the block's header and adds its rows to `rows`, which empties what is
/// full into `sink`. Genesis is not executed; it has rows all the same.
///
/// After an error `rows` and what the sink has taken are to be dropped: the sink may have some of the block's rows. Where
/// the block does not verify, it has none but those of datasets that stream while the block runs.
pub fn trace_block<C: CodeSource>(
    spec: &ChainSpec,
    witness: &Witness,
    codes: &CodeCache,
    code_source: &C,
    rows: &mut TableRows,
    sink: &mut dyn RowSink,
) -> Result<TraceStats, TraceError> {
    let before = rows.rows();
    let block = &witness.block;
    let reader = WitnessState::new(&witness.reads, code_source);
    let mut state = BlockState::new(reader, codes, spec.is_prague(block.header().timestamp));
    if rows.needs_parts() {
        state.record_parts();
    }
    let is_genesis = block.number() == 0;
    let executed = if is_genesis {
        rows.forget_frames(block.number())?;
        Executed::default()
    } else {
        replay(spec, witness, &mut state, rows, sink)?
    };
    check_block(spec, block, &executed, &witness.reads.transaction_roots)?;
    let mut parts = if is_genesis && rows.needs_parts() { genesis(witness) } else { state.take_parts() };
    if !block.knows_ommers() {
        // Rewards depend on them: what was paid in the replay need not be what was paid.
        parts.retain(|part| part.transaction.is_some());
    }
    rows.extract(spec, witness, &executed, &parts, &|hash| state.code(hash), sink)?;
    Ok(TraceStats {
        transactions: block.block.body.transactions.len() as u64,
        gas_used: executed.gas_used,
        rows: rows.rows() - before,
    })
}

/// What genesis makes, as if it were a part of a block.
fn genesis(witness: &Witness) -> Vec<BlockPart> {
    let accounts = witness.reads.accounts.iter().map(AccountAccess::genesis).collect();
    vec![BlockPart { accounts, ..BlockPart::default() }]
}

/// Replays the block, with recorders only where a chosen dataset needs them: they take revm's slower loop.
fn replay<R: StateReader + CodeSource>(
    spec: &ChainSpec,
    witness: &Witness,
    state: &mut BlockState<'_, R>,
    rows: &mut TableRows,
    sink: &mut dyn RowSink,
) -> Result<Executed, TraceError> {
    let block = &witness.block;
    let keeps_precompiles = rows.keeps_precompiles();
    let Recordings { frames, steps } = rows.recordings(sink);
    let frames = frames.map(|spool| FrameRecorder::new(block, keeps_precompiles, spool));
    let steps = steps.map(|(stream, options)| StepRecorder::new(stream, options, first_frame(spec, witness)));
    let (executed, frames, steps) = match (frames, steps) {
        (None, None) => (run(spec, block, state, &mut NoObserver {})?, None, None),
        (Some(mut frames), None) => (run(spec, block, state, &mut frames)?, Some(frames), None),
        (None, Some(mut steps)) => (run(spec, block, state, &mut steps)?, None, Some(steps)),
        (Some(frames), Some(steps)) => {
            let mut both = Both(frames, steps);
            (run(spec, block, state, &mut both)?, Some(both.0), Some(both.1))
        }
    };
    let written = steps.map(StepRecorder::finish).transpose().map_err(unwritten(witness))?;
    frames.map(FrameRecorder::finish).transpose()?;
    rows.note_written(written.unwrap_or(0));
    Ok(executed)
}

/// Where the call frames of a block begin in `traces`: after what the DAO fork moved.
fn first_frame(spec: &ChainSpec, witness: &Witness) -> TraceId {
    let trace_index = dao_fork::drained(spec, witness).count() as u32;
    TraceId { block_number: witness.block.number(), trace_index }
}

fn run<'e, 's, R, O>(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    state: &'e mut BlockState<'s, R>,
    observer: &'e mut O,
) -> Result<Executed, ExecuteError>
where
    R: StateReader + CodeSource,
    O: Observer<&'e mut BlockState<'s, R>>,
{
    execute_block(spec, block, state, observer, |_: &mut BlockState<'_, _>| Ok(()))
}

fn unwritten(witness: &Witness) -> impl FnOnce(SinkError) -> TraceError {
    let block = witness.block.number();
    move |source| TraceError::Sink { block, source }
}
