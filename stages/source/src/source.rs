//! A source: files in order, and batches of checked blocks out of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use alloy::primitives::B256;
use blockmill_chain::{Ancestor, Ancestry, BlockRange, ChainSpec};
use rayon::prelude::*;

use crate::block::{ReadLimit, SourcedBlock};
use crate::cursor::{Cursor, RawBlock};
use crate::decode::{DecodedBlock, decode};
use crate::era1::{Era1File, Unpacker};
use crate::error::{Checked, Place, SourceError};
use crate::kind::{FileKind, SourceKind};
use crate::link::{ChainEnd, ParentLink};
use crate::listing::{self, ListedFile};
use crate::rlp::{GzipExport, RlpIndex};
use crate::{door, order, witness_file};

/// What a file of a source holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// Where it is.
    pub path: PathBuf,
    /// How it is laid out.
    pub kind: FileKind,
    /// Its first block.
    pub first: u64,
    /// Its last block.
    pub last: u64,
    /// How many blocks it holds.
    pub blocks: u64,
    /// Its size on disk.
    pub bytes: u64,
}

/// A file, and what reading it needs to know.
pub(crate) struct SourceFile {
    pub(crate) summary: FileSummary,
    pub(crate) layout: Layout,
}

/// How a file is entered.
pub(crate) enum Layout {
    Era1,
    Rlp(RlpIndex),
    RlpGzip,
    Witness {
        /// The JSON, unpacked.
        json_bytes: usize,
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
    open: Option<OpenFile>,
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
    /// Finds and orders the files. In folders, files with known endings are taken (`.era1`, `.rlp`, `.rlp.gz`, `.gz`,
    /// `.json`, `.json.gz`), and of the JSON files those that are witness files.
    ///
    /// Exports and witness files are walked over once to learn their blocks, of era1 files only the index is read.
    ///
    /// # Errors
    /// A file of unknown kind, chain files mixed with witness files, blocks missing between chain files or held twice,
    /// and damage that shows while walking over the files.
    pub fn open(paths: &[PathBuf], spec: &ChainSpec) -> Result<Self, SourceError> {
        let listed = listing::list(paths)?;
        let found: Vec<_> = listed.par_iter().map(survey).collect();
        let found: Vec<_> = found.into_iter().collect::<Result<_, _>>()?;
        refuse_empty_folder(&listed, &found)?;
        let mut files: Vec<SourceFile> = found.into_iter().flatten().collect();
        let kind = order::order(&mut files)?;
        let summaries = files.iter().map(|file| file.summary.clone()).collect();
        Ok(Self { spec: spec.clone(), kind, files, summaries, open: None })
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

    /// The files, in the order of their blocks.
    pub fn files(&self) -> &[FileSummary] {
        &self.summaries
    }

    /// Reads, checks and recovers the next blocks from `start` on; none at the end of the range.
    ///
    /// Chain files: the batch starts with block `start`, which must follow `ancestry` as far as that is known, and ends
    /// with its file at the latest. Witness files: the batch starts with the first block at or behind `start`, and
    /// `ancestry` is not looked at.
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
        let path = &self.files[open.position].summary.path;
        let raw = open.cursor.take(limit)?;
        let decoded = decode_all(&raw, &self.spec, path);
        let whole = decoded.len();
        let blocks = join_all(decoded, start, ancestry.clone(), &self.spec, path)?;
        drop(raw);
        open.next = start + blocks.len() as u64;
        // Behind a damaged block the cursor does not stand where the caller continues.
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
                let cursor = Cursor::open(&self.files[position], start)?;
                Ok(cursor.map(|cursor| OpenFile { position, cursor, next: start }))
            }
        }
    }

    fn read_witnesses(&self, start: u64, limit: ReadLimit) -> Result<Vec<SourcedBlock>, SourceError> {
        let first = self.files.partition_point(|file| file.summary.first < start);
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for file in &self.files[first..] {
            let Layout::Witness { json_bytes } = file.layout else { continue };
            if !limit.admits(batch.len(), bytes) {
                break;
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

/// Learns which blocks a file holds; `None` for a JSON file in a folder that is not a witness file.
fn survey(listed: &ListedFile) -> Result<Option<SourceFile>, SourceError> {
    let path = &listed.path;
    let kind = match (FileKind::of(path), &listed.folder) {
        (Err(SourceError::UnknownKind { .. }), Some(_)) => return Ok(None),
        (kind, _) => kind?,
    };
    let (range, layout) = match kind {
        FileKind::Era1 => (Era1File::range(path)?, Layout::Era1),
        FileKind::Rlp => {
            let index = RlpIndex::scan(path)?;
            (index.range(), Layout::Rlp(index))
        }
        FileKind::RlpGzip => (GzipExport::scan(path)?, Layout::RlpGzip),
        FileKind::Witness | FileKind::WitnessGzip => match (witness_file::survey(path)?, &listed.folder) {
            (Some(found), _) => (
                BlockRange::new(found.block, found.block + 1),
                Layout::Witness { json_bytes: found.json_bytes },
            ),
            (None, Some(_)) => return Ok(None),
            (None, None) => return Err(SourceError::UnknownKind { file: path.clone() }),
        },
    };
    let bytes = std::fs::metadata(path).map_err(|e| SourceError::io(path, e))?.len();
    let (first, last, blocks) = (range.start, range.end - 1, range.len());
    let summary = FileSummary { path: path.clone(), kind, first, last, blocks, bytes };
    Ok(Some(SourceFile { summary, layout }))
}

/// Every folder that was named must give at least one file.
fn refuse_empty_folder(listed: &[ListedFile], found: &[Option<SourceFile>]) -> Result<(), SourceError> {
    let kept = listed.iter().zip(found).filter(|(_, found)| found.is_some());
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
        let place = || Place::block(path, offset, header.number);
        block.total_difficulty = end.join(header, hash, block.total_difficulty, place)?;
        door::check_rules(spec, &block.block.block, place)?;
        door::check_behind(spec, &block.block.block, &ancestry, place)?;
        ancestry.push(&block.block, block.total_difficulty);
        Ok(block)
    }))
}

/// Where two witness files hold a block and its child, the child must name its parent.
fn follow(before: Option<(u64, B256)>, block: &SourcedBlock, path: &Path) -> Result<(), SourceError> {
    let header = block.block.header();
    match before.filter(|(last, _)| last + 1 == header.number) {
        Some((_, parent)) => {
            let place = || Place::only_block(path, header.number);
            door::compare(Checked::ParentHash, parent, header.parent_hash, place)
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
