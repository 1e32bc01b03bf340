//! What a stage is: something that takes a range of blocks a bounded step further and knows how far it got.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::BlockRange;

/// The stages, in the order of the data's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StageId {
    /// Chain files into the store, verified on the way.
    Source,
    /// Verified execution; records witnesses.
    Execute,
    /// Witness replay into sealed spill units.
    Trace,
    /// Sealed units into DuckDB.
    Load,
}

impl StageId {
    /// All of them, upstream first.
    pub const ALL: [Self; 4] = [Self::Source, Self::Execute, Self::Trace, Self::Load];

    /// The name people see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Execute => "execute",
            Self::Trace => "trace",
            Self::Load => "load",
        }
    }
}

impl fmt::Display for StageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One step of the pipeline. Stages may work at the same time, each on a thread of its own.
pub trait Stage: Send {
    /// The stage that this is.
    fn id(&self) -> StageId;

    /// The last block whose output is durable, read from the output itself; `None` before the first.
    fn checkpoint(&self) -> Result<Option<u64>, StageError>;

    /// Works on `range`, which starts right after the checkpoint, until a limit is reached, the run is
    /// cancelled or the range is done. Rows and checkpoint become durable in the same write. Returns the
    /// bytes that it stored for the next stage: the queue between both is bounded by them.
    fn execute(&mut self, range: BlockRange, cx: &Context<'_>) -> Result<u64, StageError>;
}

/// What a stage is given with its range.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// When to stop by itself.
    pub limits: SliceLimits,
    /// Set when the user asked to stop.
    pub cancel: &'a Cancel,
    /// Is told how the work goes.
    pub monitor: &'a dyn Monitor,
}

/// Every reason to end a slice of work, in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceLimits {
    /// Number of blocks.
    pub blocks: u64,
    /// Gas used by them.
    pub gas: u64,
    /// Bytes held in memory until the slice is written.
    pub bytes: usize,
    /// Wall-clock time.
    pub time: Duration,
}

impl SliceLimits {
    /// The limits of one of so many parts, at least a block.
    pub fn part(self, parts: u32) -> Self {
        Self {
            blocks: (self.blocks / u64::from(parts)).max(1),
            gas: self.gas / u64::from(parts),
            bytes: self.bytes / parts as usize,
            time: self.time / parts,
        }
    }
}

/// Counts a slice against its limits.
#[derive(Debug)]
pub struct SliceMeter {
    limits: SliceLimits,
    started: Instant,
    blocks: u64,
    gas: u64,
    bytes: usize,
}

impl SliceMeter {
    /// An empty slice under `limits`; its time starts now.
    pub fn new(limits: SliceLimits) -> Self {
        Self { limits, started: Instant::now(), blocks: 0, gas: 0, bytes: 0 }
    }

    /// One more block, and what the slice holds with it.
    pub fn add(&mut self, gas: u64, bytes: usize) {
        self.blocks += 1;
        self.gas += gas;
        self.bytes += bytes;
    }

    /// Bytes that the slice holds.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the slice should be written now.
    pub fn is_full(&self) -> bool {
        self.blocks >= self.limits.blocks
            || self.gas >= self.limits.gas
            || self.bytes >= self.limits.bytes
            || self.started.elapsed() >= self.limits.time
    }
}

/// A request to stop, seen at the next block.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Asks for a stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a stage has just done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last block that this work covers.
    pub last_block: u64,
    /// Blocks done since the last report.
    pub blocks: u64,
    /// Transactions in those blocks.
    pub transactions: u64,
    /// Gas used by them.
    pub gas: u64,
    /// Rows written, where the stage writes rows.
    pub rows: u64,
    /// Bytes written, where the stage knows.
    pub bytes: u64,
}

/// Receives how the work goes. The library reports, the edge prints.
pub trait Monitor: Send + Sync {
    /// A stage is about to work towards the end of `range`.
    fn started(&self, stage: StageId, range: BlockRange);

    /// A stage got further.
    fn advanced(&self, stage: StageId, progress: Progress);

    /// Something worth a line, not an error.
    fn note(&self, stage: StageId, message: &str);
}

/// What kind of failure ends a stage; the edge turns it into an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The chain data did not verify: nothing of the block was published.
    NotVerified,
    /// Anything else: I/O, damage, a full disk, bad settings.
    Failed,
}

/// Why a stage stopped.
#[derive(Debug, thiserror::Error)]
#[error("{stage}: {source}")]
pub struct StageError {
    /// The stage that stopped.
    pub stage: StageId,
    /// What kind of failure.
    pub failure: Failure,
    /// The stage's own error, with its coordinates.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl StageError {
    /// An error that is not the data's fault.
    pub fn failed(stage: StageId, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { stage, failure: Failure::Failed, source: source.into() }
    }

    /// The chain data is wrong.
    pub fn not_verified(stage: StageId, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { stage, failure: Failure::NotVerified, source: source.into() }
    }
}
