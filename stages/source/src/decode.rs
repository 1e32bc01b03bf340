//! From a block as it stands in a file to one that passed the checks that need no other block.

use std::borrow::Cow;
use std::path::Path;

use alloy::consensus::{BlockBody, Header};
use alloy::eips::eip7928::BlockAccessList;
use alloy::primitives::{B256, U256};
use alloy_rlp::Decodable;
use blockmill_chain::{Block, ChainSpec, RecoveredBlock, Transaction};

use crate::block::SourcedBlock;
use crate::cursor::RawBlock;
use crate::e2store::entry::{Entry, kind};
use crate::e2store::{ArchivedBlock, MAX_PAYLOAD_BYTES, Unpacker};
use crate::error::{Checked, FilePlace, SourceError};
use crate::raw::ReceiptRoots;
use crate::rlp::number_and_time;
use crate::{limits, raw, senders, verify};

/// A block that fits its own header, and where it came from; it is not yet joined to its parent.
pub(crate) struct DecodedBlock {
    /// The block, with the total difficulty that the file gives, where it does; without senders until they are
    /// [recovered](Self::recovered).
    pub(crate) block: SourcedBlock,
    /// Where the block starts.
    pub(crate) offset: u64,
}

impl DecodedBlock {
    /// With the senders of its transactions.
    pub(crate) fn recovered(mut self, spec: &ChainSpec, file: &Path) -> Result<Self, SourceError> {
        let RecoveredBlock { block, senders, .. } = &mut self.block.block;
        *senders =
            senders::recover(block, spec, || FilePlace::block(file, self.offset, block.header.number))?;
        Ok(self)
    }
}

/// Decodes a block and checks it against its header; who sent its transactions is not known yet.
pub(crate) fn decode<'a>(
    raw: &'a RawBlock<'a>,
    unpacker: &mut Unpacker<'a>,
    spec: &ChainSpec,
    file: &Path,
) -> Result<DecodedBlock, SourceError> {
    match raw {
        RawBlock::Archived(block) => decode_archived(block, unpacker, file),
        RawBlock::Rlp { offset, block: rlp } => {
            let told = |error| {
                newer_fork(rlp, *offset, spec, file)
                    .or_else(|| beyond_limits(limits::beyond(rlp), || place_of(rlp, *offset, file)))
                    .unwrap_or(error)
            };
            let (block, access_list) = canonical_block(rlp, *offset, file).map_err(told)?;
            let transactions_root =
                raw::root_of_block(rlp).map_err(|source| undecodable("a block", *offset, file, source))?;
            let hash = block.header.hash_slow();
            let parts = Parts {
                hash,
                block,
                transactions_root,
                receipts: None,
                access_list,
                total_difficulty: None,
                offset: *offset,
            };
            check(parts, file)
        }
    }
}

fn decode_archived<'a>(
    archived: &ArchivedBlock<'a>,
    unpacker: &mut Unpacker<'a>,
    file: &Path,
) -> Result<DecodedBlock, SourceError> {
    let mut unpack = |entry: Entry<'a>, what| unpacker.unpack(entry, what, MAX_PAYLOAD_BYTES, file);
    let offset = archived.header.offset;
    let header: Header = exact(&unpack(archived.header, "a header")?, "a header", offset, file)?;
    let hash = header.hash_slow();
    let place = || FilePlace::block(file, offset, header.number);
    verify::compare(Checked::BlockHash, archived.hash, hash, place)?;
    let (rlp, at) = (unpack(archived.body, "a body")?, archived.body.offset);
    let body: BlockBody<Transaction> = exact(&rlp, "a body", at, file).map_err(|error| {
        beyond_limits(limits::beyond_in_body(header.transactions_root, &rlp), place).unwrap_or(error)
    })?;
    let transactions_root =
        raw::root_of_body(&rlp).map_err(|source| undecodable("a body", at, file, source))?;
    let receipts = |entry: Entry<'a>| {
        let (rlp, at) = (unpack(entry, "receipts")?, entry.offset);
        let receipts = match entry.kind {
            kind::COMPRESSED_SLIM_RECEIPTS => raw::roots_of_slim_receipts(&rlp),
            _ => raw::roots_of_receipts(&rlp),
        };
        Ok((receipts.map_err(|source| undecodable("receipts", at, file, source))?, at))
    };
    let receipts = archived.receipts.map(receipts).transpose()?;
    let parts = Parts {
        hash,
        block: body.into_block(header),
        transactions_root,
        receipts,
        access_list: None,
        total_difficulty: archived.total_difficulty,
        offset,
    };
    check(parts, file)
}

/// What a file gives of a block.
struct Parts {
    /// The hash of the header; computed, not read.
    hash: B256,
    block: Block,
    /// Over the transactions as they are in the file.
    transactions_root: B256,
    /// What the receipts say, with their offset in the file.
    receipts: Option<(ReceiptRoots, u64)>,
    access_list: Option<BlockAccessList>,
    total_difficulty: Option<U256>,
    offset: u64,
}

fn check(parts: Parts, file: &Path) -> Result<DecodedBlock, SourceError> {
    let Parts { hash, block, transactions_root, receipts, access_list, total_difficulty, offset } = parts;
    let number = block.header.number;
    let place = || FilePlace::block(file, offset, number);
    verify::check_body(&block, transactions_root, true, place)?;
    if let Some(list) = &access_list {
        verify::check_access_list(&block, list, place)?;
    }
    let transaction_roots = match receipts {
        Some((roots, at)) => {
            let place = || FilePlace::block(file, at, number);
            verify::compare(Checked::ReceiptsRoot, block.header.receipts_root, roots.of_receipts, place)?;
            roots.of_state
        }
        None => Vec::new(),
    };
    let block = SourcedBlock {
        block: RecoveredBlock { hash, block, senders: Vec::new() },
        total_difficulty,
        transaction_roots,
        ommers_known: true,
        access_list,
        witness: None,
    };
    Ok(DecodedBlock { block, offset })
}

/// Decodes a block that encodes to the same bytes again: decoders let some lengths pass that cannot be right, and an
/// export has no checksum that would tell. From Amsterdam on `geth export` writes the block access list as the fifth
/// element of the block.
fn canonical_block(
    rlp: &[u8],
    offset: u64,
    file: &Path,
) -> Result<(Block, Option<BlockAccessList>), SourceError> {
    let (rlp, access_list) = match split_access_list(rlp) {
        Some((block, list)) => (Cow::Owned(block), Some(list)),
        None => (Cow::Borrowed(rlp), None),
    };
    let block: Block = exact(&rlp, "a block", offset, file)?;
    let number = block.header.number;
    let canonical = |is_canonical, what: &str| match is_canonical {
        true => Ok(()),
        false => Err(SourceError::Format {
            place: FilePlace::block(file, offset, number),
            problem: format!("the {what} is not encoded as consensus encodes it"),
        }),
    };
    canonical(alloy_rlp::encode(&block) == *rlp, "block")?;
    let Some(rlp) = access_list else { return Ok((block, None)) };
    let list: BlockAccessList = exact(rlp, "a block access list", offset, file)?;
    canonical(alloy_rlp::encode(&list) == rlp, "block access list")?;
    Ok((block, Some(list)))
}

/// Takes the fifth element of a block's list out of it. `None` where there is none, and where this is no list of elements:
/// decoding it reports the error.
fn split_access_list(rlp: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    const BLOCK_ELEMENTS: usize = 4;
    let mut rest = rlp;
    let payload = alloy_rlp::Header::decode_bytes(&mut rest, true).ok()?;
    let mut rest = payload;
    for _ in 0..BLOCK_ELEMENTS {
        let element = alloy_rlp::Header::decode(&mut rest).ok()?;
        rest = rest.get(element.payload_length..)?;
    }
    if rest.is_empty() {
        return None;
    }
    let elements = &payload[..payload.len() - rest.len()];
    let mut block = Vec::with_capacity(elements.len() + 9);
    alloy_rlp::Header { list: true, payload_length: elements.len() }.encode(&mut block);
    block.extend_from_slice(elements);
    Some((block, rest))
}

/// Why a block may have another shape than those that this build knows: a fork that it does not execute.
fn newer_fork(rlp: &[u8], offset: u64, spec: &ChainSpec, file: &Path) -> Option<SourceError> {
    let (number, timestamp) = number_and_time(rlp)?;
    let source = Box::new(spec.check_schedule(number, timestamp).err()?);
    Some(SourceError::Fork { place: FilePlace::block(file, offset, number), source })
}

fn beyond_limits(what: Option<String>, place: impl FnOnce() -> Box<FilePlace>) -> Option<SourceError> {
    what.map(|what| SourceError::Unsupported { place: place(), what })
}

/// Where a block is that cannot be decoded.
fn place_of(rlp: &[u8], offset: u64, file: &Path) -> Box<FilePlace> {
    match number_and_time(rlp) {
        Some((number, _)) => FilePlace::block(file, offset, number),
        None => FilePlace::byte(file, offset),
    }
}

/// Decodes all of `rlp`: bytes after the value are an error.
fn exact<T: Decodable>(rlp: &[u8], what: &'static str, offset: u64, file: &Path) -> Result<T, SourceError> {
    alloy_rlp::decode_exact(rlp).map_err(|source| undecodable(what, offset, file, source))
}

fn undecodable(what: &'static str, offset: u64, file: &Path, source: alloy_rlp::Error) -> SourceError {
    SourceError::Rlp { place: FilePlace::byte(file, offset), what, source }
}
