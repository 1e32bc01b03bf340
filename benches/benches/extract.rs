//! Rows out of the 46 real blocks, one core, beside the bare loop over the same blocks: each default dataset by itself into
//! memory, then all of them into memory and into sealed Parquet, and the encoding alone.
//!
//! What a dataset costs is what tracing with it takes longer than tracing without any, which replays and checks against the
//! header. An inspector of calls and a record of what is read and changed are paid once, by whichever of the datasets
//! that need them is there. So the costs do not add up.

#![expect(clippy::print_stdout, reason = "what a row costs is a result too")]

use std::error::Error;
use std::time::{Duration, Instant};

use blockmill_benches::{
    Amount, BareLoop, Comparison, Extraction, Measured, RealBlocks, Replay, is_smoke_test,
};
use blockmill_chain::BlockRange;
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, Unit};
use criterion::{Criterion, criterion_group, criterion_main};

/// Datasets with the rows that they have, those without any left out.
fn counted(blocks: &RealBlocks, codes: &CodeCache) -> Vec<(Dataset, u64)> {
    let rows = |dataset| {
        let extraction = Extraction::new(blocks, codes, vec![dataset]);
        (dataset, extraction.into_memory().expect("the vectors are valid"))
    };
    Dataset::defaults().map(rows).filter(|(_, rows)| *rows > 0).collect()
}

/// The time of making a unit, which is removed again.
fn sealed(spill: &SpillDir, make: impl FnOnce(BlockRange) -> Result<Unit, Box<dyn Error>>) -> Duration {
    let started = Instant::now();
    make(BlockRange::new(0, 1)).expect("the vectors are valid and the folder can be written");
    let time = started.elapsed();
    spill.remove_beyond(0).expect("the folder can be written");
    time
}

fn extract(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let bare = BareLoop::of_real(&blocks).expect("the vectors have all code");
    let replay = Replay::of_real(&blocks);
    let codes = replay.cache();
    let datasets = counted(&blocks, codes);
    let measured = each_dataset(criterion, &blocks, &bare, &replay, &datasets);
    measured.print();
    print_costs(&measured, &datasets);
    all_defaults(criterion, &blocks, &bare, codes, datasets.iter().map(|(_, rows)| rows).sum());
}

fn each_dataset(
    criterion: &mut Criterion,
    blocks: &RealBlocks,
    bare: &BareLoop<'_>,
    replay: &Replay<'_, RealBlocks>,
    datasets: &[(Dataset, u64)],
) -> Measured {
    let gas = Amount::Gas(blocks.gas());
    let mut comparison =
        Comparison::new("extract")
            .lane("bare_loop", gas, || bare.run())
            .lane("replay", gas, || replay.run().expect("the vectors are valid"));
    let nothing = Extraction::new(blocks, replay.cache(), Vec::new());
    comparison =
        comparison.lane("no_dataset", gas, move || nothing.into_memory().expect("the vectors are valid"));
    for (dataset, _) in datasets {
        let extraction = Extraction::new(blocks, replay.cache(), vec![*dataset]);
        let rows = move || extraction.into_memory().expect("the vectors are valid");
        comparison = comparison.lane(dataset.name(), gas, rows);
    }
    comparison.run(criterion)
}

fn print_costs(measured: &Measured, datasets: &[(Dataset, u64)]) {
    let times = measured.time("replay").zip(measured.time("no_dataset"));
    let Some((replay, nothing)) = times.filter(|_| !is_smoke_test()) else { return };
    println!("  {:<20} {:>9} {:>8} {:>12} {:>14}", "dataset", "rows", "ns/row", "rows/s", "of the replay");
    for (dataset, rows) in datasets {
        let Some(time) = measured.time(dataset.name()) else { continue };
        let cost = time.saturating_sub(nothing).as_secs_f64();
        println!(
            "  {:<20} {rows:>9} {:>8.0} {:>12.0} {:>13.1}%",
            dataset.name(),
            cost * 1e9 / *rows as f64,
            *rows as f64 / cost,
            100.0 * cost / replay.as_secs_f64()
        );
    }
}

fn all_defaults(
    criterion: &mut Criterion,
    blocks: &RealBlocks,
    bare: &BareLoop<'_>,
    codes: &CodeCache,
    rows: u64,
) {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let spill = SpillDir::open(folder.path()).expect("the folder can be written");
    let extraction = Extraction::new(blocks, codes, Dataset::defaults().collect());
    let batches = extraction.batches().expect("the vectors are valid");
    let amount = Amount::Of(rows, "rows");
    let measured = Comparison::new("extract_all_defaults")
        .lane("bare_loop", Amount::Gas(blocks.gas()), || bare.run())
        .lane("into_memory", amount, || extraction.into_memory().expect("the vectors are valid"))
        .timed("into_sealed_spill", amount, || sealed(&spill, |range| extraction.into_spill(&spill, range)))
        .timed("encode_spill", amount, || sealed(&spill, |range| extraction.encode(&batches, &spill, range)))
        .run(criterion);
    measured.print();
    let per_row = |time: Duration| time.as_secs_f64() * 1e9 / rows as f64;
    if let Some(time) = measured.time("encode_spill").filter(|_| !is_smoke_test()) {
        println!("  {rows} rows; encoding and sealing alone {:.0} ns for each", per_row(time));
    }
}

criterion_group!(benches, extract);
criterion_main!(benches);
