//! The catalogue: one entry per dataset.

use std::fmt;

use arrow::datatypes::SchemaRef;

use crate::rows;

/// What the rows of a dataset are made from, and so what filling it takes. In the order of the effort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
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

impl Source {
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

/// A dataset: its name, its batch, what it is made from, whether it is filled by default, and how many rows it has.
macro_rules! catalogue {
    ($($(#[$doc:meta])* $dataset:ident = $name:literal, $rows:ident, $source:ident, $default:literal, $volume:literal;)*) => {
        /// A table that blockmill can fill. The order is the order in which tables are listed and loaded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dataset { $($(#[$doc])* $dataset,)* }

        impl Dataset {
            /// Every dataset, in order.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$dataset,)*];

            /// The table's name, in SQL and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$dataset => $name,)* }
            }

            /// The source of the dataset's rows.
            pub fn source(self) -> Source {
                match self { $(Self::$dataset => Source::$source,)* }
            }

            /// Whether a rebuild fills it without being asked to.
            pub fn is_default(self) -> bool {
                match self { $(Self::$dataset => $default,)* }
            }

            /// Rows for each transaction of 46 mainnet blocks from Frontier to Cancun (11,521 transactions), where nothing else is
            /// said.
            pub fn volume(self) -> &'static str {
                match self { $(Self::$dataset => $volume,)* }
            }

            /// The statements that create the table, its ENUM types and its comments; running them again changes
            /// nothing. Columns of hashes and addresses say how they are to be compressed: DuckDB comes to the same by trying
            /// every method on every column, which is a fifth of a load.
            pub fn ddl(self) -> &'static str {
                match self { $(Self::$dataset => include_str!(concat!("../raw/", $name, ".sql")),)* }
            }

            /// The columns of a batch: those of the table, in the same order.
            pub fn arrow_schema(self) -> SchemaRef {
                match self { $(Self::$dataset => rows::$rows::schema(),)* }
            }
        }
    };
}

catalogue! {
    /// One row per block.
    Blocks = "blocks", BlockRows, Block, true, "one a block";
    /// One row per ommer (uncle) header that a block includes.
    Ommers = "ommers", OmmerRows, Block, true, "rare; none from the Merge on";
    /// One row per validator withdrawal (EIP-4895).
    Withdrawals = "withdrawals", WithdrawalRows, Block, true, "up to 16 a block, from Shanghai on";
    /// One row per transaction, with what its receipt says.
    Transactions = "transactions", TransactionRows, Receipts, true, "1";
    /// One row per log.
    Logs = "logs", LogRows, Receipts, true, "1.4";
    /// One row per ERC-20 transfer.
    Erc20Transfers = "erc20_transfers", Erc20TransferRows, Receipts, true, "0.3";
    /// One row per ERC-20 approval.
    Erc20Approvals = "erc20_approvals", Erc20ApprovalRows, Receipts, true, "0.04";
    /// One row per ERC-721 transfer.
    Erc721Transfers = "erc721_transfers", Erc721TransferRows, Receipts, true, "0.9";
    /// One row per ERC-1155 token type that a transfer moves.
    Erc1155Transfers = "erc1155_transfers", Erc1155TransferRows, Receipts, true, "0.001";
    /// One row per call frame, self-destruct, reward, and change of state outside transactions.
    Traces = "traces", TraceRows, Frames, true, "2.1, with input and output";
    /// One row per contract creation.
    Contracts = "contracts", ContractRows, Frames, true, "0.01, with code";
    /// One row per piece of a long byte string of the other tables.
    Payloads = "payloads", PayloadRows, Others, true, "rare: pieces of what is longer than 8,192 bytes";
    /// One row per movement of ether.
    NativeTransfers = "native_transfers", NativeTransferRows, FramesAndState, true, "0.9";
    /// One row per account and transaction whose balance changed.
    BalanceDiffs = "balance_diffs", BalanceDiffRows, State, true, "2.8";
    /// One row per account and transaction whose nonce changed.
    NonceDiffs = "nonce_diffs", NonceDiffRows, State, true, "1.2";
    /// One row per account and transaction whose code changed.
    CodeDiffs = "code_diffs", CodeDiffRows, State, true, "0.2, with code";
    /// One row per slot and transaction whose value changed.
    StorageDiffs = "storage_diffs", StorageDiffRows, State, true, "1.0";
    /// One row per account and transaction that read it: its balance.
    BalanceReads = "balance_reads", BalanceReadRows, State, false, "3.4";
    /// One row per account and transaction that read it: its nonce.
    NonceReads = "nonce_reads", NonceReadRows, State, false, "3.4";
    /// One row per contract and transaction that read it: its code.
    CodeReads = "code_reads", CodeReadRows, State, false, "0.6, with code: large";
    /// One row per slot and transaction that read it.
    StorageReads = "storage_reads", StorageReadRows, State, false, "2.4";
    /// One row per callee, selector and size of call data in a transaction.
    FourByteCounts = "four_byte_counts", FourByteCountRows, Frames, false, "0.8";
    /// One row per address and the part that it plays in a transaction.
    AddressAppearances = "address_appearances", AddressAppearanceRows, Frames, false, "6.6";
    /// One row per instruction that a transaction runs.
    Opcodes = "opcodes", OpcodeRows, Steps, false, "740";
}

impl Dataset {
    /// The dataset with this [`name`](Self::name).
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name)
    }

    /// The datasets that a rebuild fills without being asked to.
    pub fn defaults() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|dataset| dataset.is_default())
    }

    /// Whether rows may have byte strings that are too long for them.
    pub fn has_payloads(self) -> bool {
        use Dataset as D;
        matches!(self, D::Transactions | D::Logs | D::Traces | D::Contracts | D::CodeDiffs | D::CodeReads)
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
        match self.source() {
            Source::Steps => 10,
            _ => 1,
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
