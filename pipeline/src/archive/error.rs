//! Why an archive could not be written.

use std::io;
use std::path::{Path, PathBuf};

use blockmill_load::LoadError;
use blockmill_store::StoreError;

use crate::error::RunError;

/// Why an archive could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The operating system refused to read or write a file.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or the folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The store was never filled.
    #[error("the store holds no blocks")]
    NoBlocks,
    /// Blocks with witnesses are no chain.
    #[error("the store holds single blocks, out of witness files: an archive holds blocks in a row")]
    SingleBlocks,
    /// A block is not as its header says.
    #[error(
        "block {block} in the store is damaged: {what}; `blockmill verify --deep` finds all such blocks, a rebuild into a new \
         data directory repairs them"
    )]
    DamagedBlock {
        /// The number of the block.
        block: u64,
        /// What does not fit.
        what: String,
    },
    /// The tables do not give the receipts of a block.
    #[error(
        "block {block}: {what}; no file with its receipts was written. `blockmill verify --deep` finds all such blocks, \
         `blockmill rebuild --tables-only` makes the tables again"
    )]
    WrongReceipts {
        /// The number of the block.
        block: u64,
        /// What is wrong with its rows.
        what: String,
    },
    /// A file in the folder that cannot stay beside the new ones.
    #[error("{} {why}: remove it, or give another folder", .path.display())]
    InTheWay {
        /// The file.
        path: PathBuf,
        /// Why it is in the way.
        why: String,
    },
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tables could not be read.
    #[error(transparent)]
    Tables(Box<RunError>),
}

impl ArchiveError {
    /// Whether blocks or rows do not fit their headers.
    pub(crate) fn is_about_data(&self) -> bool {
        matches!(self, Self::DamagedBlock { .. } | Self::WrongReceipts { .. })
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}

impl From<RunError> for ArchiveError {
    fn from(error: RunError) -> Self {
        Self::Tables(Box::new(error))
    }
}

impl From<LoadError> for ArchiveError {
    fn from(error: LoadError) -> Self {
        RunError::from(error).into()
    }
}
