//! What working at the same time gives: a practice chain through the whole pipeline, stages in turn and overlapped.
//!
//! The least that is possible on so many cores is the slowest stage alone, or all CPU time shared by the cores.
//! `BLOCKMILL_OVERLAP_BLOCKS` sets the length of the chain.

#![expect(clippy::print_stdout, reason = "a bench prints its result")]

use std::env;
use std::error::Error;
use std::thread;
use std::time::Duration;

use blockmill_benches::{DevChain, Silent, cpu_time, is_smoke_test};
use blockmill_chain::{Cancel, StageId};
use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::{ByteSize, RunSummary, Settings, rebuild};
use blockmill_schemas::Dataset;

fn main() -> Result<(), Box<dyn Error>> {
    let usual = if is_smoke_test() { 50 } else { 4_000 };
    let blocks = env::var("BLOCKMILL_OVERLAP_BLOCKS").ok().map_or(Ok(usual), |blocks| blocks.parse())?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let chain = DevChain::make(&Request::new(Profile::MainnetMix, blocks, 1))?;
    let datasets: Vec<_> = Dataset::defaults().collect();
    // Below 1 GiB stages take turns.
    let mut in_turn = chain.settings("in-turn", datasets.clone());
    in_turn.memory = ByteSize((1 << 30) - (1 << 20));
    let overlapped = Settings { memory: ByteSize(2 << 30), ..chain.settings("overlapped", datasets) };
    let (turns, turns_cpu) = measured(&in_turn)?;
    let (overlap, overlap_cpu) = measured(&overlapped)?;
    println!("{blocks} blocks of mainnet-mix on {cores} cores");
    show("in turn", &turns, turns_cpu);
    show("overlapped", &overlap, overlap_cpu);
    let alone = |stage: &blockmill_pipeline::StageSummary| match stage.id {
        StageId::Trace => stage.busy / in_turn.threads as u32,
        _ => stage.busy,
    };
    let slowest = turns.stages.iter().map(alone).max().unwrap_or_default();
    let shared = overlap_cpu / cores as u32;
    println!("slowest stage alone {slowest:.1?}; CPU time over cores {shared:.1?}");
    let least = slowest.max(shared).as_secs_f64();
    println!("overlapped over the larger of both: {:.2}", overlap.elapsed.as_secs_f64() / least);
    println!("in turn over overlapped: {:.2}", turns.elapsed.as_secs_f64() / overlap.elapsed.as_secs_f64());
    Ok(())
}

fn show(name: &str, summary: &RunSummary, cpu: Duration) {
    println!("{name}: {:.1?}, {cpu:.1?} of CPU time", summary.elapsed);
    for stage in &summary.stages {
        let (input, room) = (stage.waited_for_input, stage.waited_for_room);
        println!(
            "  {:<8} busy {:.1?}, waited {input:.1?} for input, {room:.1?} for room",
            stage.id, stage.busy
        );
    }
}

fn measured(settings: &Settings) -> Result<(RunSummary, Duration), Box<dyn Error>> {
    let before = cpu_time()?;
    let summary = rebuild(settings, &Cancel::default(), &Silent)?;
    Ok((summary, cpu_time()? - before))
}
