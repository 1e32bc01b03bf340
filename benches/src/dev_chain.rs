//! A practice chain in a store that retains its witnesses: blocks of every kind, as many as a bench wants.

use std::error::Error;
use std::path::Path;

use blockmill_chain::{BlockRange, Cancel, ChainSpec, Monitor, Progress, RangeRequest, StageId, Witness};
use blockmill_devchain::{Request, generate};
use blockmill_pipeline::{
    ByteSize, ChainChoice, QueueLimits, RootInterval, Settings, SliceSize, UnitLimits, rebuild, store_dir,
};
use blockmill_schemas::Dataset;
use blockmill_source::read_genesis;
use blockmill_store::{Store, StoreOptions};
use tempfile::TempDir;

/// A practice chain that has been made and executed; its files go with it.
pub struct DevChain {
    /// The rules of the chain.
    pub spec: ChainSpec,
    /// The store with its blocks, code and witnesses.
    pub store: Store,
    /// One past its last block.
    pub end: u64,
    folder: TempDir,
}

/// A monitor that ignores all reports.
pub struct Silent;

impl Monitor for Silent {
    fn started(&self, _: StageId, _: BlockRange) {}
    fn advanced(&self, _: StageId, _: Progress) {}
    fn note(&self, _: StageId, _: &str) {}
}

impl DevChain {
    /// Makes the chain, executes it, and keeps all witnesses.
    ///
    /// # Errors
    /// A full disk, above all: the chain and its store take some hundred megabytes for 10 Ggas.
    pub fn make(request: &Request) -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::new()?;
        let chain = folder.path().join("chain");
        generate(request, &chain, &Cancel::default(), &mut |_| {})?;
        let settings = settings_of(folder.path(), vec![Dataset::Blocks]);
        rebuild(&settings, &Cancel::default(), &Silent)?;
        let spec = ChainSpec::custom(&read_genesis(&chain.join("genesis.json"))?)?;
        let store = Store::open(store_dir(&settings.data_dir), StoreOptions { budget_bytes: 256 << 20 })?;
        Ok(Self { spec, store, end: request.blocks + 1, folder })
    }

    /// A block with what executing it reads.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn witness(&self, number: u64) -> Result<Witness, Box<dyn Error>> {
        let stored = self.store.block(number)?.ok_or("the block is not stored")?;
        let reads = self.store.witness(number)?.ok_or("its witness is not retained")?;
        Ok(Witness { block: stored.block, reads })
    }

    /// Settings of a run over the chain's files, into a data directory of its own with this name.
    pub fn settings(&self, name: &str, datasets: Vec<Dataset>) -> Settings {
        let settings = settings_of(self.folder.path(), datasets);
        let data_dir = self.folder.path().join(name);
        Settings { out: data_dir.join("out.duckdb"), data_dir, keep_witnesses: false, ..settings }
    }
}

/// Settings of a run over the chain in `chain`, into `data`, both in this folder; witnesses are kept.
pub fn settings_of(folder: &Path, datasets: Vec<Dataset>) -> Settings {
    let chain = folder.join("chain");
    let data_dir = folder.join("data");
    Settings {
        chain: ChainChoice::GenesisFile(chain.join("genesis.json")),
        genesis: None,
        checksums: false,
        state: None,
        sources: vec![chain.join("chain.rlp")],
        out: data_dir.join("out.duckdb"),
        data_dir,
        range: RangeRequest::default(),
        datasets,
        memory: ByteSize(2 << 30),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        root_interval: RootInterval::Slice,
        tables_only: false,
        rebuild_trie: false,
        keep_witnesses: true,
        precompiles: false,
        opcode_stack: false,
        units: UnitLimits::default(),
        queues: QueueLimits::default(),
        slices: SliceSize::default(),
    }
}
