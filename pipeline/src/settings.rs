//! What a run is asked to do, checked and typed.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use blockmill_chain::{KnownChain, RangeRequest};
use blockmill_schemas::Dataset;

use crate::flow::QueueLimits;
use crate::run::units::UnitLimits;

/// The chain that is rebuilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainChoice {
    /// One that is known by name.
    Known(KnownChain),
    /// The one that this geth genesis file (`.json` or `.json.gz`) describes.
    GenesisFile(PathBuf),
}

/// How often the state root is checked. Nothing is written before the root that it leads to is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootInterval {
    /// Once per write, every few seconds.
    Slice,
    /// After every so many blocks (by block number) too.
    Blocks(u64),
}

impl RootInterval {
    /// Whether the root after this block is to be checked, whatever is written when.
    pub fn includes(self, number: u64) -> bool {
        match self {
            Self::Slice => false,
            Self::Blocks(interval) => number.is_multiple_of(interval.max(1)),
        }
    }
}

/// A state to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChoice {
    /// A dump of it by another client, plain or gzipped.
    pub file: PathBuf,
    /// The block that it is as of.
    pub block: u64,
}

/// The settings of `rebuild`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The chain that is rebuilt.
    pub chain: ChainChoice,
    /// A genesis file of the chain known by name, instead of the one that is built in.
    pub genesis: Option<PathBuf>,
    /// Chain files and folders of them.
    pub sources: Vec<PathBuf>,
    /// A state to start from, instead of genesis.
    pub state: Option<StateChoice>,
    /// Verify every file against the list of checksums beside it before it is used.
    pub checksums: bool,
    /// Where the store and the spill live.
    pub data_dir: PathBuf,
    /// The path of the DuckDB file.
    pub out: PathBuf,
    /// Blocks whose rows are wanted.
    pub range: RangeRequest,
    /// Tables that are wanted.
    pub datasets: Vec<Dataset>,
    /// Memory of the whole process.
    pub memory: ByteSize,
    /// Number of worker threads.
    pub threads: usize,
    /// How often the state root is checked.
    pub root_interval: RootInterval,
    /// Make the tables again out of the store, without a source.
    pub tables_only: bool,
    /// Compute the state trie anew before anything else.
    pub rebuild_trie: bool,
    /// Keep witnesses after their blocks have been traced.
    pub keep_witnesses: bool,
    /// Keep calls to precompiles in `traces`.
    pub precompiles: bool,
    /// Put the stack into the rows of `opcodes`.
    pub opcode_stack: bool,
    /// How the blocks are split into units of rows.
    pub units: UnitLimits,
    /// How much waits between stages.
    pub queues: QueueLimits,
    /// How much source and execute do before they write.
    pub slices: SliceSize,
}

/// When a slice of source or execute ends at the latest, so that checkpoints come often enough. Bytes are the budget's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceSize {
    /// Most blocks of a slice.
    pub blocks: u64,
    /// Gas used by them.
    pub gas: u64,
    /// Most wall-clock time of a slice.
    pub time: Duration,
}

impl Default for SliceSize {
    fn default() -> Self {
        Self { blocks: 10_000, gas: 500_000_000, time: Duration::from_secs(5) }
    }
}

/// A number of bytes, written as `512MiB`, `4GiB` or `4GB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// A size that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a size: write a number with KiB, MiB, GiB, KB, MB or GB (4GiB, 512MiB)")]
pub struct ParseByteSizeError(String);

/// Suffixes with their factors, longest first.
const UNITS: [(&str, u64); 7] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("b", 1),
];

impl FromStr for ByteSize {
    type Err = ParseByteSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || ParseByteSizeError(text.into());
        let lower = text.trim().to_ascii_lowercase();
        let (number, factor) = UNITS
            .iter()
            .find_map(|(suffix, factor)| Some((lower.strip_suffix(suffix)?, *factor)))
            .unwrap_or((&lower, 1));
        let value: u64 = number.trim().parse().map_err(|_| bad())?;
        value.checked_mul(factor).map(Self).ok_or_else(bad)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = match self.0 {
            bytes if bytes >= 1 << 30 => ("GiB", 1u64 << 30),
            bytes if bytes >= 1 << 20 => ("MiB", 1 << 20),
            bytes if bytes >= 1 << 10 => ("KiB", 1 << 10),
            bytes => return write!(f, "{bytes} B"),
        };
        let value = self.0 as f64 / factor as f64;
        if self.0.is_multiple_of(factor) {
            write!(f, "{value:.0} {unit}")
        } else {
            write!(f, "{value:.1} {unit}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_and_print_as_people_write_them() {
        let size = |text: &str| text.parse::<ByteSize>().map(|s| s.0);
        assert_eq!(size("4GiB"), Ok(4 << 30));
        assert_eq!(size("512 MiB"), Ok(512 << 20));
        assert_eq!(size("1GB"), Ok(1_000_000_000));
        assert_eq!(size("100"), Ok(100));
        assert!(size("much").is_err());
        assert!(size("99999999999GiB").is_err());
        assert_eq!(ByteSize(4 << 30).to_string(), "4 GiB");
        assert_eq!(ByteSize(1_500_000).to_string(), "1.4 MiB");
    }

    #[test]
    fn roots_are_checked_at_multiples_of_the_interval() {
        assert!(RootInterval::Blocks(1).includes(7));
        assert!(RootInterval::Blocks(5).includes(10) && !RootInterval::Blocks(5).includes(11));
        assert!(!RootInterval::Slice.includes(0));
    }
}
