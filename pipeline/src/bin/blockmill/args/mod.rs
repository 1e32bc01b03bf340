//! The command line's arguments: what can be written, and what it is taken for.

mod devchain;
mod export;
mod inspect;
mod machine;
mod memory_limit;
mod place;
mod profile;
mod rebuild;
mod rows;
mod trace;
mod values;

use std::path::PathBuf;

use blockmill_chain::parse_count;
use blockmill_load::ExportTable;
use blockmill_pipeline::ChainChoice;
use clap::{Args, Parser, Subcommand};

use crate::monitor::LogFormat;

pub(crate) use devchain::DevchainArgs;
pub(crate) use export::{ExportArgs, Format as ExportFormat};
pub(crate) use inspect::{BlockName, InspectArgs, InspectTarget};
pub(crate) use machine::{MachineArgs, Resources};
pub(crate) use place::{DatabaseArgs, PlaceError};
pub(crate) use profile::{ProfileArgs, ProfileKind, flame_graph_of};
pub(crate) use rebuild::RebuildArgs;
pub(crate) use trace::TraceArgs;

const EXAMPLES: &str = "\
Examples:
  A private chain, from its genesis file and geth's export:
    blockmill rebuild --chain genesis.json --source chain.rlp

  Mainnet from archives (.era1, .ere), then a question:
    blockmill rebuild --chain mainnet --source ./era
    duckdb -readonly data/mainnet.duckdb 'SELECT * FROM hex.traces LIMIT 5'

Exit codes:
  0 done, 1 failed, 2 wrong usage, 3 the chain data did not verify,
  130 interrupted (run the same command again to resume)";

/// Turns raw Ethereum chain files into a DuckDB database, re-executing every block on the way
///
/// Blockmill reads era1 and ere archives, geth's RLP exports and witness files. Every block is executed again and checked
/// against its header (gas, receipts, state root) before a row about it is published. No node is needed.
#[derive(Debug, Parser)]
#[command(name = "blockmill", version, after_help = EXAMPLES, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// The subcommand with its arguments.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How progress, errors and summaries are written [default: human on a terminal, else plain]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Rebuild the tables from chain files, or go on where the last run ended
    Rebuild(Box<RebuildArgs>),
    /// Make other tables out of retained witnesses (rebuild --keep-witnesses), without executing again
    Trace(TraceArgs),
    /// Show how far each stage is and what a run would do next; beside a run, how fast it is and how long it will take
    Status(DatabaseArgs),
    /// Check an existing database: SQL invariants, and counts against the headers in the store
    Verify(VerifyArgs),
    /// Sum up what a database holds, and answer five example queries, shown to be copied
    ///
    /// Rows per table with a few figures about each, then five questions about the chain with their SQL and their
    /// answers. The queries use the macros (hex0x, bin, eth, gwei) and the hex views that are in the DuckDB file, so
    /// that they run in the duckdb shell and from any language as they are printed.
    Report(DatabaseArgs),
    /// Take the tables and the store back to an earlier block
    Unwind(UnwindArgs),
    /// Show one thing: a block, a transaction, an account, a chain file, a unit of rows
    Inspect(InspectArgs),
    /// Make further tables out of the loaded ones: balances, days, contracts, tokens; or bring them up to date
    Derive(DeriveArgs),
    /// Write tables as Parquet files for other engines, the blocks as an archive, or the state
    Export(ExportArgs),
    /// Make a practice chain: valid, of any size, the same each time
    Devchain(DevchainArgs),
    /// List the datasets and what each costs, or the columns of one
    Datasets(DatasetsArgs),
}

/// The arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The data directory and the DuckDB file.
    #[command(flatten)]
    pub(crate) place: DatabaseArgs,

    /// Also compute everything anew that can be: the digests of all rows, the hashes of all blocks and code in the store,
    /// the senders, the state trie from every account and slot. Hours on a large chain, and temporary space as large as the
    /// state
    #[arg(long)]
    pub(crate) deep: bool,

    /// The memory and threads that it may use.
    #[command(flatten)]
    pub(crate) machine: MachineArgs,

    /// The options of profiling.
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
}

/// The arguments of `unwind`.
#[derive(Debug, Args)]
pub(crate) struct UnwindArgs {
    /// The data directory and the DuckDB file.
    #[command(flatten)]
    pub(crate) place: DatabaseArgs,

    /// The last block that is to stay
    #[arg(long, value_name = "BLOCK", value_parser = parse_count)]
    pub(crate) to: u64,

    /// The memory and threads that it may use.
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// The arguments of `derive`.
#[derive(Debug, Args)]
pub(crate) struct DeriveArgs {
    /// The data directory and the DuckDB file.
    #[command(flatten)]
    pub(crate) place: DatabaseArgs,

    /// The chain that the data directory holds: a name, or its genesis file. Tokens are asked by its rules
    #[arg(long, value_name = "NAME|FILE", default_value = "mainnet", value_parser = values::chain)]
    pub(crate) chain: ChainChoice,

    /// The memory and threads that it may use.
    #[command(flatten)]
    pub(crate) machine: MachineArgs,

    /// The options of profiling.
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
}

/// The arguments of `datasets`.
#[derive(Debug, Args)]
pub(crate) struct DatasetsArgs {
    /// Show the columns of this dataset or derived table, with types and units
    #[arg(value_name = "NAME", value_parser = values::table)]
    pub(crate) name: Option<ExportTable>,

    /// All of them with their columns, and the checks and examples, as a page in Markdown
    #[arg(long, conflicts_with = "name")]
    pub(crate) markdown: bool,
}

/// The default data directory.
const DEFAULT_DATA_DIR: &str = "data";

/// The name of the DuckDB file where the chain has no name.
const CUSTOM_CHAIN_FILE: &str = "blockmill.duckdb";

/// The argument that every command about a database has.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataDir {
    /// Folder of the store and of what lies between the stages
    #[arg(long = "data-dir", value_name = "DIR", default_value = DEFAULT_DATA_DIR)]
    pub(crate) path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_argument_is_explained() {
        fn check(command: &clap::Command) {
            let unexplained = command.get_arguments().find(|argument| argument.get_help().is_none());
            assert!(unexplained.is_none(), "{}: {unexplained:?}", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn a_wrong_command_line_exits_with_2() {
        let error = Cli::try_parse_from(["blockmill", "rebuild", "--range", "12"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("START:END"), "{error}");
    }

    #[test]
    fn the_log_format_may_follow_the_command() {
        let cli = Cli::try_parse_from(["blockmill", "datasets", "traces", "--log", "json"]).unwrap();
        assert_eq!(cli.log, Some(LogFormat::Json));
    }
}
