//! What a second thread gives: the 46 real blocks, again and again until 20 Ggas, all default datasets into sealed Parquet
//! units, on one thread and on two, in turn.

#![expect(clippy::print_stdout, reason = "a bench prints its result")]

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use blockmill_benches::{Extraction, RealBlocks, is_smoke_test};
use blockmill_chain::BlockRange;
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_spill::SpillDir;

const GAS: u64 = 20_000_000_000;
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(blocks) = RealBlocks::read()? else {
        println!("SKIPPED trace_threads: the vectors are missing");
        return Ok(());
    };
    let units = if is_smoke_test() { 2 } else { GAS.div_ceil(blocks.gas()) };
    println!("46 real blocks {units} times, {:.1} Ggas", (units * blocks.gas()) as f64 / 1e9);
    let codes = CodeCache::new(1 << 30);
    let mut best = [Duration::MAX; 2];
    let rounds = if is_smoke_test() { 1 } else { ROUNDS };
    for _ in 0..rounds {
        for threads in [1, 2] {
            let folder = tempfile::tempdir()?;
            let took = trace(&blocks, &codes, units, threads, folder.path());
            best[threads - 1] = best[threads - 1].min(took);
        }
    }
    let speed = |took: Duration| (units * blocks.gas()) as f64 / 1e9 / took.as_secs_f64();
    println!("one thread  {:.2?}  {:.2} Ggas/s", best[0], speed(best[0]));
    println!("two threads {:.2?}  {:.2} Ggas/s", best[1], speed(best[1]));
    println!("ratio       {:.2} (the best of {rounds} each)", best[0].as_secs_f64() / best[1].as_secs_f64());
    Ok(())
}

/// Workers take the next unit when they are free, as those of the trace stage do.
fn trace(blocks: &RealBlocks, codes: &CodeCache, units: u64, threads: usize, folder: &Path) -> Duration {
    let spill = SpillDir::open(folder).expect("the folder is new");
    let next = AtomicU64::new(0);
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let unit = next.fetch_add(1, Ordering::Relaxed);
                    if unit >= units {
                        break;
                    }
                    seal(blocks, codes, &spill, unit).expect("the vectors are valid");
                }
            });
        }
    });
    started.elapsed()
}

fn seal(blocks: &RealBlocks, codes: &CodeCache, spill: &SpillDir, unit: u64) -> Result<(), Box<dyn Error>> {
    let extraction = Extraction::new(blocks, codes, Dataset::defaults().collect());
    extraction.into_spill(spill, BlockRange::new(unit, unit + 1)).map(drop)
}
