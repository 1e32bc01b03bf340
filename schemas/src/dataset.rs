//! The catalogue: one line per dataset and question.

use std::fmt;

use arrow::datatypes::SchemaRef;

use crate::rows::{BlockRows, LogRows, OmmerRows, OpcodeRows, TraceRows, TransactionRows, WithdrawalRows};

/// A table that blockmill can fill. The order is the order in which tables are listed and loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    /// One row per block.
    Blocks,
    /// One row per ommer (uncle) header that a block includes.
    Ommers,
    /// One row per validator withdrawal (EIP-4895).
    Withdrawals,
    /// One row per transaction, with what its receipt says.
    Transactions,
    /// One row per log.
    Logs,
    /// One row per call frame, self-destruct, reward, and change of state outside transactions.
    Traces,
    /// One row per instruction that a transaction runs.
    Opcodes,
}

impl Dataset {
    /// Every dataset, in order.
    pub const ALL: [Self; 7] = [
        Self::Blocks,
        Self::Ommers,
        Self::Withdrawals,
        Self::Transactions,
        Self::Logs,
        Self::Traces,
        Self::Opcodes,
    ];

    /// The table's name, in SQL and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Ommers => "ommers",
            Self::Withdrawals => "withdrawals",
            Self::Transactions => "transactions",
            Self::Logs => "logs",
            Self::Traces => "traces",
            Self::Opcodes => "opcodes",
        }
    }

    /// The dataset with this [`name`](Self::name).
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name)
    }

    /// Whether a rebuild fills it without being asked to.
    pub fn is_default(self) -> bool {
        match self {
            Self::Blocks
            | Self::Ommers
            | Self::Withdrawals
            | Self::Transactions
            | Self::Logs
            | Self::Traces => true,
            Self::Opcodes => false,
        }
    }

    /// Those that a rebuild fills without being asked to.
    pub fn defaults() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|dataset| dataset.is_default())
    }

    /// How many times more rows a block has with this dataset than without it, roughly: whoever cuts chains into pieces
    /// makes them so many times smaller.
    pub fn cost_weight(self) -> u64 {
        match self {
            Self::Blocks
            | Self::Ommers
            | Self::Withdrawals
            | Self::Transactions
            | Self::Logs
            | Self::Traces => 1,
            Self::Opcodes => 10,
        }
    }

    /// The statements that create the table, its ENUM types and its comments; running them again changes nothing.
    pub fn ddl(self) -> &'static str {
        match self {
            Self::Blocks => include_str!("../raw/blocks.sql"),
            Self::Ommers => include_str!("../raw/ommers.sql"),
            Self::Withdrawals => include_str!("../raw/withdrawals.sql"),
            Self::Transactions => include_str!("../raw/transactions.sql"),
            Self::Logs => include_str!("../raw/logs.sql"),
            Self::Traces => include_str!("../raw/traces.sql"),
            Self::Opcodes => include_str!("../raw/opcodes.sql"),
        }
    }

    /// The columns of a batch: those of the table, in the same order.
    pub fn arrow_schema(self) -> SchemaRef {
        match self {
            Self::Blocks => BlockRows::schema(),
            Self::Ommers => OmmerRows::schema(),
            Self::Withdrawals => WithdrawalRows::schema(),
            Self::Transactions => TransactionRows::schema(),
            Self::Logs => LogRows::schema(),
            Self::Traces => TraceRows::schema(),
            Self::Opcodes => OpcodeRows::schema(),
        }
    }

    /// What filling it takes, in a line for people.
    pub fn cost(self) -> &'static str {
        match self {
            Self::Blocks => "cheap: read from headers, no replay",
            Self::Ommers => "cheap: read from block bodies, no replay",
            Self::Withdrawals => "cheap: read from block bodies, no replay",
            Self::Transactions => "medium: replay for gas and status; input makes up most of its bytes",
            Self::Logs => "medium: replay; about two rows per transaction on mainnet",
            Self::Traces => {
                "high: replay with a call inspector; several rows per transaction, with input and output"
            }
            Self::Opcodes => {
                "very high: replay with an inspector of every instruction; thousands of rows per transaction"
            }
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
