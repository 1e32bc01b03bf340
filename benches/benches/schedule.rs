//! How well units are balanced: with the costs of a practice chain whose work lies in few places, the time that 16 workers
//! would need, for three ways to share the blocks out, over the least that is possible.
//!
//! The costs are measured here, block by block; the workers are simulated. `BLOCKMILL_SCHEDULE_BLOCKS` sets the length of the
//! chain.

#![expect(clippy::print_stdout, reason = "a bench prints its result")]

use std::env;
use std::error::Error;
use std::time::Instant;

use blockmill_benches::{DevChain, is_smoke_test};
use blockmill_chain::BlockRange;
use blockmill_devchain::{Profile, Request};
use blockmill_execute::CodeCache;
use blockmill_pipeline::{UnitLimits, hand_out_order};
use blockmill_schemas::Dataset;
use blockmill_trace::{FrameMemory, RowSink, SinkError, TableRows, TraceOptions, trace_block};

const WORKERS: usize = 16;
/// The chain is short, and so are its units: mainnet has tens of thousands of the default size.
const UNITS: UnitLimits = UnitLimits { blocks: 250, gas: 25_000_000 };
/// Number of batches: as many as five million blocks have when they are handed out 50,000 at a time.
const BATCHES: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let usual = if is_smoke_test() { 200 } else { 8_000 };
    let blocks = env::var("BLOCKMILL_SCHEDULE_BLOCKS").ok().map_or(Ok(usual), |blocks| blocks.parse())?;
    let chain = DevChain::make(&Request::new(Profile::Skewed, blocks, 1))?;
    let costs = Costs::measure(&chain)?;
    let order = hand_out_order(&costs.gas, UNITS, WORKERS);
    let units: Vec<f64> = order.iter().map(|unit| costs.of(*unit)).collect();
    let longest = units.iter().copied().fold(0.0, f64::max);
    let total: f64 = units.iter().sum();
    let ideal = longest.max(total / WORKERS as f64);
    println!(
        "{blocks} skewed blocks, {:.1} Ggas, {total:.1} s on one worker; {} units, the longest {longest:.2} s",
        costs.gas.iter().sum::<u64>() as f64 / 1e9,
        units.len()
    );
    println!("makespan of {WORKERS} workers over max(total / {WORKERS}, longest unit) = {ideal:.2} s:");
    let equal = pieces(costs.gas.len(), WORKERS).map(|range| costs.of(range));
    println!("  equal split by block number  {:.3}", makespan(equal) / ideal);
    let batches = pieces(costs.gas.len(), BATCHES).map(|range| costs.of(range));
    println!("  {BATCHES} batches of as many blocks {:.3}", makespan(batches) / ideal);
    println!("  units by cost                {:.3}", makespan(units) / ideal);
    Ok(())
}

/// What each block of a chain costs.
struct Costs {
    gas: Vec<u64>,
    seconds: Vec<f64>,
}

/// Takes rows and drops them.
struct Dropped;

impl RowSink for Dropped {
    fn write(&mut self, _: Dataset, _: arrow::record_batch::RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

impl Costs {
    /// Traces every block once, all default datasets.
    fn measure(chain: &DevChain) -> Result<Self, Box<dyn Error>> {
        let datasets = Dataset::defaults().collect();
        let options = TraceOptions { datasets, precompiles: false, opcode_stack: false };
        let mut rows = TableRows::new(&options, 16 << 20, FrameMemory::unlimited());
        let codes = CodeCache::new(256 << 20);
        let mut costs = Self { gas: Vec::new(), seconds: Vec::new() };
        for number in 0..chain.end {
            let started = Instant::now();
            let witness = chain.witness(number)?;
            trace_block(&chain.spec, &witness, &codes, &chain.store, &mut rows, &mut Dropped)?;
            costs.seconds.push(started.elapsed().as_secs_f64());
            costs.gas.push(witness.block.header().gas_used);
        }
        Ok(costs)
    }

    fn of(&self, range: BlockRange) -> f64 {
        self.seconds[range.start as usize..range.end as usize].iter().sum()
    }
}

/// `count` ranges of as many blocks each.
fn pieces(blocks: usize, count: usize) -> impl Iterator<Item = BlockRange> {
    let at = move |piece: usize| (blocks * piece / count) as u64;
    (0..count).map(move |piece| BlockRange::new(at(piece), at(piece + 1)))
}

/// When the last of the workers is done, each taking the next piece of work when it is free.
fn makespan(work: impl IntoIterator<Item = f64>) -> f64 {
    let mut free_at = [0.0_f64; WORKERS];
    for seconds in work {
        let first = free_at.iter_mut().min_by(|a, b| a.total_cmp(b)).expect("there are workers");
        *first += seconds;
    }
    free_at.into_iter().fold(0.0, f64::max)
}
