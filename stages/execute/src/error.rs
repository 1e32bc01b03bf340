//! Why a block could not be executed or does not verify.

use std::fmt;

use alloy::primitives::{Address, B256, U256};
use alloy_evm::block::BlockExecutionError;
use blockmill_chain::Fork;
use blockmill_trie::TrieError;
use revm::context::result::HaltReason;

use crate::access_list::AccessDifference;

/// A read of state that failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source of the state failed.
    #[error("reading {what}: {source}")]
    Source {
        /// The item that was read.
        what: Read,
        /// The source's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Code that an account names is nowhere.
    #[error("no code with hash {hash} is stored: the code store and the state do not belong together")]
    MissingCode {
        /// keccak256 of the code.
        hash: B256,
    },
}

/// An item of the state that execution reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// An account, by its address.
    Account(Address),
    /// A storage slot, by its account and key.
    Slot(Address, U256),
    /// All slots of an account.
    Storage(Address),
    /// Whether an account has storage.
    HasStorage(Address),
    /// Code, by its hash.
    Code(B256),
    /// The hash of an ancestor.
    BlockHash(u64),
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(address) => write!(f, "account {address:#x}"),
            Self::Slot(address, slot) => write!(f, "slot {slot:#x} of {address:#x}"),
            Self::Storage(address) => write!(f, "all slots of {address:#x}"),
            Self::HasStorage(address) => write!(f, "whether {address:#x} has storage"),
            Self::Code(hash) => write!(f, "code {hash}"),
            Self::BlockHash(number) => write!(f, "hash of block {number}"),
        }
    }
}

/// Why the call of a request contract makes its block invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestFailure {
    /// There is no code to call.
    NoCode,
    /// The call reverted.
    Reverted,
    /// The call fails, as by running out of its 30 million gas.
    Halted(HaltReason),
}

impl fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCode => f.write_str("has no code"),
            Self::Reverted => f.write_str("reverts"),
            Self::Halted(reason) => write!(f, "fails ({reason:?})"),
        }
    }
}

/// A field of the header that execution contradicts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: the header says {expected}, execution gives {actual}")]
pub struct Mismatch {
    /// The name of the header's field.
    pub field: &'static str,
    /// Its value in the header.
    pub expected: String,
    /// The value that execution gives.
    pub actual: String,
}

/// Why a block was not executed, or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A transaction that no valid block can hold.
    #[error("block {block}, transaction {index} ({hash}) is invalid: {reason}")]
    InvalidTransaction {
        /// Block number.
        block: u64,
        /// Index in the block.
        index: usize,
        /// Transaction hash.
        hash: B256,
        /// What is wrong with it.
        reason: String,
    },
    /// A rule outside of transactions failed (system calls, requests).
    #[error("block {block} is invalid: {source}")]
    InvalidBlock {
        /// Block number.
        block: u64,
        /// alloy-evm's error.
        source: BlockExecutionError,
    },
    /// A contract that returns the requests of a block cannot be called.
    #[error(
        "block {block} is invalid: the request contract {address:#x}, which every block calls from {fork} on, {failure}"
    )]
    RequestContract {
        /// Block number.
        block: u64,
        /// The contract's address.
        address: Address,
        /// The fork that brought it.
        fork: Fork,
        /// What is wrong with it.
        failure: RequestFailure,
    },
    /// A log of the deposit contract is not one that it can have written.
    #[error(
        "block {block} is invalid: log {log} of transaction {transaction} is a deposit of another layout than EIP-6110 \
         demands"
    )]
    Deposit {
        /// Block number.
        block: u64,
        /// Index of the transaction in the block.
        transaction: usize,
        /// Index of the log in the transaction.
        log: usize,
    },
    /// The access list that came with the block is not that of its execution.
    #[error("block {block} does not verify: block access list: {difference}")]
    AccessList {
        /// Block number.
        block: u64,
        /// The first account that differs.
        difference: Box<AccessDifference>,
    },
    /// Executed, but the result is not what the header says.
    #[error("block {block} does not verify: {mismatch}")]
    Mismatch {
        /// Block number.
        block: u64,
        /// The field and both values.
        mismatch: Mismatch,
    },
    /// State could not be read.
    #[error("block {block}: {source}")]
    Read {
        /// Block number.
        block: u64,
        /// The item that was read, and the error of its source.
        source: ReadError,
    },
    /// A state root could not be computed.
    #[error("block {block}: {source}")]
    Root {
        /// Block number.
        block: u64,
        /// The error of the trie.
        source: TrieError,
    },
    /// The state after a transaction is not the one that its receipt names (before Byzantium).
    #[error(
        "block {block}, transaction {index} ({hash}) does not verify: state root: its receipt says {expected}, execution \
         gives {actual}"
    )]
    TransactionRoot {
        /// Block number.
        block: u64,
        /// Index in the block.
        index: usize,
        /// Transaction hash.
        hash: B256,
        /// The root in the file's receipt.
        expected: B256,
        /// The root that execution gives.
        actual: B256,
    },
    /// Before Byzantium each receipt holds the state root after its transaction; there is not one for each.
    #[error(
        "block {block} has {transactions} transactions, and {roots} state roots are given for their receipts"
    )]
    TransactionRoots {
        /// Block number.
        block: u64,
        /// The number of its transactions.
        transactions: usize,
        /// The number of roots given.
        roots: usize,
    },
}

impl ExecuteError {
    /// Whether the chain data is at fault, rather than the machine or the store.
    pub fn is_verification(&self) -> bool {
        matches!(
            self,
            Self::InvalidTransaction { .. }
                | Self::InvalidBlock { .. }
                | Self::RequestContract { .. }
                | Self::Deposit { .. }
                | Self::AccessList { .. }
                | Self::Mismatch { .. }
                | Self::TransactionRoot { .. }
                | Self::TransactionRoots { .. }
        )
    }
}
