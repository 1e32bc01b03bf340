//! What is measured runs on: made once, at full speed, in a folder of cargo's; each bench reads it there, under callgrind
//! but not counted.

use std::fs;
use std::path::{Path, PathBuf};

use blockmill_benches::SmallChain;
use blockmill_chain::{ChainSpec, KnownChain};
use blockmill_execute::{BlockState, CodeCache, Executed, NoObserver, execute_block};
use blockmill_schemas::Dataset;
use blockmill_source::Source;
use blockmill_testkit::vectors;
use blockmill_trace::{FrameMemory, TableRows, TraceOptions, WitnessState};
use rayon::ThreadPoolBuilder;

const ERA1: &str = "era/mainnet-00000-5ec1ffb8.era1";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions")
}

fn archive_path() -> PathBuf {
    folder().join("mainnet.era1")
}

/// Makes the folder. The environment, which says where the vectors are, does not reach the benches.
pub(crate) fn make() {
    SmallChain::make(&folder()).expect("cargo's folder can be written to");
    if let Some(archive) = vectors::require(ERA1) {
        fs::copy(archive, archive_path()).expect("cargo's folder can be written to");
    }
}

/// Callgrind counts the thread that the bench runs on, so parallel loops have to run there.
fn on_this_thread() {
    let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("nothing has run in parallel yet");
}

/// The chain whose blocks are run, generated on this thread alone.
pub(crate) fn chain() -> SmallChain {
    on_this_thread();
    SmallChain::read(&folder()).expect("the chain has been made")
}

/// Its witnesses as they are stored.
pub(crate) fn encoded() -> Vec<Vec<u8>> {
    chain().witnesses.iter().map(|witness| witness.reads.encode()).collect()
}

/// An era1 file, where there are vectors.
pub(crate) struct Archive {
    pub(crate) source: Option<Source>,
}

/// The first blocks of mainnet.
pub(crate) fn archive() -> Archive {
    on_this_thread();
    let path = archive_path();
    let spec = ChainSpec::known(KnownChain::Mainnet);
    let open = |path: PathBuf| Source::open(&[path], &spec).expect("the archive is valid");
    Archive { source: path.exists().then(|| open(path)) }
}

/// The chain with its code analysed.
pub(crate) struct Replay {
    pub(crate) chain: SmallChain,
    pub(crate) codes: CodeCache,
}

impl Replay {
    /// Executes every block on its witness.
    pub(crate) fn run(&self) -> Vec<Executed> {
        let SmallChain { spec, witnesses, .. } = &self.chain;
        let run = |witness: &blockmill_chain::Witness| {
            let reader = WitnessState::new(&witness.reads, &self.chain);
            let delegations = spec.is_prague(witness.block.header().timestamp);
            let mut state = BlockState::new(reader, &self.codes, delegations);
            execute_block(spec, &witness.block, &mut state, &mut NoObserver {}, |_| Ok(()))
                .expect("the chain is valid")
        };
        witnesses.iter().map(run).collect()
    }
}

/// The chain, executed once.
pub(crate) fn replay() -> Replay {
    let replay = Replay { chain: chain(), codes: CodeCache::new(1 << 30) };
    replay.run();
    replay
}

/// The chain, and rows to be filled.
pub(crate) struct Tracing {
    pub(crate) replay: Replay,
    pub(crate) rows: TableRows,
}

/// Rows of the default datasets, or of `opcodes`.
pub(crate) fn tracing(what: &str) -> Tracing {
    let datasets = if what == "opcodes" { vec![Dataset::Opcodes] } else { Dataset::defaults().collect() };
    let options = TraceOptions { datasets, precompiles: false, opcode_stack: false };
    Tracing { replay: replay(), rows: TableRows::new(&options, usize::MAX, FrameMemory::unlimited()) }
}
