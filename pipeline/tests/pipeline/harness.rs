//! Runs of the pipeline in a folder of their own, and what their tables hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use blockmill_chain::{BlockRange, Cancel, KnownChain, Monitor, Progress, RangeRequest, StageId};
use blockmill_load::{Database, LoadOptions, TableStats, TextRows};
use blockmill_pipeline::{
    ByteSize, ChainChoice, QueueLimits, RootInterval, RunError, RunSummary, Settings, SliceSize, UnitLimits,
    rebuild, store_dir,
};
use blockmill_schemas::Dataset;
use blockmill_store::{Store, StoreOptions};
use blockmill_testkit::{folder, vectors};
use tempfile::TempDir;

/// A data directory and a DuckDB file that go away with it.
pub(crate) struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out.duckdb")
    }

    /// Settings for a chain of `chains/` of the vectors; `None` where they are missing.
    pub(crate) fn chain(&self, name: &str) -> Option<Settings> {
        let folder = vectors::require(&format!("chains/{name}"))?;
        let genesis = ChainChoice::GenesisFile(folder.join("genesis.json"));
        Some(self.settings(genesis, vec![folder.join("chain.rlp")]))
    }

    /// Settings for mainnet out of these files of the vectors.
    pub(crate) fn mainnet(&self, sources: &[&str]) -> Option<Settings> {
        let sources = sources.iter().map(|name| vectors::require(name)).collect::<Option<Vec<_>>>()?;
        Some(self.settings(ChainChoice::Known(KnownChain::Mainnet), sources))
    }

    pub(crate) fn settings(&self, chain: ChainChoice, sources: Vec<PathBuf>) -> Settings {
        Settings {
            chain,
            genesis: None,
            sources,
            checksums: false,
            state: None,
            data_dir: self.data_dir(),
            out: self.out(),
            range: RangeRequest::default(),
            datasets: Dataset::defaults().collect(),
            memory: ByteSize(1 << 30),
            threads: 2,
            root_interval: RootInterval::Slice,
            tables_only: false,
            rebuild_trie: false,
            keep_witnesses: false,
            precompiles: false,
            opcode_stack: false,
            units: UnitLimits::default(),
            queues: QueueLimits::default(),
            slices: SliceSize::default(),
        }
    }

    /// A copy of all that is in it.
    pub(crate) fn copied(&self) -> Self {
        let copy = Self::new();
        folder::copy(self.folder.path(), copy.folder.path()).unwrap();
        copy
    }

    /// The store of a run that has ended.
    pub(crate) fn store(&self) -> Store {
        let options = StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES };
        Store::open(store_dir(&self.data_dir()), options).unwrap()
    }

    /// The tables of a run that has ended.
    pub(crate) fn tables(&self) -> Tables {
        Tables::open(&self.out())
    }
}

/// A monitor that ignores all reports.
pub(crate) struct Silent;

impl Monitor for Silent {
    fn started(&self, _: StageId, _: BlockRange) {}
    fn advanced(&self, _: StageId, _: Progress) {}
    fn note(&self, _: StageId, _: &str) {}
}

/// Runs to the end.
pub(crate) fn run(settings: &Settings) -> Result<RunSummary, RunError> {
    rebuild(settings, &Cancel::default(), &Silent)
}

/// The command line that asks for what these settings ask for; datasets and units are the default ones.
pub(crate) fn command(settings: &Settings) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
    command.arg("rebuild").arg("--chain");
    match &settings.chain {
        ChainChoice::Known(chain) => command.arg(chain.name()),
        ChainChoice::GenesisFile(path) => command.arg(path),
    };
    settings.genesis.iter().for_each(|path| _ = command.arg("--genesis").arg(path));
    settings.sources.iter().for_each(|path| _ = command.arg("--source").arg(path));
    if settings.checksums {
        command.arg("--checksums");
    }
    if let RootInterval::Blocks(interval) = settings.root_interval {
        command.arg("--root-interval").arg(interval.to_string());
    }
    if let Some(end) = settings.range.end {
        command.arg("--range").arg(format!("{}:{end}", settings.range.start.unwrap_or(0)));
    }
    command.arg("--data-dir").arg(&settings.data_dir).arg("--out").arg(&settings.out);
    command.arg("--memory").arg(settings.memory.0.to_string());
    command.arg("--threads").arg(settings.threads.to_string());
    command
}

/// A DuckDB file, open for questions.
pub(crate) struct Tables(Database);

impl Tables {
    pub(crate) fn open(path: &Path) -> Self {
        let temp_dir = path.with_extension("temp");
        let options = LoadOptions { memory_bytes: 256 << 20, threads: 1, temp_dir };
        Self(Database::open_read_only(path, &options).unwrap())
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0
    }

    pub(crate) fn query(&self, select: &str) -> TextRows {
        self.0.query_text(select).unwrap()
    }

    /// The one value of a query.
    pub(crate) fn value(&self, select: &str) -> Option<String> {
        self.query(select).rows.into_iter().next().and_then(|row| row.into_iter().next().flatten())
    }

    pub(crate) fn count(&self, table: &str) -> u64 {
        self.value(&format!("SELECT count(*) FROM {table}")).unwrap().parse().unwrap()
    }

    /// Every table in full, rows in the order of `ORDER BY ALL`: two databases are the same when these are.
    pub(crate) fn contents(&self) -> BTreeMap<String, TextRows> {
        let names = self.query("SELECT table_name FROM duckdb_tables() WHERE NOT internal");
        let names = names.rows.into_iter().filter_map(|row| row.into_iter().next().flatten());
        names
            .map(|name| (name.clone(), self.query(&format!("SELECT * FROM \"{name}\" ORDER BY ALL"))))
            .collect()
    }

    /// Rows and digest of each table.
    pub(crate) fn digests(&self) -> Vec<TableStats> {
        self.0.table_stats().unwrap()
    }

    /// The checks that do not hold.
    pub(crate) fn broken_checks(&self) -> Vec<String> {
        let outcomes = self.0.verify(|_| {}).unwrap();
        let broken = outcomes.into_iter().filter_map(|outcome| match outcome.verdict {
            blockmill_load::Verdict::Broken { samples, .. } => Some(format!("{}: {samples:?}", outcome.name)),
            blockmill_load::Verdict::Failed { reason } => Some(format!("{}: {reason}", outcome.name)),
            _ => None,
        });
        broken.collect()
    }
}

/// Stops the run when a stage reports this block.
pub(crate) struct StopAfter<'a> {
    pub(crate) stage: StageId,
    pub(crate) block: u64,
    pub(crate) cancel: &'a Cancel,
}

impl Monitor for StopAfter<'_> {
    fn started(&self, _: StageId, _: BlockRange) {}

    fn advanced(&self, stage: StageId, progress: Progress) {
        if stage == self.stage && progress.last_block == self.block {
            self.cancel.cancel();
        }
    }

    fn note(&self, _: StageId, _: &str) {}
}

/// Runs until a stage has reported a block, as if interrupted there.
pub(crate) fn run_until(settings: &Settings, stage: StageId, block: u64) {
    let cancel = Cancel::default();
    let stopped = rebuild(settings, &cancel, &StopAfter { stage, block, cancel: &cancel }).unwrap();
    assert!(stopped.interrupted, "the run has ended before block {block}");
}
