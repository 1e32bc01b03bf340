//! Why a command did not end well.

use std::io;
use std::path::PathBuf;

use alloy::primitives::B256;
use blockmill_devchain::DevchainError;
use blockmill_load::LoadError;
use blockmill_pipeline::{ArchiveError, ExitCode, RunError};
use blockmill_schemas::Dataset;
use blockmill_source::SourceError;
use blockmill_spill::SpillError;
use blockmill_store::StoreError;

use crate::args::PlaceError;
use crate::profile::ProfileError;

/// What the one error printer is given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("{0}")]
    Run(#[from] RunError),
    #[error("{0}")]
    DatabaseArgs(#[from] PlaceError),
    #[error("devchain: {0}")]
    Devchain(#[from] DevchainError),
    #[error("cannot write to the standard output: {0}")]
    Output(#[from] io::Error),
    #[error("cannot listen to Ctrl-C: {0}")]
    Signals(#[source] ctrlc::Error),
    #[error("--profile: {0}")]
    Profile(#[from] ProfileError),
    #[error("{} holds no store: 'blockmill rebuild --data-dir {}' makes one", path.display(), path.display())]
    NoStore { path: PathBuf },
    #[error(
        "{} is being filled by process {process}: it can be read when that has ended; 'blockmill status' shows how far it is",
        path.display()
    )]
    BeingFilled { path: PathBuf, process: String },
    #[error("block {block} is not in {}, which holds blocks up to {last}", path.display())]
    NoBlock { block: u64, last: String, path: PathBuf },
    #[error("no block with hash {hash} is in {}", path.display())]
    NoBlockHash { hash: B256, path: PathBuf },
    #[error("no transaction with hash {hash} is in {}", path.display())]
    NoTransaction { hash: B256, path: PathBuf },
    #[error("{} holds no state: no block has been executed, as for blocks that came with witnesses", path.display())]
    NoState { path: PathBuf },
    #[error("{dataset} is not in {}: 'blockmill status' shows what is, 'blockmill rebuild --datasets' adds more to a new file", path.display())]
    NotLoaded { dataset: Dataset, path: PathBuf },
    #[error("{table} was not derived in {}: 'blockmill derive' makes it", path.display())]
    NotDerived { table: &'static str, path: PathBuf },
    #[error("{text}: not a signature: {reason}; write it like 'Transfer(address,address,uint256)'")]
    NoSignature { text: String, reason: String },
    #[error("{}: not a sealed unit: give a folder of spill/units in the data directory (START-END)", path.display())]
    NoUnit { path: PathBuf },
}

impl CommandError {
    /// The exit code for this error.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Run(error) => error.exit_code(),
            Self::DatabaseArgs(PlaceError::Several { .. }) => ExitCode::Usage,
            Self::Devchain(error) if error.is_usage() => ExitCode::Usage,
            // The reader of the output has closed it: that is no failure.
            _ if self.is_closed_output() => ExitCode::Done,
            _ => ExitCode::Failed,
        }
    }

    /// Whether the reader of the standard output went away, as `head` does: nothing to complain about.
    pub(crate) fn is_closed_output(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::Run(error.into())
    }
}

impl From<LoadError> for CommandError {
    fn from(error: LoadError) -> Self {
        Self::Run(error.into())
    }
}

impl From<SourceError> for CommandError {
    fn from(error: SourceError) -> Self {
        Self::Run(error.into())
    }
}

impl From<ArchiveError> for CommandError {
    fn from(error: ArchiveError) -> Self {
        Self::Run(error.into())
    }
}

impl From<SpillError> for CommandError {
    fn from(error: SpillError) -> Self {
        Self::Run(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_failure_but_a_full_disk_is() {
        let output = |kind: io::ErrorKind| CommandError::Output(kind.into());
        assert_eq!(output(io::ErrorKind::BrokenPipe).exit_code(), ExitCode::Done);
        assert_eq!(output(io::ErrorKind::StorageFull).exit_code(), ExitCode::Failed);
    }
}
