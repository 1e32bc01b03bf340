//! What can go wrong with a spill.

use std::io;
use std::path::{Path, PathBuf};

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use parquet::errors::ParquetError;

use crate::digest::DigestError;
use crate::unit::FORMAT;

/// Why a unit could not be written, sealed, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum SpillError {
    /// The file system has no room.
    #[error("the disk is full: {path} could not be written. Free some space and run again to resume")]
    DiskFull {
        /// What was being written.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file system refused.
    #[error("cannot {action} {path}: {source}{}", advice(source))]
    Io {
        /// What was tried, as in "cannot …".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// Parquet could not be encoded or decoded.
    #[error("the Parquet of {path} is damaged or could not be made: {source}")]
    Parquet {
        /// The path of the segment.
        path: PathBuf,
        /// The Parquet library's error.
        source: ParquetError,
    },
    /// Rows could not be digested.
    #[error("the rows of blocks {range} cannot be digested: {source}")]
    Digest {
        /// The blocks of the unit.
        range: BlockRange,
        /// What does not fit.
        source: DigestError,
    },
    /// A unit of no blocks.
    #[error("a unit must hold blocks, the range {range} holds none")]
    EmptyRange {
        /// The empty range.
        range: BlockRange,
    },
    /// Rows of a dataset that the unit was not created for.
    #[error("the unit of blocks {range} was created without '{dataset}', so it takes no rows of it")]
    NotInUnit {
        /// The blocks of the unit.
        range: BlockRange,
        /// The dataset of the rows.
        dataset: Dataset,
    },
    /// A batch whose columns are not those of its dataset.
    #[error("a batch for blocks {range} does not have the columns of '{dataset}'")]
    WrongColumns {
        /// The blocks of the unit.
        range: BlockRange,
        /// The dataset of the batch.
        dataset: Dataset,
    },
    /// The unit was sealed before.
    #[error("{path} is already there, and a unit is never replaced: remove it first")]
    UnitExists {
        /// The unit's folder.
        path: PathBuf,
    },
    /// Something else lies among the units.
    #[error("{path} is not a unit (its name is not two block numbers as START-END): move it elsewhere")]
    ForeignName {
        /// The path of the file or folder that is not a unit.
        path: PathBuf,
    },
    /// Two units hold the same block.
    #[error("the units {first} and {second} in {path} overlap: remove one of them")]
    Overlap {
        /// The folder of units.
        path: PathBuf,
        /// The one that starts first.
        first: BlockRange,
        /// The one that starts second.
        second: BlockRange,
    },
    /// The manifest is not what this program writes.
    #[error("{path} is damaged: {reason}. Remove the unit's folder, its rows will be made again")]
    Manifest {
        /// The path of the manifest.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The unit was written by another version.
    #[error("{path} has format {found}, this program reads format {FORMAT}: use the version that wrote it")]
    Format {
        /// The path of the manifest.
        path: PathBuf,
        /// The format number found.
        found: u32,
    },
    /// A segment that the manifest names is not there.
    #[error(
        "{path} is missing, though the manifest names it. Remove the unit's folder, its rows will be made again"
    )]
    SegmentMissing {
        /// The path of the missing segment.
        path: PathBuf,
    },
    /// A segment is not as long as the manifest says.
    #[error(
        "{path} has {found} bytes where the manifest says {expected}. Remove the unit's folder, its rows will be made again"
    )]
    SegmentLength {
        /// The path of the segment.
        path: PathBuf,
        /// Bytes according to the manifest.
        expected: u64,
        /// Bytes of the file.
        found: u64,
    },
    /// A segment's bytes or rows are not those that were written.
    #[error(
        "{path} does not hold the {what} it was written with: digest {found}, the manifest says {expected}. \
         Remove the unit's folder, its rows will be made again"
    )]
    SegmentDigest {
        /// The path of the segment.
        path: PathBuf,
        /// The file's bytes, or its rows.
        what: &'static str,
        /// Digest according to the manifest, in hex.
        expected: String,
        /// Digest of what is there, in hex.
        found: String,
    },
}

impl SpillError {
    /// An I/O error with its coordinates; a full disk is told apart.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            _ => Self::Io { action, path, source },
        }
    }

    /// An error of the codec; where an I/O error lies beneath, that one.
    pub(crate) fn parquet(path: &Path) -> impl FnOnce(ParquetError) -> Self {
        let path = path.to_path_buf();
        move |source| match source {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => Self::io("write or read", &path)(*source),
                Err(inner) => Self::Parquet { path, source: ParquetError::External(inner) },
            },
            source => Self::Parquet { path, source },
        }
    }
}

fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; check that the data folder is yours, on a disk that you may write to"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_disk_full(error: &SpillError) -> bool {
        matches!(error, SpillError::DiskFull { .. }) && error.to_string().contains("Free some space")
    }

    #[test]
    fn a_full_disk_is_told_apart_also_beneath_the_codec() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let path = Path::new("units/logs.parquet");
        assert!(is_disk_full(&SpillError::io("write", path)(full())));
        assert!(is_disk_full(&SpillError::parquet(path)(ParquetError::External(Box::new(full())))));
        let other = SpillError::io("write", path)(io::ErrorKind::PermissionDenied.into());
        assert!(!is_disk_full(&other));
        assert!(other.to_string().starts_with("cannot write units/logs.parquet: "));
    }
}
