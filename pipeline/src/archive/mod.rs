//! The chain in the store, written as an archive of ere files that other clients read too.
//!
//! A file holds the blocks of one era, 8,192 of them. It is written aside and gets its name when the disk has it; then the
//! list of checksums is written anew. A run that was stopped goes on after the last file in that list.

mod checksums;
mod error;
mod file;

use std::fs;
use std::path::{Path, PathBuf};

use alloy::primitives::hex;
use blockmill_chain::{BlockRange, Cancel, KnownChain};
use blockmill_load::{Database, LoadedUnit};
use blockmill_schemas::Dataset;
use blockmill_source::EreSummary;
use blockmill_store::{Store, StoreError, StoreKind};

use checksums::ChecksumFile;
pub use error::ArchiveError;
use file::FileWriter;

/// Blocks of an era.
pub const ERA_BLOCKS: u64 = 8_192;

/// What is to be written, and from where.
pub struct ArchiveRequest<'a> {
    /// The blocks.
    pub store: &'a Store,
    /// The tables that receipts are made from; without them files have none.
    pub database: Option<&'a Database>,
    /// The folder of the archive; it is made where it does not exist.
    pub folder: &'a Path,
    /// Blocks of a file: [`ERA_BLOCKS`] but in tests.
    pub file_blocks: u64,
    /// Bytes of blocks and of rows that are in memory together.
    pub window_bytes: usize,
    /// Stops the work between two groups of blocks.
    pub cancel: &'a Cancel,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Where it is.
    pub path: PathBuf,
    /// The blocks in it.
    pub range: BlockRange,
    /// Its bytes.
    pub bytes: u64,
    /// Whether it has receipts.
    pub has_receipts: bool,
    /// Whether an earlier run had written it: its bytes still have the checksum that is listed.
    pub was_there: bool,
    /// Files with the first of its blocks that an earlier run had written, and that it takes the place of.
    pub superseded: Vec<PathBuf>,
}

/// Writes all stored blocks; `report` is told of each file when the disk has it. Returns whether it came to the end: not so
/// where it was cancelled.
///
/// # Errors
/// A store of single blocks, or one without blocks; blocks or rows that are damaged or do not fit together: their file is not
/// written; other archives in the folder; a full disk.
pub fn write_archive(
    request: &ArchiveRequest<'_>,
    report: &mut dyn FnMut(&ArchivedFile),
) -> Result<bool, ArchiveError> {
    let (range, network) = (stored_blocks(request.store)?, network(request.store)?);
    let state_block = request.store.first_block()?;
    let covered = match request.database {
        Some(database) => with_receipts(&database.loaded()?, state_block),
        None => Vec::new(),
    };
    let folder = request.folder;
    fs::create_dir_all(folder).map_err(|e| ArchiveError::io(folder, e))?;
    let mut list = ChecksumFile::open(folder)?;
    let earlier = archives_in(folder)?;
    let mut next = range.start;
    while next < range.end {
        let era = next / request.file_blocks;
        let blocks = BlockRange::new(next, range.end.min((era + 1) * request.file_blocks));
        let is_covered = |range: &BlockRange| range.start <= blocks.start && blocks.end <= range.end;
        let database = request.database.filter(|_| covered.iter().any(is_covered));
        let name = name(request.store, &network, era, blocks, database.is_some())?;
        let superseded = superseded(request.store, &earlier, &network, era, blocks, &name)?;
        let path = folder.join(&name);
        let was_there = list.has_whole(&name, &path)?;
        if !was_there {
            let writer = FileWriter { request, blocks, database };
            let Some(sha256) = writer.write(&path)? else { return Ok(false) };
            list.set(&name, sha256, &superseded)?;
        }
        for path in &superseded {
            fs::remove_file(path).map_err(|e| ArchiveError::io(path, e))?;
        }
        let bytes = fs::metadata(&path).map_err(|e| ArchiveError::io(&path, e))?.len();
        report(&ArchivedFile {
            path,
            range: blocks,
            bytes,
            has_receipts: database.is_some(),
            was_there,
            superseded,
        });
        next = blocks.end;
    }
    Ok(true)
}

fn stored_blocks(store: &Store) -> Result<BlockRange, ArchiveError> {
    let identity = store.identity()?.ok_or(ArchiveError::NoBlocks)?;
    if identity.kind == StoreKind::Witnesses {
        return Err(ArchiveError::SingleBlocks);
    }
    let last = store.last_block()?.ok_or(ArchiveError::NoBlocks)?;
    let first = store.numbers(BlockRange::new(0, last + 1)).next().transpose()?.unwrap_or(last);
    // Block 0 of a chain whose other blocks are from its middle is no part of it.
    let first = match store.block_hash(first + 1)? {
        None if first < last => {
            store.numbers(BlockRange::new(first + 1, last + 1)).next().transpose()?.unwrap_or(last)
        }
        _ => first,
    };
    Ok(BlockRange::new(first, last + 1))
}

/// The name of the chain in names of files; other clients have none for chains of one's own.
fn network(store: &Store) -> Result<String, ArchiveError> {
    let identity = store.identity()?.ok_or(ArchiveError::NoBlocks)?;
    let known = KnownChain::by_genesis(identity.genesis_hash);
    Ok(known.map_or_else(|| format!("chain{}", identity.chain_id), |chain| chain.name().to_owned()))
}

fn name(
    store: &Store,
    network: &str,
    era: u64,
    blocks: BlockRange,
    has_receipts: bool,
) -> Result<String, ArchiveError> {
    let number = blocks.end - 1;
    let last = store.block_hash(number)?.ok_or(StoreError::UnknownBlock { number })?;
    let receipts = if has_receipts { "" } else { "-noreceipts" };
    Ok(format!("{network}-{era:05}-{}-noproofs{receipts}.ere", hex::encode(&last[..4])))
}

/// Blocks whose transactions and logs are in the tables, as few ranges. The block of a loaded state has none.
fn with_receipts(units: &[LoadedUnit], state_block: u64) -> Vec<BlockRange> {
    let mut covered: Vec<BlockRange> = Vec::new();
    for unit in units.iter().filter(|unit| state_block == 0 || unit.range.start != state_block) {
        let has = |dataset| unit.segments.iter().any(|segment| segment.dataset == dataset);
        if !has(Dataset::Transactions) || !has(Dataset::Logs) {
            continue;
        }
        match covered.last_mut().filter(|last| last.end == unit.range.start) {
            Some(last) => last.end = unit.range.end,
            None => covered.push(unit.range),
        }
    }
    covered
}

/// The ere files in a folder, in the order of their names.
fn archives_in(folder: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    let failed = |error| ArchiveError::io(folder, error);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(failed)?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "ere" || ending == "erae"));
    paths.sort();
    Ok(paths)
}

/// Files of earlier exports that a new one takes the place of: they are of the same era, and end with a block that the new one
/// has too.
///
/// # Errors
/// A file of that era that is of another chain, or has more than the new one.
fn superseded(
    store: &Store,
    earlier: &[PathBuf],
    network: &str,
    era: u64,
    blocks: BlockRange,
    name: &str,
) -> Result<Vec<PathBuf>, ArchiveError> {
    let of_era = format!("{network}-{era:05}-");
    let mut found = Vec::new();
    for path in earlier {
        let other = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !other.starts_with(&of_era) || other == name {
            continue;
        }
        let in_the_way = |why: &str| ArchiveError::InTheWay { path: path.clone(), why: why.into() };
        let held =
            EreSummary::read(path).map_err(|error| in_the_way(&format!("cannot be read ({error})")))?;
        let last = held.range.end - 1;
        if !blocks.numbers().contains(&last) || store.block_hash(last)? != Some(held.last_hash) {
            return Err(in_the_way("has blocks of this era that are not those of the store"));
        }
        if held.has_receipts && name.contains("-noreceipts") {
            return Err(in_the_way(
                "has receipts, which the new file would not have: give the --out with its tables",
            ));
        }
        found.push(path.clone());
    }
    Ok(found)
}
