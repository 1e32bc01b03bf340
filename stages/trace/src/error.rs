//! Why a block has no rows.

use std::io;
use std::path::PathBuf;

use alloy::primitives::{Address, U256};
use blockmill_execute::ExecuteError;

use crate::sink::SinkError;

/// A read that the witness of a block cannot answer. Its witness was not recorded with the rules that it is replayed
/// under, or is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// An account that is not in it.
    #[error("the witness lacks account {address:#x}: execute the block again to record it anew")]
    MissingAccount {
        /// The address of the account.
        address: Address,
    },
    /// A slot that is not in it.
    #[error("the witness lacks slot {slot:#x} of {address:#x}: execute the block again to record it anew")]
    MissingSlot {
        /// The address of the account whose storage it is.
        address: Address,
        /// The key of the slot.
        slot: U256,
    },
    /// A contract is created at an account of which it does not say whether it has storage.
    #[error(
        "the witness does not say whether {address:#x} has storage, which decides whether a contract can be created there: \
         execute the block again to record it anew"
    )]
    MissingCreationCheck {
        /// The address of the account.
        address: Address,
    },
    /// The hash of an ancestor that is not in it.
    #[error("the witness lacks the hash of block {number}: execute the block again to record it anew")]
    MissingBlockHash {
        /// The number of the ancestor.
        number: u64,
    },
}

/// Why a block was not traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The replay failed, or does not give what the block's header says.
    #[error("replaying a witness: {0}")]
    Replay(#[from] ExecuteError),
    /// The sink did not take the rows.
    #[error("block {block}: its rows could not be written: {source}")]
    Sink {
        /// Block number.
        block: u64,
        /// The sink's own error.
        source: SinkError,
    },
    /// The call frames of a block did not fit into memory, and not into a file either.
    #[error(
        "block {block}, transaction {transaction}: its call frames could not wait for their rows in a temporary file in \
         {folder}: {source}: make room there, give more memory, or leave the dataset traces out for this range"
    )]
    Frames {
        /// Block number.
        block: u64,
        /// Index of the transaction whose frames could not be written or read back.
        transaction: usize,
        /// The folder of the file.
        folder: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

impl TraceError {
    /// Whether the chain data is at fault, rather than the machine, the store or a limit.
    pub fn is_verification(&self) -> bool {
        match self {
            Self::Replay(error) => error.is_verification(),
            Self::Sink { .. } | Self::Frames { .. } => false,
        }
    }
}
