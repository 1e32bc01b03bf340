//! From a block as it stands in a file to one that passed the checks that need no other block.

use std::path::Path;

use alloy::consensus::{BlockBody, Header};
use alloy::primitives::{B256, U256};
use alloy_rlp::Decodable;
use blockmill_chain::{Block, ChainSpec, Receipt, RecoveredBlock, Transaction};

use crate::block::SourcedBlock;
use crate::cursor::RawBlock;
use crate::door;
use crate::era1::{BlockTuple, Entry, MAX_PAYLOAD_BYTES, Unpacker};
use crate::error::{Checked, Place, SourceError};
use crate::senders;

/// A block that fits its own header, and where it came from; it is not yet joined to its parent.
pub(crate) struct DecodedBlock {
    /// With the total difficulty that the file gives, where it does.
    pub(crate) block: SourcedBlock,
    /// Where the block starts.
    pub(crate) offset: u64,
}

/// Decodes a block, checks it against its header and recovers its senders.
pub(crate) fn decode<'a>(
    raw: &'a RawBlock<'a>,
    unpacker: &mut Unpacker<'a>,
    spec: &ChainSpec,
    file: &Path,
) -> Result<DecodedBlock, SourceError> {
    match raw {
        RawBlock::Era1(tuple) => decode_tuple(tuple, unpacker, spec, file),
        RawBlock::Rlp { offset, block } => {
            let block = canonical_block(block, *offset, file)?;
            let hash = block.header.hash_slow();
            check(Parts { hash, block, receipts: None, total_difficulty: None, offset: *offset }, spec, file)
        }
    }
}

fn decode_tuple<'a>(
    tuple: &BlockTuple<'a>,
    unpacker: &mut Unpacker<'a>,
    spec: &ChainSpec,
    file: &Path,
) -> Result<DecodedBlock, SourceError> {
    let mut unpack = |entry: Entry<'a>, what| unpacker.unpack(entry, what, MAX_PAYLOAD_BYTES, file);
    let offset = tuple.header.offset;
    let header: Header = exact(&unpack(tuple.header, "a header")?, "a header", offset, file)?;
    let hash = header.hash_slow();
    let place = || Place::block(file, offset, header.number);
    door::compare(Checked::BlockHash, tuple.hash, hash, place)?;
    let body: BlockBody<Transaction> =
        exact(&unpack(tuple.body, "a body")?, "a body", tuple.body.offset, file)?;
    let receipts = unpack(tuple.receipts, "receipts")?;
    let receipts: Vec<Receipt> = exact(&receipts, "receipts", tuple.receipts.offset, file)?;
    let parts = Parts {
        hash,
        block: body.into_block(header),
        receipts: Some((receipts, tuple.receipts.offset)),
        total_difficulty: Some(tuple.total_difficulty),
        offset,
    };
    check(parts, spec, file)
}

/// What a file gives of a block.
struct Parts {
    /// Of the header; computed, not read.
    hash: B256,
    block: Block,
    /// With the offset that they stand at.
    receipts: Option<(Vec<Receipt>, u64)>,
    total_difficulty: Option<U256>,
    offset: u64,
}

fn check(parts: Parts, spec: &ChainSpec, file: &Path) -> Result<DecodedBlock, SourceError> {
    let Parts { hash, block, receipts, total_difficulty, offset } = parts;
    let number = block.header.number;
    let place = || Place::block(file, offset, number);
    door::check_body(&block, true, place)?;
    let transaction_roots: Vec<B256> = match receipts {
        Some((receipts, at)) => door::check_receipts(&block, &receipts, || Place::block(file, at, number))?,
        None => Vec::new(),
    };
    let senders = senders::recover(&block, spec, place)?;
    let block = RecoveredBlock { hash, block, senders };
    let block =
        SourcedBlock { block, total_difficulty, transaction_roots, ommers_known: true, witness: None };
    Ok(DecodedBlock { block, offset })
}

/// Decodes a block that encodes to the same bytes again: decoders let some lengths pass that cannot be right, and an
/// export has no checksum that would tell.
fn canonical_block(rlp: &[u8], offset: u64, file: &Path) -> Result<Block, SourceError> {
    let block: Block = exact(rlp, "a block", offset, file)?;
    if alloy_rlp::encode(&block) == rlp {
        return Ok(block);
    }
    Err(SourceError::Format {
        place: Place::block(file, offset, block.header.number),
        problem: "the block is not encoded as consensus encodes it".into(),
    })
}

/// Decodes all of `rlp`: bytes behind the value are an error.
fn exact<T: Decodable>(rlp: &[u8], what: &'static str, offset: u64, file: &Path) -> Result<T, SourceError> {
    let decoded = alloy_rlp::decode_exact(rlp);
    decoded.map_err(|source| SourceError::Rlp { place: Place::byte(file, offset), what, source })
}
