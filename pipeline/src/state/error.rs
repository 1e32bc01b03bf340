//! Why a state could not be loaded or written.

use std::io;
use std::path::{Path, PathBuf};

use alloy::primitives::B256;
use blockmill_chain::BlockRange;
use blockmill_source::{DumpError, SourceError};
use blockmill_store::StoreError;
use blockmill_trie::RebuildError;

use crate::error::ExitCode;

/// Why a state could not be loaded or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The source lacks blocks that the first executed one needs.
    #[error(
        "blocks {missing} are missing in the source: after a state of block {block} execution needs blocks {needed} (for \
         BLOCKHASH and ommers); give the files that hold them"
    )]
    MissingBlocks {
        /// The block of the state.
        block: u64,
        /// The blocks that are needed.
        needed: BlockRange,
        /// Those that are missing.
        missing: BlockRange,
    },
    /// The merge of this chain goes by a total difficulty, which the source does not give.
    #[error(
        "the total difficulty of block {block} is not known, and this chain goes by it: give archives (.era1, .ere) of the \
         blocks before it, which have it under their accumulators"
    )]
    NoTotalDifficulty {
        /// The block of the state.
        block: u64,
    },
    /// The dump is of another block.
    #[error(
        "{}: the dump says that its state has the root {}, block {block} has {}: it is of another block or chain",
        .file.display(), .roots.actual, .roots.expected
    )]
    OtherRoot {
        /// The dump.
        file: PathBuf,
        /// The block of the state.
        block: u64,
        /// The root in the block's header, and the one that the dump names.
        roots: Box<Roots>,
    },
    /// The accounts and slots do not give the root.
    #[error(
        "{}: its {accounts} accounts and {slots} slots give the state root {}, block {block} has {}: some are \
         missing, altered or too many; nothing was executed{}",
        .file.display(), .roots.actual, .roots.expected, list(.samples)
    )]
    WrongRoot {
        /// The dump.
        file: PathBuf,
        /// The block of the state.
        block: u64,
        /// The root in the block's header, and the one of what was loaded.
        roots: Box<Roots>,
        /// Accounts that were loaded.
        accounts: u64,
        /// Slots that were loaded.
        slots: u64,
        /// Accounts whose slots have another root than the dump says, in words.
        samples: Vec<String>,
    },
    /// Accounts or slots come several times.
    #[error(
        "{}: it has {listed} accounts and slots, of which {distinct} are different ones (state root {}, block {block} has \
         {}): some come twice; nothing was executed",
        .file.display(), .roots.actual, .roots.expected
    )]
    Doubled {
        /// The dump.
        file: PathBuf,
        /// The block of the state.
        block: u64,
        /// Accounts and slots in the dump.
        listed: u64,
        /// Those that are different.
        distinct: u64,
        /// The root in the block's header, and the one of what was loaded.
        roots: Box<Roots>,
    },
    /// The chain in the data directory starts elsewhere.
    #[error(
        "{} holds a chain that starts {}, not from a state of block {wanted}: choose another --data-dir",
        .path.display(), if *held == 0 { "at genesis".to_owned() } else { format!("from a state of block {held}") }
    )]
    OtherStart {
        /// The data directory.
        path: PathBuf,
        /// The block that its chain starts from.
        held: u64,
        /// The block of the state that was asked for.
        wanted: u64,
    },
    /// Something before the loaded state is asked for.
    #[error(
        "{what} before block {block} is not known: the chain starts from a state of that block, and nothing leads back from it"
    )]
    BeforeState {
        /// What was asked for, in words.
        what: &'static str,
        /// The block of the state.
        block: u64,
    },
    /// The user asked to stop.
    #[error("interrupted while the state was loaded: nothing of it is kept, the same command begins anew")]
    Interrupted,
    /// No block was executed, so that there is no state.
    #[error("the store holds no state: no block was executed")]
    NoState,
    /// The state in the store is not that of its last executed block.
    #[error("the store's accounts and slots cannot be read as one state: {what}")]
    Unreadable {
        /// What does not fit.
        what: String,
    },
    /// The operating system refused to read or write a file.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or the folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The dump could not be read.
    #[error(transparent)]
    Dump(#[from] SourceError),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tries could not be computed.
    #[error(transparent)]
    Trie(#[from] RebuildError),
    /// The rows of the state could not be made.
    #[error("the rows of the state: {0}")]
    Rows(Box<dyn std::error::Error + Send + Sync>),
}

/// Two state roots that are not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roots {
    /// What it must be.
    pub expected: B256,
    /// What it is.
    pub actual: B256,
}

fn list(samples: &[String]) -> String {
    if samples.is_empty() { String::new() } else { format!(". {}", samples.join("; ")) }
}

impl StateError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }

    /// The exit code for this error.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Interrupted => ExitCode::Interrupted,
            Self::BeforeState { .. } => ExitCode::Usage,
            Self::OtherRoot { .. } | Self::WrongRoot { .. } | Self::Doubled { .. } => ExitCode::NotVerified,
            Self::Dump(error) if error.is_verification() => ExitCode::NotVerified,
            _ => ExitCode::Failed,
        }
    }
}

impl From<DumpError> for StateError {
    fn from(error: DumpError) -> Self {
        match error {
            DumpError::File(error) => error.into(),
            DumpError::Refused(refused) => match refused.downcast::<Self>() {
                Ok(error) => *error,
                Err(other) => Self::Rows(other),
            },
        }
    }
}
