//! Instructions into sealed Parquet on one core: a practice chain full of cheap instructions, and real blocks. Each line adds
//! one piece of the work to the one above, so that the differences say what it is made of.
//!
//! `BLOCKMILL_OPCODE_BLOCKS` sets the length of the practice chain.

#![expect(clippy::print_stdout, reason = "a bench prints its result")]

use std::env;
use std::error::Error;
use std::time::{Duration, Instant};

use arrow::record_batch::RecordBatch;
use blockmill_benches::{DevChain, RealBlocks, Replay, is_smoke_test};
use blockmill_chain::{BlockRange, ChainSpec, CodeSource, Witness};
use blockmill_devchain::{Profile, Request};
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, TableDigest, UnitWriter};
use blockmill_trace::{FrameMemory, RowSink, SinkError, TableRows, TraceOptions, trace_block};

const ROUNDS: usize = 3;
const ROWS_BYTES: usize = 32 << 20;
const SEGMENT_BYTES: usize = 64 << 20;
const GAS_PER_BLOCK: u64 = 10_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let usual = if is_smoke_test() { 1 } else { 4 };
    let blocks = env::var("BLOCKMILL_OPCODE_BLOCKS").ok().map_or(Ok(usual), |blocks| blocks.parse())?;
    let request = Request { gas_per_block: GAS_PER_BLOCK, ..Request::new(Profile::OpcodeStorm, blocks, 1) };
    let chain = DevChain::make(&request)?;
    let storm = (1..chain.end).map(|number| chain.witness(number)).collect::<Result<Vec<_>, _>>()?;
    measure("opcode-storm", &chain.spec, &storm, &chain.store)?;
    if let Some(real) = RealBlocks::read()? {
        measure("46 real blocks", &real.spec, &real.witnesses, &real)?;
    }
    Ok(())
}

/// Counts rows, and passes them on to what is measured.
struct Counted<S> {
    rows: u64,
    next: S,
}

/// What is done with a batch.
trait Next {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), SinkError>;
}

struct Dropped;

impl Next for Dropped {
    fn take(&mut self, _: &RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

impl Next for TableDigest {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), SinkError> {
        Ok(self.update(batch)?)
    }
}

impl Next for UnitWriter {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), SinkError> {
        Ok(self.write(Dataset::Opcodes, batch)?)
    }
}

impl<S: Next> RowSink for Counted<S> {
    fn write(&mut self, _: Dataset, batch: RecordBatch) -> Result<(), SinkError> {
        self.rows += batch.num_rows() as u64;
        self.next.take(&batch)
    }
}

fn measure<C: CodeSource>(
    name: &str,
    spec: &ChainSpec,
    blocks: &[Witness],
    codes: &C,
) -> Result<(), Box<dyn Error>> {
    let replay = Replay::new(spec, blocks, codes);
    let work = Work { spec, blocks, codes, cache: replay.cache() };
    let digest = || TableDigest::new("opcodes", &Dataset::Opcodes.arrow_schema());
    let folder = tempfile::tempdir()?;
    let spill = SpillDir::open(folder.path())?;
    let datasets = [Dataset::Opcodes];
    let range = BlockRange::new(0, 1);
    let mut best = [Duration::MAX; 4];
    let mut rows = 0;
    let rounds = if is_smoke_test() { 1 } else { ROUNDS };
    for _ in 0..rounds {
        best[0] = best[0].min(timed(|| Ok(replay.run().map(drop)?))?);
        best[1] = best[1].min(timed(|| work.trace(Dropped).map(|_| ()))?);
        best[2] = best[2].min(timed(|| work.trace(digest()).map(|_| ()))?);
        best[3] = best[3].min(timed(|| {
            let writer = UnitWriter::create(&spill, range, &datasets, SEGMENT_BYTES)?;
            let traced = work.trace(writer)?;
            rows = traced.rows;
            traced.next.seal()?;
            Ok(())
        })?);
        spill.remove(range)?;
    }
    println!("{name}: {:.1} million instructions, the best of {rounds}", rows as f64 / 1e6);
    let labels = ["replay without an inspector", "+ inspector and columns", "+ digest", "+ sealed Parquet"];
    let per_row = |took: Duration| took.as_nanos() as f64 / rows as f64;
    for (label, took) in labels.into_iter().zip(best) {
        let million = rows as f64 / 1e6 / took.as_secs_f64();
        println!("  {label:<28} {:>6.1} ns each, {million:>6.2} million/s", per_row(took));
    }
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

struct Work<'a, C> {
    spec: &'a ChainSpec,
    blocks: &'a [Witness],
    codes: &'a C,
    cache: &'a CodeCache,
}

impl<C: CodeSource> Work<'_, C> {
    fn trace<S: Next>(&self, next: S) -> Result<Counted<S>, Box<dyn Error>> {
        let options =
            TraceOptions { datasets: vec![Dataset::Opcodes], precompiles: false, opcode_stack: false };
        let mut rows = TableRows::new(&options, ROWS_BYTES, FrameMemory::unlimited());
        let mut sink = Counted { rows: 0, next };
        for witness in self.blocks {
            trace_block(self.spec, witness, self.cache, self.codes, &mut rows, &mut sink)?;
        }
        rows.flush(&mut sink).map_err(|error| error.to_string())?;
        Ok(sink)
    }
}
