//! Why a vector file could not be used.

use std::path::{Path, PathBuf};

use blockmill_chain::ForkError;

/// A vector file that is not what its folder promises.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    /// The file system refused.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// A file is not JSON, or JSON of another shape.
    #[error("{}: not the JSON expected here: {source}", path.display())]
    Json {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A line of an `.io` file that is neither a request, an answer nor a comment, or stands in the wrong place.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// The path of the file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A consensus test for a network that has no rules here.
    #[error("{}: test {test}: unknown network '{network}': add it to blockchain_tests/network.rs", path.display())]
    Network {
        /// The path of the file.
        path: PathBuf,
        /// Name of the test in the file.
        test: String,
        /// The network as written.
        network: String,
    },
    /// A test under the rules of a fork that this build does not execute.
    #[error("{}: {source}", path.display())]
    Fork {
        /// The path of the file.
        path: PathBuf,
        /// The fork, and why it is not executed.
        source: ForkError,
    },
    /// A consensus test whose last block does not descend from its genesis block.
    #[error("{}: test {test}: block {hash} on the way from the last block to genesis is not in the test", path.display())]
    BrokenChain {
        /// The path of the file.
        path: PathBuf,
        /// Name of the test in the file.
        test: String,
        /// The block that is missing.
        hash: alloy::primitives::B256,
    },
    /// A tracer test whose transaction cannot be used.
    #[error("{}: the transaction in 'input' cannot be used: {problem}", path.display())]
    Transaction {
        /// The path of the file.
        path: PathBuf,
        /// What the decoder or the signature said.
        problem: String,
    },
    /// A file whose name does not say what the layout says it should.
    #[error("{}: the file's name should be {expected}", path.display())]
    Name {
        /// The path of the file.
        path: PathBuf,
        /// The name that the layout asks for.
        expected: &'static str,
    },
}

impl VectorError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Read { path: path.to_path_buf(), source }
    }

    pub(crate) fn fork(path: &Path) -> impl FnOnce(ForkError) -> Self + '_ {
        move |source| Self::Fork { path: path.to_path_buf(), source }
    }

    pub(crate) fn json(path: &Path) -> impl FnOnce(serde_json::Error) -> Self + '_ {
        move |source| Self::Json { path: path.to_path_buf(), source }
    }
}
