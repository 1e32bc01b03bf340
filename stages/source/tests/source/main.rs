//! Public chain files, read through the crate's public interface.

#![expect(clippy::unwrap_used, reason = "helper functions of tests; clippy only knows the tests themselves")]

mod chains;
mod difficulty;
mod era1;
mod fees;
mod files;
mod forks;
mod genesis;
mod witnesses;

use std::path::{Path, PathBuf};

use blockmill_chain::{Ancestry, ChainSpec, KnownChain};
use blockmill_source::{ReadLimit, Source, SourceError, SourcedBlock};

/// Batches small enough that there are several.
const BATCH: ReadLimit = ReadLimit { blocks: 700, bytes: 1 << 20 };

fn mainnet() -> ChainSpec {
    ChainSpec::known(KnownChain::Mainnet)
}

/// Reads a source to its end, batch by batch.
fn read_all(paths: &[PathBuf], spec: &ChainSpec, limit: ReadLimit) -> Result<Vec<SourcedBlock>, SourceError> {
    let mut source = Source::open(paths, spec)?;
    let (mut blocks, mut next, mut ancestry) =
        (Vec::<SourcedBlock>::new(), source.range().start, Ancestry::unknown());
    loop {
        let batch = source.read(next, &ancestry, limit)?;
        let Some(last) = batch.last() else { return Ok(blocks) };
        next = last.block.number() + 1;
        batch.iter().for_each(|block| ancestry.push(&block.block, block.total_difficulty));
        assert!(batch.len() <= limit.blocks, "a batch keeps to its limit");
        blocks.extend(batch);
    }
}

fn transactions(blocks: &[SourcedBlock]) -> usize {
    blocks.iter().map(|block| block.block.senders.len()).sum()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
