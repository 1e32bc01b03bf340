//! Chain files into checked blocks, one core: era1 files, an RLP export and an ere file through [`Source`], beside a plain pass
//! over the same bytes that unpacks and decodes every item and checks nothing. The ere file also on all cores, as a rebuild reads it.
//!
//! The public era1 files are from the first weeks of their chains: small headers, hardly a transaction. The export and the ere file,
//! which has receipts too, are a practice chain full of transactions, whose senders the source recovers as well; it says how long
//! that took, so that the rest is measured in the same pass.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use alloy::consensus::{BlockBody, Eip658Value, Header};
use alloy::primitives::Log;
use alloy_rlp::{Decodable, RlpDecodable};
use blockmill_benches::{Amount, Comparison, Silent, is_smoke_test, settings_of};
use blockmill_chain::{Ancestry, Block, Cancel, ChainSpec, KnownChain, Receipt, Transaction};
use blockmill_devchain::{Profile, Request, generate};
use blockmill_load::{Database, LoadOptions};
use blockmill_pipeline::{ArchiveRequest, ERA_BLOCKS, rebuild, store_dir, write_archive};
use blockmill_schemas::Dataset;
use blockmill_source::{ReadLimit, Source, read_genesis};
use blockmill_store::{Store, StoreOptions};
use blockmill_testkit::vectors;
use criterion::{Criterion, criterion_group, criterion_main};
use snap::read::FrameDecoder;

/// The limit of a batch, as the source stage has it.
const BATCH: ReadLimit = ReadLimit { blocks: 1_000, bytes: 16 << 20 };
const EXPORT_BLOCKS: u64 = 150;

/// Everything in the files, through the public interface; how long that takes besides recovering senders.
fn through_source(files: &[PathBuf], spec: &ChainSpec) -> Duration {
    let started = Instant::now();
    let mut source = Source::open(files, spec).expect("the files can be read");
    let (range, mut ancestry) = (source.range(), Ancestry::unknown());
    let mut next = range.start;
    while next < range.end {
        let batch = source.read(next, &ancestry, BATCH).expect("the files are valid");
        for block in &batch {
            ancestry.push(&block.block, block.total_difficulty);
        }
        next += batch.len() as u64;
    }
    started.elapsed() - source.sender_time()
}

/// Entry types of era1 and ere files that are packed.
const PACKED: [u16; 4] = [3, 4, 5, SLIM_RECEIPTS];
const SLIM_RECEIPTS: u16 = 10;

/// A receipt of an ere file: `[tx-type, status, cumulative-gas, logs]`.
#[derive(RlpDecodable)]
struct SlimReceipt {
    _kind: u8,
    _status: Eip658Value,
    _cumulative_gas_used: u64,
    _logs: Vec<Log>,
}

/// The packed entries of an era1 or ere file, each with its type.
fn entries(mut file: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let next = move || {
        let (&[k0, k1, l0, l1, l2, l3, _, _], rest) = file.split_first_chunk()?;
        let (data, after) = rest.split_at_checked(u32::from_le_bytes([l0, l1, l2, l3]) as usize)?;
        file = after;
        Some((u16::from_le_bytes([k0, k1]), data))
    };
    std::iter::from_fn(next).filter(|(kind, _)| PACKED.contains(kind))
}

/// Unpacks all entries of the files with one decoder and gives each to `take`; returns their bytes.
fn unpack(files: &[Vec<u8>], mut take: impl FnMut(u16, &[u8])) -> u64 {
    let (mut decoder, mut unpacked, mut bytes) = (FrameDecoder::new(&[][..]), Vec::new(), 0);
    for (kind, data) in files.iter().flat_map(|file| entries(file)) {
        *decoder.get_mut() = data;
        unpacked.clear();
        decoder.read_to_end(&mut unpacked).expect("the files are valid");
        take(kind, &unpacked);
        bytes += unpacked.len() as u64;
    }
    bytes
}

fn decode_entry(kind: u16, mut rlp: &[u8]) {
    let decoded = match kind {
        3 => Header::decode(&mut rlp).map(drop),
        4 => BlockBody::<Transaction>::decode(&mut rlp).map(drop),
        SLIM_RECEIPTS => Vec::<SlimReceipt>::decode(&mut rlp).map(drop),
        _ => Vec::<Receipt>::decode(&mut rlp).map(drop),
    };
    decoded.expect("the files are valid");
}

/// Every block of an export.
fn blocks(mut export: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    while !export.is_empty() {
        blocks.push(Block::decode(&mut export).expect("the export is valid"));
    }
    blocks
}

fn era1(criterion: &mut Criterion, pool: &rayon::ThreadPool) -> Result<(), Box<dyn Error>> {
    let Some(folder) = vectors::require("era") else { return Ok(()) };
    let paths = ["mainnet-00000-5ec1ffb8.era1", "mainnet-00001-a5364e9a.era1"].map(|name| folder.join(name));
    let files = paths.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
    let spec = ChainSpec::known(KnownChain::Mainnet);
    let bytes = Amount::Bytes(unpack(&files, |_, _| ()));
    Comparison::new("decode_era1")
        .lane("plain_pass", bytes, || unpack(&files, decode_entry))
        .lane("unpack_only", bytes, || unpack(&files, |_, _| ()))
        .lane("source", bytes, || pool.install(|| through_source(&paths, &spec)))
        .run(criterion)
        .print();
    Ok(())
}

fn export(criterion: &mut Criterion, pool: &rayon::ThreadPool) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (chain, spec) = practice_chain(folder.path())?;
    let paths = [chain.join("chain.rlp")];
    let file = fs::read(&paths[0])?;
    let bytes = Amount::Bytes(file.len() as u64);
    Comparison::new("decode_export")
        .lane("plain_pass", bytes, || blocks(&file))
        .lane("source", bytes, || pool.install(|| through_source(&paths, &spec)))
        .timed("source_without_senders", bytes, || pool.install(|| through_source(&paths, &spec)))
        .run(criterion)
        .print();
    Ok(())
}

/// The chain of `export`, with its receipts, as an archive.
fn ere(criterion: &mut Criterion, pool: &rayon::ThreadPool) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (_, spec) = practice_chain(folder.path())?;
    let settings = settings_of(folder.path(), vec![Dataset::Blocks, Dataset::Transactions, Dataset::Logs]);
    rebuild(&settings, &Cancel::default(), &Silent)?;
    let store = Store::open(store_dir(&settings.data_dir), StoreOptions { budget_bytes: 64 << 20 })?;
    let temp_dir = folder.path().join("temp");
    let database = Database::open_read_only(
        &settings.out,
        &LoadOptions { memory_bytes: 512 << 20, threads: 1, temp_dir },
    )?;
    let request = ArchiveRequest {
        store: &store,
        database: Some(&database),
        folder: &folder.path().join("archive"),
        file_blocks: ERA_BLOCKS,
        window_bytes: 64 << 20,
        cancel: &Cancel::default(),
    };
    let mut paths = Vec::new();
    write_archive(&request, &mut |file| paths.push(file.path.clone()))?;
    let files = paths.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
    let bytes = Amount::Bytes(unpack(&files, |_, _| ()));
    let all_cores = rayon::ThreadPoolBuilder::new().build()?;
    Comparison::new("decode_ere")
        .lane("plain_pass", bytes, || unpack(&files, decode_entry))
        .lane("unpack_only", bytes, || unpack(&files, |_, _| ()))
        .lane("source", bytes, || pool.install(|| through_source(&paths, &spec)))
        .timed("source_without_senders", bytes, || pool.install(|| through_source(&paths, &spec)))
        .timed("the_same_on_all_cores", bytes, || all_cores.install(|| through_source(&paths, &spec)))
        .run(criterion)
        .print();
    Ok(())
}

/// Makes the practice chain in `folder`: where it is, and its rules.
fn practice_chain(folder: &Path) -> Result<(PathBuf, ChainSpec), Box<dyn Error>> {
    let chain = folder.join("chain");
    let count = if is_smoke_test() { 20 } else { EXPORT_BLOCKS };
    generate(&Request::new(Profile::MainnetMix, count, 1), &chain, &Cancel::default(), &mut |_| {})?;
    let spec = ChainSpec::custom(&read_genesis(&chain.join("genesis.json"))?)?;
    Ok((chain, spec))
}

fn decode(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("threads start");
    era1(criterion, &pool).expect("the vectors can be read");
    export(criterion, &pool).expect("a chain can be made");
    ere(criterion, &pool).expect("a chain can be made");
}

criterion_group!(benches, decode);
criterion_main!(benches);
