//! `trace`: arguments, and the settings that come of them.

use std::path::PathBuf;

use blockmill_chain::RangeRequest;
use blockmill_pipeline::{ChainChoice, QueueLimits, RootInterval, RunError, Settings, SliceSize, UnitLimits};
use clap::Args;

use super::machine::{MachineArgs, Resources};
use super::rows::RowArgs;
use super::values::{self, DatasetList};
use super::{DataDir, ProfileArgs};

const EXAMPLES: &str = "\
Examples:
  blockmill rebuild --chain genesis.json --source chain.rlp --keep-witnesses
  blockmill trace --chain genesis.json --datasets opcodes \\
      --range 1k:2k --out opcodes.duckdb

The tables get a DuckDB file of their own, which DuckDB can attach to others:
  ATTACH 'data/blockmill.duckdb' AS chain (READ_ONLY)";

/// The arguments of `trace`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TraceArgs {
    /// The chain that the data directory holds: a name, or its genesis file
    #[arg(long, value_name = "NAME|FILE", default_value = "mainnet", value_parser = values::chain, help_heading = "Chain")]
    pub(crate) chain: ChainChoice,

    /// Blocks to trace, END exclusive: 15M:16M, 15M:+1000 [default: all whose witness is retained]
    #[arg(long, value_name = "START:END", help_heading = "Chain")]
    pub(crate) range: Option<RangeRequest>,

    #[command(flatten, next_help_heading = "Output")]
    pub(crate) data_dir: DataDir,

    /// The DuckDB file to fill, which is not one of `rebuild`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: PathBuf,

    /// Tables to fill: names with commas between them. `blockmill datasets` lists them
    #[arg(long, value_name = "LIST", help_heading = "Output")]
    pub(crate) datasets: DatasetList,

    #[command(flatten, next_help_heading = "Output")]
    pub(crate) rows: RowArgs,

    #[command(flatten, next_help_heading = "Resources")]
    pub(crate) machine: MachineArgs,

    #[command(flatten, next_help_heading = "Resources")]
    pub(crate) profile: ProfileArgs,
}

impl TraceArgs {
    /// The settings on these resources, with every default filled in.
    ///
    /// # Errors
    /// Arguments that contradict each other.
    pub(crate) fn settings(&self, resources: &Resources) -> Result<Settings, RunError> {
        self.rows.check(&self.datasets.0)?;
        Ok(Settings {
            chain: self.chain.clone(),
            genesis: None,
            sources: Vec::new(),
            checksums: false,
            state: None,
            data_dir: self.data_dir.path.clone(),
            out: self.out.clone(),
            range: self.range.unwrap_or_default(),
            datasets: self.datasets.0.clone(),
            memory: resources.memory,
            threads: resources.threads,
            root_interval: RootInterval::Slice,
            tables_only: false,
            rebuild_trie: false,
            keep_witnesses: true,
            precompiles: self.rows.precompiles,
            opcode_stack: self.rows.opcode_stack(),
            units: UnitLimits::of(&self.datasets.0),
            queues: QueueLimits::default(),
            slices: SliceSize::default(),
        })
    }
}
