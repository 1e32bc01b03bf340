//! `rebuild`: arguments, and the settings that come of them.

use std::num::NonZeroU64;
use std::path::PathBuf;

use blockmill_chain::RangeRequest;
use blockmill_pipeline::{
    ChainChoice, QueueLimits, RootInterval, RunError, Settings, SliceSize, StateChoice, UnitLimits,
};
use clap::Args;

use super::machine::{MachineArgs, Resources};
use super::rows::RowArgs;
use super::values::{self, DEFAULT_DATASETS, DatasetList};
use super::{CUSTOM_CHAIN_FILE, DataDir, ProfileArgs};

const EXAMPLES: &str = "\
Examples:
  blockmill rebuild --chain genesis.json --source chain.rlp
  blockmill rebuild --chain mainnet --source ./era --range :100k
  blockmill rebuild --chain mainnet --source ./witnesses \\
      --datasets transactions,traces

A run that was stopped, by Ctrl-C or otherwise, goes on when the same command
is run again.";

/// The arguments of `rebuild`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RebuildArgs {
    /// The chain: mainnet, sepolia, holesky or hoodi, or the genesis file of another one (geth's
    /// genesis.json, may be gzipped)
    #[arg(long, value_name = "NAME|FILE", default_value = "mainnet", value_parser = values::chain, help_heading = "Chain")]
    pub(crate) chain: ChainChoice,

    /// Genesis file of a chain known by name (.json or .json.gz), instead of the one that is built in; it must give the
    /// same genesis block
    #[arg(long, value_name = "FILE", help_heading = "Chain")]
    pub(crate) genesis: Option<PathBuf>,

    /// File or folder to read blocks from: archives (.era1, .ere, .erae), geth's RLP export (.rlp, .rlp.gz), witness files
    /// (.json, .json.gz).
    /// May be given several times; not needed to go on with what is stored
    #[arg(long = "source", value_name = "PATH", help_heading = "Chain")]
    pub(crate) sources: Vec<PathBuf>,

    /// Blocks whose rows are wanted, END exclusive: 15M:16M, 15M:+1000, :100k, 5000: [default: all]
    #[arg(long, value_name = "START:END", help_heading = "Chain")]
    pub(crate) range: Option<RangeRequest>,

    /// Start from the state after --state-block instead of genesis: a dump by another client, which may be gzipped (reth's
    /// state.jsonl, geth's `dump`, also --iterative). The --source must have that block, whose state root is compared, and
    /// the 255 before it
    #[arg(long, value_name = "FILE", requires = "state_block", help_heading = "Chain")]
    pub(crate) state: Option<PathBuf>,

    /// The block after which the state of --state is; execution begins with the next one
    #[arg(long, value_name = "N", requires = "state", help_heading = "Chain")]
    pub(crate) state_block: Option<NonZeroU64>,

    #[command(flatten, next_help_heading = "Output")]
    pub(crate) data_dir: DataDir,

    /// The DuckDB file to fill [default: CHAIN.duckdb in DIR; blockmill.duckdb for a chain without a name]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,

    /// Tables to fill: names with commas between them, `default` for the default ones, +NAME for those and one more.
    /// `blockmill datasets` lists them
    #[arg(long, value_name = "LIST", default_value = DEFAULT_DATASETS, help_heading = "Output")]
    pub(crate) datasets: DatasetList,

    #[command(flatten, next_help_heading = "Output")]
    pub(crate) rows: RowArgs,

    /// Keep witnesses in the store, so that `blockmill trace` can make another dataset later without executing again; a
    /// run without this prunes them
    #[arg(long, help_heading = "Output")]
    pub(crate) keep_witnesses: bool,

    #[command(flatten, next_help_heading = "Resources")]
    pub(crate) machine: MachineArgs,

    #[command(flatten, next_help_heading = "Resources")]
    pub(crate) profile: ProfileArgs,

    /// Check the state root after every N-th block too; 1 checks every block [default: once per slice of work, every few
    /// seconds, and where it is wrong the first wrong block is found]
    #[arg(long, value_name = "N", help_heading = "Checks")]
    pub(crate) root_interval: Option<NonZeroU64>,

    /// Make the tables again out of the store, when the DuckDB file is lost or damaged: no source is read, and every block
    /// whose rows are missing is executed again, for which the state goes back to the first of them. All rows that are there
    /// are read first; a damaged file is set aside
    #[arg(long, conflicts_with = "sources", help_heading = "Output")]
    pub(crate) tables_only: bool,

    /// Compute the state trie anew from all accounts and slots first: repairs a store whose trie is damaged, as
    /// `blockmill verify --deep` finds out
    #[arg(long, help_heading = "Checks")]
    pub(crate) rebuild_trie: bool,

    /// Verify every file against checksums_sha256.txt or checksums.txt beside it before its blocks are used
    #[arg(long, help_heading = "Checks")]
    pub(crate) checksums: bool,

    /// Say what a run would do, and do nothing
    #[arg(long, help_heading = "Checks")]
    pub(crate) dry_run: bool,
}

impl RebuildArgs {
    /// The settings on these resources, with every default filled in.
    ///
    /// # Errors
    /// Arguments that contradict each other.
    pub(crate) fn settings(&self, resources: &Resources) -> Result<Settings, RunError> {
        if let (ChainChoice::GenesisFile(chain), Some(_)) = (&self.chain, &self.genesis) {
            let reason = "--genesis goes with a chain known by name";
            return Err(RunError::Usage(format!(
                "{reason}; --chain {} is a genesis file itself",
                chain.display()
            )));
        }
        self.rows.check(&self.datasets.0)?;
        Ok(Settings {
            chain: self.chain.clone(),
            genesis: self.genesis.clone(),
            sources: self.sources.clone(),
            checksums: self.checksums,
            state: self.state()?,
            data_dir: self.data_dir.path.clone(),
            out: self.out.clone().unwrap_or_else(|| self.default_out()),
            range: self.range.unwrap_or_default(),
            datasets: self.datasets.0.clone(),
            memory: resources.memory,
            threads: resources.threads,
            root_interval: self.root_interval.map_or(RootInterval::Slice, |n| RootInterval::Blocks(n.get())),
            tables_only: self.tables_only,
            rebuild_trie: self.rebuild_trie,
            keep_witnesses: self.keep_witnesses,
            precompiles: self.rows.precompiles,
            opcode_stack: self.rows.opcode_stack(),
            units: UnitLimits::of(&self.datasets.0),
            queues: QueueLimits::default(),
            slices: SliceSize::default(),
        })
    }

    fn state(&self) -> Result<Option<StateChoice>, RunError> {
        let (Some(file), Some(block)) = (&self.state, self.state_block) else { return Ok(None) };
        if self.genesis.is_some() || self.tables_only {
            let usage = "--state goes neither with --genesis, whose state it takes the place of, nor with --tables-only, which \
                         goes on with what is stored";
            return Err(RunError::Usage(usage.into()));
        }
        Ok(Some(StateChoice { file: file.clone(), block: block.get() }))
    }

    fn default_out(&self) -> PathBuf {
        let name = match &self.chain {
            ChainChoice::Known(chain) => format!("{}.duckdb", chain.name()),
            ChainChoice::GenesisFile(_) => CUSTOM_CHAIN_FILE.to_owned(),
        };
        self.data_dir.path.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, Command};
    use super::*;
    use blockmill_pipeline::ByteSize;
    use blockmill_schemas::Dataset;
    use clap::Parser;
    use std::path::Path;

    fn settings(arguments: &str) -> Result<Settings, String> {
        let words = ["blockmill", "rebuild"].into_iter().chain(arguments.split_whitespace());
        match Cli::try_parse_from(words).map_err(|error| error.to_string())?.command {
            Command::Rebuild(arguments) => {
                let settings =
                    arguments.machine.resources().and_then(|resources| arguments.settings(&resources));
                settings.map_err(|error| error.to_string())
            }
            other => panic!("{other:?} is not rebuild"),
        }
    }

    #[test]
    fn nothing_given_means_mainnet_in_the_data_folder() {
        let settings = settings("").unwrap();
        assert_eq!(settings.out, Path::new("data/mainnet.duckdb"));
        assert_eq!(settings.root_interval, RootInterval::Slice);
        assert!(settings.datasets.into_iter().eq(Dataset::defaults()));
        assert!(settings.threads >= 1 && settings.memory > ByteSize(0));
    }

    #[test]
    fn everything_given_arrives() {
        let settings = settings(
            "--chain g.json --source a.rlp --source b --range 5k:+10 --data-dir /d --out /o.duckdb --datasets logs \
             --memory 512MiB --threads 3 --root-interval 1 --keep-witnesses --precompiles",
        )
        .unwrap();
        assert_eq!(settings.chain, ChainChoice::GenesisFile("g.json".into()));
        assert_eq!(settings.sources, [Path::new("a.rlp"), Path::new("b")]);
        assert_eq!((settings.range.start, settings.range.end), (Some(5_000), Some(5_010)));
        assert_eq!((settings.memory, settings.threads), (ByteSize(512 << 20), 3));
        assert_eq!(settings.root_interval, RootInterval::Blocks(1));
        assert_eq!(settings.datasets, [Dataset::Logs]);
        assert!(settings.keep_witnesses && settings.precompiles);
        assert_eq!(settings.out, Path::new("/o.duckdb"));
    }

    #[test]
    fn the_stack_is_wanted_only_where_it_is_asked_for_and_instructions_make_units_smaller() {
        let plain = settings("--datasets opcodes").unwrap();
        assert!(!plain.opcode_stack && plain.units.gas < settings("").unwrap().units.gas);
        let with_stack = settings("--datasets +opcodes --opcodes stack").unwrap();
        assert!(with_stack.opcode_stack && with_stack.datasets.contains(&Dataset::Blocks));
    }

    #[test]
    fn a_chain_without_a_name_fills_blockmill_duckdb() {
        assert_eq!(settings("--chain g.json --data-dir d").unwrap().out, Path::new("d/blockmill.duckdb"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (arguments, reason) in [
            ("--chain nowhere", "no such chain"),
            ("--chain g.json --genesis h.json", "is a genesis file itself"),
            ("--threads 0", "non-zero"),
            ("--root-interval 0", "non-zero"),
            ("--memory lots", "is not a size"),
            ("--memory 100MiB", "is too little"),
            ("--memory 9999999GiB", "is more than the "),
            ("--threads 1152921504606846976", "that are taken at most"),
            ("--range 9:3", "is empty"),
            ("--datasets trces", "no such dataset"),
            ("--datasets opcodes --opcodes memory", "possible values: stack"),
            ("--opcodes stack", "goes with the dataset opcodes"),
        ] {
            let error = settings(arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments}: {error}");
        }
    }
}
