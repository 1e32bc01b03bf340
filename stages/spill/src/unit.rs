//! What a unit is.

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;

/// The number of the format that this program writes and reads; `schemas/spill.md` describes it.
pub const FORMAT: u32 = 1;

/// The rows of a block range, one segment per dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The blocks of the unit.
    pub range: BlockRange,
    /// A segment for each dataset, also for one without rows, in the datasets' order.
    pub segments: Vec<Segment>,
    /// Format number of the files.
    pub format: u32,
    /// Version of the program that made the rows.
    pub program_version: String,
}

/// The rows of one dataset in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The dataset of the rows.
    pub dataset: Dataset,
    /// The Parquet file inside the unit's folder. There is none where `rows` is 0.
    pub file_name: String,
    /// Number of rows.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Digest of the rows ([`TableDigest`](crate::TableDigest)).
    pub digest: [u8; 32],
    /// BLAKE3 of the file's bytes. Unlike `digest` it depends on how the rows came in batches.
    pub file_digest: [u8; 32],
}

impl Unit {
    /// The segment of a dataset, where the unit holds it.
    pub fn segment(&self, dataset: Dataset) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.dataset == dataset)
    }

    /// Rows of all segments.
    pub fn rows(&self) -> u64 {
        self.segments.iter().map(|segment| segment.rows).sum()
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }
}
