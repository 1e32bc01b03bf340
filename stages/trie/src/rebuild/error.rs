//! Why a rebuild stopped.

use std::io;
use std::path::{Path, PathBuf};

use alloy::primitives::B256;

use super::budget::MIN_MEMORY_BYTES;

/// Any error, of a state or a target that this crate does not know.
type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Why a rebuild stopped.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// A cancel was seen. Not a failure: the next call starts anew.
    #[error("the rebuild of the trie was interrupted: run again, it starts anew")]
    Interrupted,
    /// Too little memory.
    #[error("{bytes} bytes are too few to rebuild a trie, it takes {MIN_MEMORY_BYTES} at least")]
    Memory {
        /// What was given.
        bytes: usize,
    },
    /// The flat state could not be read.
    #[error("cannot read the flat state: {source}")]
    Flat {
        /// Its own error.
        source: BoxedError,
    },
    /// The target could not take rows.
    #[error("cannot write rebuilt trie rows: {source}")]
    Target {
        /// Its own error.
        source: BoxedError,
    },
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A key came twice, which a state cannot do.
    #[error(
        "the flat state gave the {kind} under the hashed key {key} twice, as if it had changed meanwhile: run again"
    )]
    Repeated {
        /// Accounts or slots.
        kind: &'static str,
        /// The hashed key.
        key: String,
    },
    /// The flat state has a slot of an account that it does not have.
    #[error("the flat state has slots of an account that does not exist, its hashed address is {owner}")]
    SlotWithoutAccount {
        /// keccak256 of the account's address.
        owner: B256,
    },
}

impl RebuildError {
    pub(super) fn flat(source: impl Into<BoxedError>) -> Self {
        Self::Flat { source: source.into() }
    }

    pub(super) fn target(source: impl Into<BoxedError>) -> Self {
        Self::Target { source: source.into() }
    }

    /// For `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
