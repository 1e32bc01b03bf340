//! A rebuild of a practice chain as people run it: from the exported file to the DuckDB file, all stages, default datasets,
//! two threads; beside it the bare loop over the same blocks, on one thread. Then where the time went, in the run's own
//! words.
//!
//! `BLOCKMILL_END_TO_END_BLOCKS` sets the length of the chain.

#![expect(clippy::print_stdout, reason = "a bench prints its result")]

use std::env;
use std::error::Error;
use std::time::Duration;

use blockmill_benches::{BareLoop, DevChain, Silent, cpu_time, is_smoke_test};
use blockmill_chain::{Cancel, Witness};
use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::{RunSummary, Settings, rebuild};
use blockmill_schemas::Dataset;

const THREADS: usize = 2;
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let usual = if is_smoke_test() { 50 } else { 2_000 };
    let blocks = env::var("BLOCKMILL_END_TO_END_BLOCKS").ok().map_or(Ok(usual), |blocks| blocks.parse())?;
    let rounds = if is_smoke_test() { 1 } else { ROUNDS };
    let chain = DevChain::make(&Request::new(Profile::MainnetMix, blocks, 1))?;
    let witnesses = (1..chain.end).map(|number| chain.witness(number)).collect::<Result<Vec<_>, _>>()?;
    let bare = BareLoop::new(&chain.spec, &witnesses, &chain.store)?;
    // What runs first pays for what is set up once.
    bare.run();
    println!(
        "{blocks} blocks of mainnet-mix, {} transactions, {:.2} Ggas",
        transactions(&witnesses),
        ggas(&bare)
    );
    let (mut best_bare, mut best_run): (_, Option<(RunSummary, Duration)>) = (bare.best_of(1), None);
    for round in 0..rounds {
        let settings = Settings {
            threads: THREADS,
            ..chain.settings(&format!("round-{round}"), Dataset::defaults().collect())
        };
        let before = cpu_time()?;
        let run = rebuild(&settings, &Cancel::default(), &Silent)?;
        let cpu = cpu_time()? - before;
        best_bare = best_bare.min(bare.best_of(1));
        let is_better = best_run.as_ref().is_none_or(|(best, _)| run.elapsed < best.elapsed);
        best_run = if is_better { Some((run, cpu)) } else { best_run };
    }
    let (run, cpu) = best_run.ok_or("nothing was run")?;
    println!("best of {rounds} each:");
    let line = |name: &str, time: Duration| {
        let ratio = best_bare.as_secs_f64() / time.as_secs_f64();
        println!("  {name:<36} {time:>8.2?} {:>6.2} Ggas/s {ratio:>6.3}", ggas(&bare) / time.as_secs_f64());
    };
    line("bare loop, one thread", best_bare);
    line("rebuild, two threads", run.elapsed);
    // What it would take if nothing else used the cores, and both were busy all the time.
    line("half of the rebuild's CPU time", cpu / THREADS as u32);
    show_stages(&run);
    Ok(())
}

fn transactions(witnesses: &[Witness]) -> usize {
    witnesses.iter().map(|witness| witness.block.senders.len()).sum()
}

fn ggas(bare: &BareLoop<'_>) -> f64 {
    bare.gas() as f64 / 1e9
}

/// Prints the times of the stages; those of trace are sums over its workers.
fn show_stages(run: &RunSummary) {
    for stage in &run.stages {
        println!(
            "  {:<8} busy {:>6.2?}, waited {:.2?} for input, {:.2?} for room; {} rows, {} bytes",
            stage.id.name(),
            stage.busy,
            stage.waited_for_input,
            stage.waited_for_room,
            stage.rows,
            stage.bytes
        );
    }
    println!(
        "  peak memory {:.0} MiB, the blocks of the bare loop among it",
        run.peak_rss_bytes as f64 / 1048576.0
    );
}
