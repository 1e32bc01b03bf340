//! How like real blocks generated ones are: a table of what both are made of. It measures no time.
//!
//! `BLOCKMILL_DEVCHAIN` names folders of generated chains, separated by colons; without it the table has only the
//! columns of the real blocks.

#![expect(clippy::print_stdout, reason = "the table is the result")]

mod dev_chain;
mod number;
mod rows;

use std::path::Path;

use blockmill_benches::{BlockMix, RealBlocks};
use blockmill_chain::Witness;
use blockmill_execute::CodeCache;
use blockmill_trace::WitnessState;

/// The fork from which on blocks have a base fee, and look like those of today.
const LONDON: u64 = 12_965_000;

/// Room for all code that a column runs.
const CODE_CACHE_BYTES: usize = 1 << 30;

/// A column of the table: blocks counted together, or each for itself.
struct Column {
    name: String,
    mixes: Vec<BlockMix>,
}

impl Column {
    /// The value of all blocks together, or the median of the blocks'.
    fn value(&self, of: impl Fn(&BlockMix) -> f64) -> f64 {
        number::median(self.mixes.iter().map(of).collect())
    }
}

fn main() {
    if !is_asked_for() {
        return;
    }
    let mut columns = real_columns();
    let folders = std::env::var("BLOCKMILL_DEVCHAIN").unwrap_or_default();
    columns.extend(folders.split(':').filter(|folder| !folder.is_empty()).map(dev_column));
    print!("{}", rows::table(&columns));
}

/// Whether the bench is asked for, as criterion does it: its name contains a given word, or none is given.
fn is_asked_for() -> bool {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    words.is_empty() || words.iter().any(|word| "likeness".contains(word.as_str()))
}

fn real_columns() -> Vec<Column> {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return Vec::new() };
    let all: Vec<_> = blocks.witnesses.iter().collect();
    let from_london: Vec<_> =
        all.iter().copied().filter(|witness| witness.block.number() >= LONDON).collect();
    let with_transactions = from_london.iter().filter(|witness| !witness.block.senders.is_empty());
    let each = with_transactions.map(|witness| real_mix(&blocks, &[witness])).collect();
    vec![
        Column { name: "real".into(), mixes: vec![real_mix(&blocks, &all)] },
        Column { name: "real, from London on".into(), mixes: vec![real_mix(&blocks, &from_london)] },
        Column { name: "median block of these".into(), mixes: each },
    ]
}

fn real_mix(blocks: &RealBlocks, witnesses: &[&Witness]) -> BlockMix {
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let mut mix = BlockMix::default();
    for witness in witnesses {
        let before = WitnessState::new(&witness.reads, blocks);
        mix.add(&blocks.spec, &witness.block, before, &codes).expect("the vectors are valid");
    }
    mix
}

fn dev_column(folder: &str) -> Column {
    let folder = Path::new(folder);
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    Column { name, mixes: vec![dev_chain::mix(folder)] }
}
