//! How much may wait between stages.

use blockmill_spill::ROW_GROUP_ROWS;

/// Bounds of what waits on disk between two stages, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueueLimits {
    /// Blocks that are stored and not executed.
    pub read_ahead_bytes: u64,
    /// Witnesses that are not traced. Retained ones (`--keep-witnesses`) do not count: they do not wait.
    pub witness_bytes: u64,
    /// Units that are sealed and not loaded.
    pub sealed_bytes: u64,
}

impl Default for QueueLimits {
    /// Enough that a stage hardly ever waits for a slow stretch of another, little beside the tables that come of it.
    fn default() -> Self {
        Self { read_ahead_bytes: 256 << 20, witness_bytes: 1 << 30, sealed_bytes: 8 << 30 }
    }
}

/// Rows that are worth a transaction: a commit leaves a short row group in every table, to be written again.
/// Those that load while others work take less, so that little is left to load when the others are done.
pub(super) const ROWS_WORTH_A_LOAD: u64 = 2 * ROW_GROUP_ROWS;
/// Rows of one transaction at most, but for those of its last unit.
pub(super) const ROWS_PER_LOAD: u64 = 8 * ROW_GROUP_ROWS;
/// Segments of one dataset that one statement reads.
pub(super) const UNITS_PER_LOAD: usize = 256;
/// Units that are handed out heaviest first before later ones are looked at, per worker: enough that the last ones of a
/// run are small, few enough that a light one does not wait long and the load with it.
pub(super) const UNITS_PER_ROUND: usize = 4;
/// Blocks whose cost is looked up at a time.
pub(super) const BLOCKS_PER_LOOK: u64 = 5_000;
