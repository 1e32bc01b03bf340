//! A source: files in order, and batches of checked blocks out of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use alloy::primitives::B256;
use blockmill_chain::{Ancestor, Ancestry, BlockRange, ChainSpec};
use rayon::prelude::*;

use crate::block::{ReadLimit, SourcedBlock};
use crate::checksums::Checksums;
use crate::cursor::{Cursor, RawBlock};
use crate::decode::{DecodedBlock, decode};
use crate::e2store::Unpacker;
use crate::era1::Era1File;
use crate::ere::EreSummary;
use crate::error::{Checked, FilePlace, SourceError};
use crate::kind::{FileKind, SourceKind};
use crate::link::{ChainEnd, ParentLink};
use crate::listing::{self, ListedFile, Listing};
use crate::rlp::{GzipExport, GzipRun, RlpIndex};
use crate::witness_file::Survey;
use crate::{headers, order, verify, witness_file};

/// A run of consecutive blocks that is read out of a file of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// The path of the file.
    pub path: PathBuf,
    /// The format of the file.
    pub kind: FileKind,
    /// The number of the run's first block.
    pub first: u64,
    /// The number of the run's last block.
    pub last: u64,
    /// How many blocks it holds.
    pub blocks: u64,
    /// Its size on disk.
    pub bytes: u64,
}

/// A run of consecutive blocks in a file, and what reading it needs to know.
pub(crate) struct SourceFile {
    pub(crate) summary: FileSummary,
    pub(crate) layout: Layout,
    /// Why the file has no block that can be read after the run, where something is there.
    pub(crate) problem: Option<SourceError>,
    /// What people should know of it.
    remark: Option<String>,
    /// Proofs in it, which nothing checks.
    proofs: u64,
}

impl SourceFile {
    fn new(path: &Path, kind: FileKind, range: BlockRange, layout: Layout, bytes: u64) -> Self {
        let (first, last, blocks) = (range.start, range.end - 1, range.len());
        let summary = FileSummary { path: path.into(), kind, first, last, blocks, bytes };
        Self { summary, layout, problem: None, remark: None, proofs: 0 }
    }
}

/// How a file is entered.
pub(crate) enum Layout {
    Era1,
    Ere,
    Rlp(RlpIndex),
    RlpGzip(GzipRun),
    Witness {
        /// Size of the JSON, unpacked.
        json_bytes: usize,
        /// The block's hash, as the file says.
        hash: B256,
    },
}

/// Files of one kind, in the order of their blocks.
///
/// Reading is sequential: a batch that starts where the last one ended continues in the open file, any other opens its
/// file anew (and a gzipped export is then unpacked from its start).
pub struct Source {
    spec: ChainSpec,
    kind: SourceKind,
    files: Vec<SourceFile>,
    summaries: Vec<FileSummary>,
    notes: Vec<String>,
    open: Option<OpenFile>,
    /// Where each file is verified before it is used.
    checksums: Option<Checksums>,
    sender_time: Duration,
}

/// The chain file that is being read.
struct OpenFile {
    /// Its place among the files.
    position: usize,
    cursor: Cursor,
    /// The block that the cursor stands before.
    next: u64,
}

impl Source {
    /// Finds and orders the files. In folders, files with known endings are taken (`.era1`, `.ere`, `.erae`, `.rlp`,
    /// `.rlp.gz`, `.gz`, `.json`, `.json.gz`), and of the JSON files those that are witness files. Blocks that are there several times are taken
    /// once.
    ///
    /// Exports and witness files are walked over once to learn their blocks, of archives only the index is read.
    ///
    /// # Errors
    /// A file of unknown kind, chain files mixed with witness files, blocks missing between chain files, different blocks with
    /// the same number, and damage that shows while walking over the files.
    pub fn open(paths: &[PathBuf], spec: &ChainSpec) -> Result<Self, SourceError> {
        Self::open_until(paths, spec, None)
    }

    /// Like [`open`](Self::open), where no block from `end` on is wanted: what is missing or damaged there is
    /// no error.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_until(paths: &[PathBuf], spec: &ChainSpec, end: Option<u64>) -> Result<Self, SourceError> {
        let Listing { files: listed, mut notes } = listing::list(paths)?;
        let found: Vec<_> = listed.par_iter().map(survey).collect();
        let found: Vec<_> = found.into_iter().collect::<Result<_, _>>()?;
        refuse_empty_folder(&listed, &found)?;
        notes.extend(remarks(&found));
        let ordered = order::order(found.into_iter().flatten().collect())?;
        let summaries: Vec<_> = ordered.files.iter().map(|file| file.summary.clone()).collect();
        let covered = summaries.last().map_or(0, |file| file.last + 1);
        notes.extend(ordered.notes);
        match ordered.problem {
            Some(problem) if end.is_some_and(|end| end <= covered) => {
                notes.push(format!("used up to block {} only: {problem}", covered - 1));
            }
            Some(problem) => return Err(problem),
            None => {}
        }
        let (kind, files) = (ordered.kind, ordered.files);
        Ok(Self {
            spec: spec.clone(),
            kind,
            files,
            summaries,
            notes,
            open: None,
            checksums: None,
            sender_time: Duration::ZERO,
        })
    }

    /// From now on a file is verified against the list beside it before its first block is used.
    pub fn verify_checksums(&mut self) {
        self.checksums = Some(Checksums::default());
    }

    /// What people should know of the files: those that were skipped, and blocks that are there several times.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// That the chain in the files begins with this genesis, as far as they tell: with block 0, or with the parent of block 1.
    /// A first block that the second one does not follow is left to the checks of reading.
    ///
    /// # Errors
    /// [`OtherGenesis`](SourceError::OtherGenesis).
    pub fn check_genesis(&self, expected: B256) -> Result<(), SourceError> {
        let Some(file) = self.files.first().filter(|_| self.kind == SourceKind::Chain) else { return Ok(()) };
        let Some((actual, place)) = headers::genesis_of(file) else { return Ok(()) };
        if actual == expected {
            return Ok(());
        }
        let chain = match self.spec.genesis_hash {
            Some(_) => self.spec.name.clone(),
            None => "the chain of the genesis file".into(),
        };
        Err(SourceError::OtherGenesis { place, chain, expected, actual })
    }

    /// How long recovering the senders of blocks from chain files took so far: most of what reading them takes.
    pub fn sender_time(&self) -> Duration {
        self.sender_time
    }

    /// What all files are.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// From the first to the last block. Chain files hold every block of it, witness files perhaps not.
    pub fn range(&self) -> BlockRange {
        let first = self.summaries.first().map_or(0, |file| file.first);
        BlockRange::new(first, self.summaries.last().map_or(first, |file| file.last + 1))
    }

    /// What is read out of the files, in the order of the blocks.
    pub fn files(&self) -> &[FileSummary] {
        &self.summaries
    }

    /// Reads, checks and recovers the next blocks from `start` on; none at the end of the range.
    ///
    /// Chain files: the batch starts with block `start`, which must follow `ancestry` as far as that is
    /// known, and ends with its file at the latest. Witness files: the batch starts with the first block at
    /// or after `start`, and `ancestry` is ignored.
    ///
    /// # Errors
    /// The first block's, so that the blocks before a damaged one can be used: they are handed out first, and the next
    /// call, which starts at the damaged block, fails.
    pub fn read(
        &mut self,
        start: u64,
        ancestry: &Ancestry,
        limit: ReadLimit,
    ) -> Result<Vec<SourcedBlock>, SourceError> {
        match self.kind {
            SourceKind::Chain => self.read_chain(start, ancestry, limit),
            SourceKind::Witnesses => self.read_witnesses(start, limit),
        }
    }

    fn read_chain(
        &mut self,
        start: u64,
        ancestry: &Ancestry,
        limit: ReadLimit,
    ) -> Result<Vec<SourcedBlock>, SourceError> {
        if start == self.range().end {
            self.open = None;
            return Ok(Vec::new());
        }
        let Some(mut open) = self.opened_at(start)? else { return Ok(Vec::new()) };
        let FileSummary { path, last, .. } = &self.files[open.position].summary;
        let left = usize::try_from(last + 1 - start).unwrap_or(usize::MAX);
        let raw = open.cursor.take(ReadLimit { blocks: limit.blocks.min(left), ..limit })?;
        let decoded = decode_all(&raw, &self.spec, path);
        drop(raw);
        let whole = decoded.len();
        // A pass of its own: in one with decoding each would push what the other needs out of the processor's caches.
        let started = Instant::now();
        let recovered = recover_all(decoded, &self.spec, path);
        self.sender_time += started.elapsed();
        let blocks = join_all(recovered, start, ancestry.clone(), &self.spec, path)?;
        open.next = start + blocks.len() as u64;
        // After a damaged block the cursor is not where the caller continues.
        self.open = (blocks.len() == whole).then_some(open);
        Ok(blocks)
    }

    /// Takes the open file if it stands at `start`, else opens the one that holds it.
    fn opened_at(&mut self, start: u64) -> Result<Option<OpenFile>, SourceError> {
        let out_of_range = SourceError::OutOfRange { block: start, available: self.range() };
        let holds = |file: &FileSummary| (file.first..=file.last).contains(&start);
        let position = self.summaries.iter().position(holds).ok_or(out_of_range)?;
        match self.open.take() {
            Some(open) if open.position == position && open.next == start => Ok(Some(open)),
            _ => {
                if let Some(checksums) = &mut self.checksums {
                    checksums.verify(&self.files[position].summary.path, &mut |_| ())?;
                }
                let cursor = Cursor::open(&self.files[position], start)?;
                Ok(cursor.map(|cursor| OpenFile { position, cursor, next: start }))
            }
        }
    }

    fn read_witnesses(&mut self, start: u64, limit: ReadLimit) -> Result<Vec<SourcedBlock>, SourceError> {
        let first = self.files.partition_point(|file| file.summary.first < start);
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for file in &self.files[first..] {
            let Layout::Witness { json_bytes, .. } = file.layout else { continue };
            if !limit.admits(batch.len(), bytes) {
                break;
            }
            if let Some(checksums) = &mut self.checksums {
                checksums.verify(&file.summary.path, &mut |_| ())?;
            }
            bytes += json_bytes;
            batch.push(&file.summary);
        }
        let read: Vec<_> =
            batch.par_iter().map(|file| witness_file::read(&file.path, file.first, &self.spec)).collect();
        let mut before = None;
        before_first_error(read.into_iter().zip(batch).map(|(read, file)| {
            let block = read?;
            follow(before, &block, &file.path)?;
            before = Some((block.block.number(), block.block.hash));
            Ok(block)
        }))
    }
}

/// Learns which blocks a file holds; nothing for a JSON file in a folder that is not a witness file.
fn survey(listed: &ListedFile) -> Result<Vec<SourceFile>, SourceError> {
    let path = &listed.path;
    let kind = match (FileKind::of(path), &listed.folder) {
        (Err(SourceError::UnknownKind { .. }), Some(_)) => return Ok(Vec::new()),
        (kind, _) => kind?,
    };
    let bytes = std::fs::metadata(path).map_err(|e| SourceError::io(path, e))?.len();
    let file = |range, layout| SourceFile::new(path, kind, range, layout, bytes);
    let (mut files, problem): (Vec<_>, _) = match kind {
        FileKind::Era1 => (vec![file(Era1File::range(path)?, Layout::Era1)], None),
        FileKind::Ere => {
            let held = EreSummary::read(path)?;
            let (range, actual) = (held.range, held.last_hash);
            let proofs = if held.has_proofs { range.len() } else { 0 };
            let remark = held.other_hash_in_name(path).map(|named| {
                let name = path.display();
                format!(
                    "{name} is named after a last block {named}…, and ends with {actual}: is it another file?"
                )
            });
            (vec![SourceFile { remark, proofs, ..file(range, Layout::Ere) }], None)
        }
        FileKind::Rlp => {
            let walked = RlpIndex::scan(path)?;
            let runs = walked.runs.into_iter().map(|run| file(run.range(), Layout::Rlp(run)));
            (runs.collect(), walked.problem)
        }
        FileKind::RlpGzip => {
            let walked = GzipExport::scan(path)?;
            let runs = walked.runs.into_iter().map(|run| file(run.range, Layout::RlpGzip(run)));
            (runs.collect(), walked.problem)
        }
        FileKind::Witness | FileKind::WitnessGzip => match (witness_file::survey(path)?, &listed.folder) {
            (Some(Survey { block, hash, json_bytes }), _) => {
                let layout = Layout::Witness { json_bytes, hash };
                (vec![file(BlockRange::new(block, block + 1), layout)], None)
            }
            (None, Some(_)) => (Vec::new(), None),
            (None, None) => return Err(SourceError::UnknownKind { file: path.clone() }),
        },
    };
    if let Some(last) = files.last_mut() {
        last.problem = problem;
    }
    Ok(files)
}

/// What people should know of the files.
fn remarks(found: &[Vec<SourceFile>]) -> Vec<String> {
    let files = || found.iter().flatten();
    let mut remarks: Vec<String> = files().filter_map(|file| file.remark.clone()).collect();
    let proofs: u64 = files().map(|file| file.proofs).sum();
    if proofs > 0 {
        remarks.push(format!("{proofs} proofs in the files lead to the beacon chain and are not checked: execution verifies the blocks"));
    }
    remarks
}

/// Every folder that was named must give at least one file.
fn refuse_empty_folder(listed: &[ListedFile], found: &[Vec<SourceFile>]) -> Result<(), SourceError> {
    let kept = listed.iter().zip(found).filter(|(_, found)| !found.is_empty());
    let useful: HashSet<&Path> = kept.filter_map(|(listed, _)| listed.folder.as_deref()).collect();
    let mut folders = listed.iter().filter_map(|listed| listed.folder.as_deref());
    match folders.find(|folder| !useful.contains(folder)) {
        Some(folder) => Err(SourceError::EmptyFolder { folder: folder.into() }),
        None => Ok(()),
    }
}

fn decode_all(raw: &[RawBlock<'_>], spec: &ChainSpec, path: &Path) -> Vec<Result<DecodedBlock, SourceError>> {
    let decode = |unpacker: &mut _, raw| decode(raw, unpacker, spec, path);
    raw.par_iter().map_init(Unpacker::default, decode).collect()
}

fn recover_all(
    decoded: Vec<Result<DecodedBlock, SourceError>>,
    spec: &ChainSpec,
    path: &Path,
) -> Vec<Result<DecodedBlock, SourceError>> {
    decoded.into_par_iter().map(|decoded| decoded?.recovered(spec, path)).collect()
}

/// Joins each block to those before it, by the rules of consensus too.
fn join_all(
    decoded: Vec<Result<DecodedBlock, SourceError>>,
    start: u64,
    mut ancestry: Ancestry,
    spec: &ChainSpec,
    path: &Path,
) -> Result<Vec<SourcedBlock>, SourceError> {
    let link =
        |parent: &Ancestor| ParentLink { hash: parent.hash, total_difficulty: parent.total_difficulty };
    let mut end = ChainEnd::new(start, ancestry.parent().map(link));
    before_first_error(decoded.into_iter().map(|decoded| {
        let DecodedBlock { mut block, offset } = decoded?;
        let (header, hash) = (block.block.header(), block.block.hash);
        let place = || FilePlace::block(path, offset, header.number);
        block.total_difficulty = end.join(header, hash, block.total_difficulty, place)?;
        verify::check_rules(spec, &block.block.block, place)?;
        verify::check_with_ancestry(spec, &block.block.block, &ancestry, place)?;
        ancestry.push(&block.block, block.total_difficulty);
        Ok(block)
    }))
}

/// Where two witness files hold a block and its child, the child must name its parent.
fn follow(before: Option<(u64, B256)>, block: &SourcedBlock, path: &Path) -> Result<(), SourceError> {
    let header = block.block.header();
    match before.filter(|(last, _)| last + 1 == header.number) {
        Some((_, parent)) => {
            let place = || FilePlace::only_block(path, header.number);
            verify::compare(Checked::ParentHash, parent, header.parent_hash, place)
        }
        None => Ok(()),
    }
}

/// The blocks before the first error, or that error if it is the first item.
fn before_first_error(
    items: impl Iterator<Item = Result<SourcedBlock, SourceError>>,
) -> Result<Vec<SourcedBlock>, SourceError> {
    let mut blocks = Vec::new();
    for item in items {
        match item {
            Ok(block) => blocks.push(block),
            Err(error) if blocks.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(blocks)
}
