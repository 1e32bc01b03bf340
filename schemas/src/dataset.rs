//! The list of datasets.

use std::fmt;

use arrow::datatypes::{DataType, SchemaRef};

use crate::rows;

/// What the rows of a dataset are made from, and so what filling it takes. In the order of the effort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MadeFrom {
    /// What the other chosen datasets leave to it.
    Others,
    /// The block as it was read.
    Block,
    /// What a replay gives by itself: receipts.
    Receipts,
    /// What the replay read from the state and wrote to it, noted beside it.
    State,
    /// Call frames: an inspector that is called for every call.
    Frames,
    /// Call frames, and what the replay read and wrote.
    FramesAndState,
    /// Instructions: an inspector that is called for each of them.
    Steps,
}

impl MadeFrom {
    /// How costly it is to extract, in a few words.
    pub fn effort(self) -> &'static str {
        match self {
            Self::Others => "with the tables that name it",
            Self::Block => "read from the block",
            Self::Receipts => "from receipts",
            Self::State => "from what the replay reads and writes",
            Self::Frames => "from call frames",
            Self::FramesAndState => "from call frames and what the replay reads and writes",
            Self::Steps => "from every instruction",
        }
    }

    /// Whether call frames are to be recorded.
    pub fn has_frames(self) -> bool {
        matches!(self, Self::Frames | Self::FramesAndState)
    }

    /// Whether what the replay reads and writes is to be noted.
    pub fn has_state(self) -> bool {
        matches!(self, Self::State | Self::FramesAndState)
    }
}

/// What is known of a dataset beside its columns.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The source of its rows.
    pub(crate) made_from: MadeFrom,
    /// Whether a rebuild fills it without being asked to.
    pub(crate) is_default: bool,
    /// Rows for each transaction of 46 mainnet blocks from Frontier to Cancun (11,521 transactions), where nothing else is
    /// said.
    pub(crate) rows: &'static str,
    /// Bytes of a row in a DuckDB file, and KiB of rows a Mgas; empty where they were not measured. `schemas/README.md` says how.
    pub(crate) row_bytes: &'static str,
    pub(crate) mgas_kib: &'static str,
}

/// The list of datasets: the table's name, which is that of its two files in `rows`, and its batch there. All else
/// about one is in these files.
macro_rules! datasets {
    ($($dataset:ident = $name:literal, $rows:ident;)*) => {
        /// A table that blockmill can fill: its comment says what a row is. The order is the order in which tables are listed
        /// and loaded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dataset {
            $(#[doc = concat!("The table `", $name, "`.")] $dataset,)*
        }

        impl Dataset {
            /// Every dataset, in order.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$dataset,)*];

            /// The table's name, in SQL and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$dataset => $name,)* }
            }

            /// The statements that create the table, its ENUM types and its comments; running them again changes
            /// nothing. Columns of hashes and addresses say how they are to be compressed: DuckDB comes to the same by trying
            /// every method on every column, which is a fifth of a load.
            pub fn ddl(self) -> &'static str {
                match self { $(Self::$dataset => include_str!(concat!("rows/", $name, ".sql")),)* }
            }

            /// The columns of a batch: those of the table, in the same order.
            pub fn arrow_schema(self) -> SchemaRef {
                match self { $(Self::$dataset => rows::$rows::schema(),)* }
            }

            pub(crate) fn facts(self) -> &'static Facts {
                match self { $(Self::$dataset => &rows::$rows::FACTS,)* }
            }
        }
    };
}

datasets! {
    Blocks = "blocks", BlockRows;
    Ommers = "ommers", OmmerRows;
    Withdrawals = "withdrawals", WithdrawalRows;
    Transactions = "transactions", TransactionRows;
    Logs = "logs", LogRows;
    Erc20Transfers = "erc20_transfers", Erc20TransferRows;
    Erc20Approvals = "erc20_approvals", Erc20ApprovalRows;
    Erc721Transfers = "erc721_transfers", Erc721TransferRows;
    Erc1155Transfers = "erc1155_transfers", Erc1155TransferRows;
    Traces = "traces", TraceRows;
    Contracts = "contracts", ContractRows;
    Payloads = "payloads", PayloadRows;
    NativeTransfers = "native_transfers", NativeTransferRows;
    BalanceDiffs = "balance_diffs", BalanceDiffRows;
    NonceDiffs = "nonce_diffs", NonceDiffRows;
    CodeDiffs = "code_diffs", CodeDiffRows;
    StorageDiffs = "storage_diffs", StorageDiffRows;
    BalanceReads = "balance_reads", BalanceReadRows;
    NonceReads = "nonce_reads", NonceReadRows;
    CodeReads = "code_reads", CodeReadRows;
    StorageReads = "storage_reads", StorageReadRows;
    FourByteCounts = "four_byte_counts", FourByteCountRows;
    AddressAppearances = "address_appearances", AddressAppearanceRows;
    TransactionGas = "transaction_gas", TransactionGasRows;
    Opcodes = "opcodes", OpcodeRows;
}

impl Dataset {
    /// The dataset with this [`name`](Self::name).
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name)
    }

    /// The source of the dataset's rows.
    pub fn made_from(self) -> MadeFrom {
        self.facts().made_from
    }

    /// Whether a rebuild fills it without being asked to.
    pub fn is_default(self) -> bool {
        self.facts().is_default
    }

    /// How many rows it has, for people.
    pub fn volume(self) -> &'static str {
        self.facts().rows
    }

    /// The datasets that a rebuild fills without being asked to.
    pub fn defaults() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|dataset| dataset.is_default())
    }

    /// The column with the hash of a byte string that is too long for its own column; `None` where a column cannot be too long.
    pub(crate) fn payload_hash(self, column: &str) -> Option<String> {
        let schema = self.arrow_schema();
        let is_long =
            schema.field_with_name(column).is_ok_and(|field| *field.data_type() == DataType::Binary);
        let hash = format!("{column}_hash");
        (is_long && schema.field_with_name(&hash).is_ok()).then_some(hash)
    }

    /// Whether rows may have byte strings that are too long for them.
    pub fn has_payloads(self) -> bool {
        self.arrow_schema().fields().iter().any(|field| self.payload_hash(field.name()).is_some())
    }

    /// Chosen datasets in order, each once, with `payloads` where one of them needs it.
    pub fn completed(chosen: &[Self]) -> Vec<Self> {
        let payloads = chosen.iter().any(|dataset| dataset.has_payloads()).then_some(Self::Payloads);
        let mut completed: Vec<_> = chosen.iter().copied().chain(payloads).collect();
        completed.sort_unstable();
        completed.dedup();
        completed
    }

    /// How many times more rows a block has with this dataset than without it, roughly: code that splits
    /// chains into pieces makes them so many times smaller.
    pub fn cost_weight(self) -> u64 {
        match self.made_from() {
            MadeFrom::Steps => 10,
            _ => 1,
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
