//! Why a chain was not made.

use std::io;
use std::path::PathBuf;

use blockmill_chain::ForkError;
use blockmill_execute::ExecuteError;
use blockmill_trie::TrieError;

use crate::forks::ForkPlanError;

/// Why a chain was not made.
#[derive(Debug, thiserror::Error)]
pub enum DevchainError {
    /// The settings contradict each other or ask for too little.
    #[error("{0}")]
    Settings(String),
    /// The forks make no sense.
    #[error("{0}")]
    Forks(#[from] ForkPlanError),
    /// There is a chain already.
    #[error("{} is there already: remove it, or write the chain to another folder", path.display())]
    Exists {
        /// The file that would be replaced.
        path: PathBuf,
    },
    /// The chain was to cross a fork that this build does not execute: a fault of the generator, not of its user.
    #[error("{0}")]
    UnknownFork(#[from] ForkError),
    /// A file or folder could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The path of the file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The genesis file could not be put into JSON.
    #[error("cannot write {} as JSON: {source}", path.display())]
    Json {
        /// The path of the file.
        path: PathBuf,
        /// The encoder's error.
        source: serde_json::Error,
    },
    /// The contracts that are compiled into the program are damaged.
    #[error("the compiled contracts are damaged: {0}")]
    Contracts(String),
    /// A key or a signature could not be made.
    #[error("cannot sign: {0}")]
    Sign(secp256k1::Error),
    /// A block that was put together is not valid: a fault of the generator, not of its user.
    #[error("the generator made a block that does not execute: {0}")]
    Execute(#[from] ExecuteError),
    /// A state root could not be computed.
    #[error("{0}")]
    Root(#[from] TrieError),
}

impl DevchainError {
    /// Whether the request makes no sense, in contrast to a failure.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Settings(_) | Self::Forks(_))
    }
}
