//! How a run went.

use std::time::Duration;

use blockmill_chain::StageId;
use blockmill_execute::RowsAhead;

use crate::memory::MemoryUse;
use crate::run::driver::StageRun;

/// How a run went.
#[derive(Debug, Clone)]
pub struct RunSummary {
    /// Whether the run was stopped before its end; running again resumes.
    pub interrupted: bool,
    /// The last block whose rows are in the tables.
    pub last_block: Option<u64>,
    /// Wall-clock time of the run.
    pub elapsed: Duration,
    /// Peak resident memory of the process.
    pub peak_rss_bytes: u64,
    /// What each stage did in this run, upstream first.
    pub stages: Vec<StageSummary>,
    /// Time at work of each worker of the trace stage.
    pub workers: Vec<Duration>,
    /// Whether stages worked at the same time.
    pub overlapped: bool,
    /// What each consumer of memory was given and took.
    pub memory: Vec<MemoryUse>,
    /// Rows of the state that were read before a block asked for them.
    pub rows_ahead: RowsAhead,
}

/// What one stage did in a run.
#[derive(Debug, Clone, Copy)]
pub struct StageSummary {
    /// The stage.
    pub id: StageId,
    /// The last block that it has done, in this run or before.
    pub checkpoint: Option<u64>,
    /// Blocks done in this run.
    pub blocks: u64,
    /// Transactions in those blocks.
    pub transactions: u64,
    /// Gas used by them.
    pub gas: u64,
    /// Rows written; 0 for a stage that writes none.
    pub rows: u64,
    /// Bytes written, where the stage counts them.
    pub bytes: u64,
    /// Time in which it was at work; of trace, the sum over its workers, as are the waits.
    pub busy: Duration,
    /// Time in which there was nothing to work on.
    pub waited_for_input: Duration,
    /// Time in which what it made had nowhere to go.
    pub waited_for_room: Duration,
}

impl From<&StageRun> for StageSummary {
    fn from(run: &StageRun) -> Self {
        Self {
            id: run.id,
            checkpoint: run.checkpoint,
            blocks: run.done.blocks,
            transactions: run.done.transactions,
            gas: run.done.gas,
            rows: run.done.rows,
            bytes: run.done.bytes,
            busy: run.busy,
            waited_for_input: run.waited_for_input,
            waited_for_room: run.waited_for_room,
        }
    }
}
