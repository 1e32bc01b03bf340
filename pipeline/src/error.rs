//! Why a run stopped, and the exit code that says so.

use std::path::PathBuf;

use blockmill_chain::{Failure, ForkError, StageError};
use blockmill_load::LoadError;
use blockmill_source::SourceError;
use blockmill_spill::SpillError;
use blockmill_store::StoreError;
use blockmill_trie::{RebuildError, TrieError};

use crate::memory::BudgetError;
use crate::state::StateError;

/// What the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The command did what was asked.
    Done = 0,
    /// Any other failure.
    Failed = 1,
    /// The command line or the settings make no sense.
    Usage = 2,
    /// The chain data did not verify.
    NotVerified = 3,
    /// Interrupted; run again to resume.
    Interrupted = 130,
}

/// Why a run did not end well.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A stage stopped with an error.
    #[error("{0}")]
    Stage(#[from] StageError),
    /// A file could not be read or does not verify, before a stage ran.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// The store could not be opened, read or written.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The spill could not be opened.
    #[error("{0}")]
    Spill(#[from] SpillError),
    /// The DuckDB file could not be opened, read or written.
    #[error("{0}")]
    Load(#[source] Box<LoadError>),
    /// Rows cannot be told apart by their blocks.
    #[error("a row of {table} cannot be read: {what}")]
    Unreadable {
        /// The name of the table.
        table: &'static str,
        /// The values that were found.
        what: String,
    },
    /// A state could not be loaded or written, or something before it was asked for.
    #[error(transparent)]
    State(Box<StateError>),
    /// An archive could not be written.
    #[error(transparent)]
    Archive(#[from] crate::archive::ArchiveError),
    /// The state that a contract was asked on could not be read.
    #[error("asking the contract {address:#x}: {source}")]
    Token {
        /// The address of the contract.
        address: alloy::primitives::Address,
        /// The read that failed.
        source: blockmill_execute::ReadError,
    },
    /// The memory budget is too small.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// A folder could not be made.
    #[error("cannot create {path}: {source}: check that its parent exists and is writable")]
    CreateDir {
        /// The path of the folder.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// What a run has stored without use could not be removed.
    #[error(
        "cannot remove {path}, which a run for another chain left unused: {source}; choose another --data-dir"
    )]
    Forget {
        /// The folder.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The genesis state does not give the chain's known genesis block.
    #[error(
        "{path} is not the genesis of {chain}: it hashes to {actual}, the chain starts with {expected}; leave --genesis out, \
         the accounts of {chain} are built in"
    )]
    WrongGenesis {
        /// The genesis file.
        path: PathBuf,
        /// The chain's name.
        chain: String,
        /// The known hash of the chain's block 0.
        expected: alloy::primitives::B256,
        /// The hash that the genesis file gives.
        actual: alloy::primitives::B256,
    },
    /// The genesis file schedules forks that this build does not execute, or in an order that no chain has.
    #[error("{path}: {source}")]
    UnknownFork {
        /// The genesis file.
        path: PathBuf,
        /// The fork, and why it is not executed.
        source: ForkError,
    },
    /// The data directory belongs to something else.
    #[error("{path} holds {held}, but this run is for {wanted}: choose another --data-dir")]
    ForeignDataDir {
        /// The data directory.
        path: PathBuf,
        /// What the directory holds, in words.
        held: String,
        /// What the run is for, in words.
        wanted: String,
    },
    /// The DuckDB file does not belong to the data directory.
    #[error("{path}: {reason}")]
    ForeignOut {
        /// The DuckDB file.
        path: PathBuf,
        /// What does not fit, and what to do.
        reason: String,
    },
    /// Tables of early blocks would cost the state of later ones.
    #[error(
        "--tables-only executes again from block {next} on, and stops before block {end} by --range: the state, which is at \
         block {executed}, would stay there; leave out the end of --range, give a copy of the data directory, or use \
         `blockmill trace` where witnesses are kept"
    )]
    StateWouldStay {
        /// The first block whose rows are missing.
        next: u64,
        /// The end of the range.
        end: u64,
        /// The last block that is executed.
        executed: u64,
    },
    /// There is nothing to read from.
    #[error(
        "no --source was given and {data_dir} holds no blocks: give chain files (.era1, .ere, .rlp, .rlp.gz) or witness files"
    )]
    NothingToDo {
        /// The data directory.
        data_dir: PathBuf,
    },
    /// Blocks in the middle of a chain, and no state to execute them on.
    #[error(
        "blocks {stored} were checked and stored, but cannot be executed: that needs the state before them. Give the \
         files from genesis on as well, or witness files of these blocks in a new --data-dir"
    )]
    NoState {
        /// The blocks that were stored.
        stored: blockmill_chain::BlockRange,
    },
    /// The chain files do not continue what is stored.
    #[error(
        "blocks {missing} are missing between the stored chain, which ends with block {stored}, and the source: give the files with them"
    )]
    Gap {
        /// The last stored block.
        stored: u64,
        /// The blocks between both.
        missing: blockmill_chain::BlockRange,
    },
    /// A witness file for a block before the end of what is stored.
    #[error(
        "{path} holds block {block}, but rows are written in the order of the blocks and those up to {stored} are stored: use a new --data-dir with all files"
    )]
    LateWitness {
        /// The path of the witness file.
        path: PathBuf,
        /// The number of its block.
        block: u64,
        /// The last stored block.
        stored: u64,
    },
    /// An earlier run with another range has sealed rows that this one does not want.
    #[error(
        "an interrupted run has sealed the rows of blocks {unit}, beyond block {end} where this run ends: run again with \
         the --range of that run, or without one"
    )]
    SealedBeyond {
        /// The blocks of the sealed unit.
        unit: blockmill_chain::BlockRange,
        /// One past the last block of this run.
        end: u64,
    },
    /// A block whose witness was not retained is to be traced again.
    #[error(
        "block {block} has no retained witness, so blocks {range} cannot be traced again: only a run with --keep-witnesses \
         retains them, and one without it prunes them. Rebuild with --keep-witnesses into a new --data-dir"
    )]
    NotRetained {
        /// The first such block.
        block: u64,
        /// The blocks asked for.
        range: blockmill_chain::BlockRange,
    },
    /// A source whose chain has nothing in common with the stored one.
    #[error(
        "{path}: block {block} and its parent are not those that are stored: the source is of another chain, or parts from \
         the stored one before its first block; give the files before it too, or another --data-dir"
    )]
    UnrelatedSource {
        /// The source's first file.
        path: PathBuf,
        /// The source's first block that is stored too.
        block: u64,
    },
    /// The store is ahead of tables that are not there.
    #[error(
        "{path} has no rows, and the store no longer has what they are made from: give the --out of the run that filled the \
         store, or make the tables again with --tables-only, which executes every block from {first} on again"
    )]
    TablesGone {
        /// The DuckDB file.
        path: PathBuf,
        /// The first block whose rows are wanted.
        first: u64,
    },
    /// No witness is retained.
    #[error("{data_dir} retains no witnesses{}: rebuild with --keep-witnesses first", range_in_words(*range))]
    NothingRetained {
        /// The data directory.
        data_dir: PathBuf,
        /// The blocks asked for, where given.
        range: Option<blockmill_chain::BlockRange>,
    },
    /// A state root could not be computed.
    #[error("{0}")]
    Trie(#[from] TrieError),
    /// The stored trie does not lead to the root that was checked when its block was executed.
    #[error(
        "the state trie in the store is damaged: block {block} has the state root {expected}, the trie {actual}; run again \
         with --rebuild-trie, which computes it anew"
    )]
    DamagedTrie {
        /// The last executed block.
        block: u64,
        /// The root in its header.
        expected: alloy::primitives::B256,
        /// The root of the stored trie.
        actual: alloy::primitives::B256,
    },
    /// The trie could not be computed anew.
    #[error("{0}")]
    TrieRebuild(#[from] RebuildError),
    /// The accounts and slots in the store are not those of the last executed block.
    #[error(
        "the state in the store is damaged: block {block} has the state root {expected}, all accounts and slots give \
         {actual}; rebuild into a new --data-dir"
    )]
    DamagedState {
        /// The last executed block.
        block: u64,
        /// The root in its header.
        expected: alloy::primitives::B256,
        /// The root of the state.
        actual: alloy::primitives::B256,
    },
    /// What blocks replaced is kept for a while only.
    #[error(
        "cannot go back to block {to}: {}; rebuild into a new --data-dir with --range to that block instead",
        oldest.map_or("nothing is kept that leads back".into(), |oldest| format!("what is kept leads back to block {oldest}"))
    )]
    NoWayBack {
        /// The block that was to be the last one.
        to: u64,
        /// The lowest block that can be gone back to.
        oldest: Option<u64>,
    },
    /// State was asked for where no block has been executed.
    #[error("no block was executed in this data directory, so there is no state")]
    NothingExecuted,
    /// A settings value makes no sense.
    #[error("{0}")]
    Usage(String),
}

fn range_in_words(range: Option<blockmill_chain::BlockRange>) -> String {
    range.map_or_else(String::new, |range| format!(" of blocks {range}"))
}

impl From<LoadError> for RunError {
    fn from(error: LoadError) -> Self {
        Self::Load(Box::new(error))
    }
}

impl From<StateError> for RunError {
    fn from(error: StateError) -> Self {
        Self::State(Box::new(error))
    }
}

impl RunError {
    /// The exit code for this error.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Stage(error) if error.failure == Failure::NotVerified => ExitCode::NotVerified,
            Self::Source(error) if error.is_verification() => ExitCode::NotVerified,
            Self::State(error) => error.exit_code(),
            Self::Archive(error) if error.is_about_data() => ExitCode::NotVerified,
            Self::WrongGenesis { .. } | Self::UnrelatedSource { .. } => ExitCode::NotVerified,
            Self::Usage(_) | Self::NothingToDo { .. } | Self::NothingRetained { .. } | Self::Budget(_) => {
                ExitCode::Usage
            }
            _ => ExitCode::Failed,
        }
    }
}
