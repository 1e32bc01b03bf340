//! One block from its witness to its rows: replay, check, extract.

use alloy::eips::eip7685::Requests;
use blockmill_chain::{ChainSpec, CodeSource, RecoveredBlock, StateReader, Witness};
use blockmill_execute::{
    BlockState, CodeCache, ExecuteError, Executed, NoObserver, Observer, check_block, execute_block,
};

use crate::error::TraceError;
use crate::frames::{FrameRecorder, FrameSpool};
use crate::sink::{RowSink, SinkError};
use crate::steps::{Both, StepRecorder};
use crate::table_rows::Recordings;
use crate::table_rows::TableRows;
use crate::witness_state::WitnessState;

/// A block whose replay agrees with its header: all that extractors see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TracedBlock<'a> {
    /// The rules of its chain.
    pub(crate) spec: &'a ChainSpec,
    /// The block, and what is known of it besides.
    pub(crate) witness: &'a Witness,
    /// Receipts and gas.
    pub(crate) executed: &'a Executed,
    /// The call frames of all transactions; empty where no chosen dataset needs them.
    pub(crate) frames: &'a FrameSpool,
}

impl<'a> TracedBlock<'a> {
    /// The block.
    pub(crate) fn block(&self) -> &'a RecoveredBlock {
        &self.witness.block
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
    let executed = if witness.block.number() == 0 {
        not_executed()
    } else {
        replay(spec, witness, codes, code_source, rows, sink)?
    };
    check_block(spec, &witness.block, &executed, &witness.reads.transaction_roots)?;
    rows.extract(spec, witness, &executed, sink)?;
    Ok(TraceStats {
        transactions: witness.block.block.body.transactions.len() as u64,
        gas_used: executed.gas_used,
        rows: rows.rows() - before,
    })
}

/// With recorders only where a chosen dataset needs them: they take revm's slower loop.
fn replay<C: CodeSource>(
    spec: &ChainSpec,
    witness: &Witness,
    codes: &CodeCache,
    code_source: &C,
    rows: &mut TableRows,
    sink: &mut dyn RowSink,
) -> Result<Executed, TraceError> {
    let block = &witness.block;
    let reader = WitnessState::new(&witness.reads, code_source);
    let mut state = BlockState::new(reader, codes, spec.is_prague(block.header().timestamp));
    let keeps_precompiles = rows.keeps_precompiles();
    let Recordings { frames, steps } = rows.recordings(sink);
    let frames = frames.map(|spool| FrameRecorder::new(block, keeps_precompiles, spool));
    let steps = steps.map(|(stream, options)| StepRecorder::new(stream, options, block.number()));
    let (executed, frames, steps) = match (frames, steps) {
        (None, None) => (run(spec, block, &mut state, &mut NoObserver {})?, None, None),
        (Some(mut frames), None) => (run(spec, block, &mut state, &mut frames)?, Some(frames), None),
        (None, Some(mut steps)) => (run(spec, block, &mut state, &mut steps)?, None, Some(steps)),
        (Some(frames), Some(steps)) => {
            let mut both = Both(frames, steps);
            (run(spec, block, &mut state, &mut both)?, Some(both.0), Some(both.1))
        }
    };
    let written = steps.map(StepRecorder::finish).transpose().map_err(unwritten(witness))?;
    frames.map(FrameRecorder::finish).transpose()?;
    rows.note_written(written.unwrap_or(0));
    Ok(executed)
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

fn not_executed() -> Executed {
    Executed { receipts: Vec::new(), requests: Requests::default(), gas_used: 0, blob_gas_used: 0 }
}
