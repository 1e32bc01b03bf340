//! One file of an archive.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use alloy::consensus::proofs::calculate_receipt_root;
use alloy::consensus::{BlockBody, Header};
use alloy::primitives::{B256, U256};
use blockmill_chain::{BlockRange, Receipt, Transaction, durable};
use blockmill_load::Database;
use blockmill_source::{EreWriter, PackedEntry};
use blockmill_store::{Store, StoreError};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{ArchiveError, ArchiveRequest};
use crate::memory::DECODED_PER_ENCODED_BYTE;
use crate::verify::{Places, RECEIPT_SIZES, Receipts, check_body, check_header, receipts};

/// Writes the blocks of a file, section after section, as the format has it: each is a pass over the store.
pub(super) struct FileWriter<'a> {
    pub(super) request: &'a ArchiveRequest<'a>,
    pub(super) blocks: BlockRange,
    /// The tables with the receipts of all blocks.
    pub(super) database: Option<&'a Database>,
}

/// Bytes on their way to the disk, and their hash.
struct Hashed {
    file: File,
    sha256: Sha256,
}

type Out = EreWriter<BufWriter<Hashed>>;

/// Hash and total difficulty of a block.
type Record = (B256, Option<U256>);

impl FileWriter<'_> {
    /// Writes the file aside and gives it its name; returns the SHA-256 of its bytes, or `None` where it was cancelled.
    pub(super) fn write(&self, path: &Path) -> Result<Option<B256>, ArchiveError> {
        let aside = path.with_added_extension("tmp");
        let failed = |e| ArchiveError::io(&aside, e);
        let file = File::create(&aside).map_err(failed)?;
        let out = EreWriter::new(BufWriter::new(Hashed { file, sha256: Sha256::new() }), self.blocks.start);
        let mut out = out.map_err(failed)?;
        let written = self.sections(&mut out, &aside);
        let before_merge = match written {
            Ok(Some(before_merge)) => before_merge,
            unfinished => {
                drop(out);
                // What is aside is of no use; a failure to remove it hides nothing.
                _ = std::fs::remove_file(&aside);
                return unfinished.map(|_| None);
            }
        };
        let out = out.finish(&before_merge).and_then(|out| Ok(out.into_inner()?)).map_err(failed)?;
        out.file.sync_all().map_err(failed)?;
        durable::rename(&aside, path).map_err(failed)?;
        Ok(Some(B256::from_slice(&out.sha256.finalize())))
    }

    /// Writes all sections; returns the blocks from before the merge, or `None` where it was cancelled.
    fn sections(&self, out: &mut Out, aside: &Path) -> Result<Option<Vec<(B256, U256)>>, ArchiveError> {
        let records = self.headers(out, aside)?;
        if !self.bodies(out, aside)? {
            return Ok(None);
        }
        if let Some(database) = self.database
            && !self.receipts(out, database, aside)?
        {
            return Ok(None);
        }
        self.total_difficulties(out, &records, aside).map(Some)
    }

    /// Returns hash and total difficulty of each block, and how many of them lie before the merge.
    fn headers(&self, out: &mut Out, aside: &Path) -> Result<(Vec<Record>, usize), ArchiveError> {
        let store = self.request.store;
        let (mut records, mut before_merge) = (Vec::new(), 0);
        let parent = self.blocks.start.checked_sub(1).map(|parent| store.block_hash(parent)).transpose()?;
        let mut parent = parent.flatten();
        for number in self.blocks.numbers() {
            let (header, hash) = (header(store, number)?, store.block_hash(number)?);
            let hash = hash.ok_or(StoreError::UnknownBlock { number })?;
            check_header(&header, hash, parent).map_err(|what| damaged(number, what))?;
            if !header.difficulty.is_zero() {
                before_merge = records.len() + 1;
            }
            records.push((hash, store.total_difficulty(number)?));
            let packed = PackedEntry::header(&header).map_err(|e| ArchiveError::io(aside, e))?;
            out.header(&packed).map_err(|e| ArchiveError::io(aside, e))?;
            parent = Some(hash);
        }
        Ok((records, before_merge))
    }

    /// `false` where it was cancelled.
    fn bodies(&self, out: &mut Out, aside: &Path) -> Result<bool, ArchiveError> {
        let (store, limit) = (self.request.store, self.request.window_bytes / DECODED_PER_ENCODED_BYTE);
        let mut numbers = self.blocks.numbers().peekable();
        while numbers.peek().is_some() {
            if self.request.cancel.is_cancelled() {
                return Ok(false);
            }
            let (mut group, mut bytes) = (Vec::new(), 0);
            while let Some(number) = numbers.next_if(|_| group.is_empty() || bytes < limit) {
                let body = store.encoded_body(number)?.ok_or(StoreError::UnknownBlock { number })?;
                bytes += body.len();
                group.push((number, header(store, number)?, body));
            }
            let packed: Vec<_> =
                group.par_iter().map(|(number, header, body)| packed(*number, header, body)).collect();
            for body in packed {
                out.body(&body?).map_err(|e| ArchiveError::io(aside, e))?;
            }
        }
        Ok(true)
    }

    /// `false` where it was cancelled.
    fn receipts(&self, out: &mut Out, database: &Database, aside: &Path) -> Result<bool, ArchiveError> {
        let (mut next, mut is_cancelled) = (self.blocks.start, false);
        let mut write = |number, receipts: &[Receipt]| {
            let header = header(self.request.store, number)?;
            if calculate_receipt_root(receipts) != header.receipts_root {
                let what =
                    "its transactions and logs in the tables give another receipts root than the header has";
                return Err(ArchiveError::WrongReceipts { block: number, what: what.into() });
            }
            let packed = PackedEntry::receipts(receipts).and_then(|packed| out.receipts(&packed));
            packed.map_err(|e| ArchiveError::io(aside, e))
        };
        RECEIPT_SIZES.for_each_window(database, self.blocks, self.request.window_bytes, |window| {
            is_cancelled |= self.request.cancel.is_cancelled();
            if is_cancelled {
                return Ok(());
            }
            let mut places = Places::default();
            let mut found = receipts(database, window, 0, &mut places)?;
            if let Some(place) = places.first() {
                return Err(ArchiveError::WrongReceipts { block: window.start, what: place.into() });
            }
            for number in next..window.end {
                match found.remove(&number) {
                    Some(Receipts::Whole(receipts)) => write(number, &receipts),
                    None => write(number, &[]),
                    Some(Receipts::Unreadable(what)) => {
                        Err(ArchiveError::WrongReceipts { block: number, what })
                    }
                    Some(Receipts::RootsUnknown) => {
                        let what = "its receipts lack their state roots".into();
                        Err(ArchiveError::WrongReceipts { block: number, what })
                    }
                }?;
            }
            next = window.end;
            Ok(())
        })?;
        if !is_cancelled {
            (next..self.blocks.end).try_for_each(|number| write(number, &[]))?;
        }
        Ok(!is_cancelled)
    }

    /// All of them where a block is from before the merge, and none otherwise. Returns what the accumulator is over.
    fn total_difficulties(
        &self,
        out: &mut Out,
        (records, before_merge): &(Vec<Record>, usize),
        aside: &Path,
    ) -> Result<Vec<(B256, U256)>, ArchiveError> {
        let known: Option<Vec<_>> = records.iter().map(|(hash, total)| Some((*hash, (*total)?))).collect();
        // A chain whose beginning is not in the store may not know them.
        let Some(mut known) = known.filter(|_| *before_merge > 0) else { return Ok(Vec::new()) };
        for (_, total) in &known {
            out.total_difficulty(*total).map_err(|e| ArchiveError::io(aside, e))?;
        }
        known.truncate(*before_merge);
        Ok(known)
    }
}

fn header(store: &Store, number: u64) -> Result<Header, StoreError> {
    store.header(number)?.ok_or(StoreError::UnknownBlock { number })
}

fn packed(number: u64, header: &Header, body: &[u8]) -> Result<PackedEntry, ArchiveError> {
    let decoded: BlockBody<Transaction> =
        alloy_rlp::decode_exact(body).map_err(|error| damaged(number, error))?;
    check_body(header, &decoded, true).map_err(|what| damaged(number, what))?;
    PackedEntry::body(&decoded).map_err(|error| damaged(number, error))
}

fn damaged(block: u64, what: impl ToString) -> ArchiveError {
    ArchiveError::DamagedBlock { block, what: what.to_string() }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
