//! Small era1 files, made here and then damaged: whatever is changed, what is read is refused or is the same.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use alloy::consensus::proofs::{calculate_ommers_root, calculate_receipt_root, calculate_transaction_root};
use alloy::consensus::{
    BlockBody, Eip658Value, Header, Receipt as ReceiptBody, ReceiptEnvelope, SignableTransaction, TxLegacy,
};
use alloy::primitives::{B256, Signature, U256};
use blockmill_chain::{Ancestry, BlockRange, ChainSpec, KnownChain, Receipt, Transaction};

use crate::e2store::accumulator_root;
use crate::e2store::entry::kind;
use crate::{Checked, ReadLimit, Source, SourceError, SourceKind, SourcedBlock};

const EVERYTHING: ReadLimit = ReadLimit { blocks: usize::MAX, bytes: usize::MAX };

/// A chain of headers, each with a transaction, a receipt with a state root, and now and then an ommer.
pub(crate) struct Chain {
    pub(crate) blocks: Vec<(Header, BlockBody<Transaction>, Vec<Receipt>, U256)>,
}

impl Chain {
    pub(crate) fn new(length: u64) -> Self {
        let mut blocks: Vec<(Header, _, _, _)> = Vec::new();
        let mut total = U256::ZERO;
        for number in 0..length {
            let headers: Vec<_> = blocks.iter().map(|(header, ..)| header).collect();
            let (header, body, receipts) = block(number, &headers);
            total += header.difficulty;
            blocks.push((header, body, receipts, total));
        }
        Self { blocks }
    }

    pub(crate) fn file(&self, numbers: std::ops::Range<usize>) -> Vec<u8> {
        let (mut bytes, mut offsets, mut records) = (Vec::new(), Vec::new(), Vec::new());
        append(&mut bytes, kind::VERSION, &[]);
        for (header, body, receipts, total) in &self.blocks[numbers.clone()] {
            offsets.push(bytes.len());
            records.push((header.hash_slow(), *total));
            append(&mut bytes, kind::COMPRESSED_HEADER, &packed(&alloy_rlp::encode(header)));
            append(&mut bytes, kind::COMPRESSED_BODY, &packed(&alloy_rlp::encode(body)));
            append(&mut bytes, kind::COMPRESSED_RECEIPTS, &packed(&alloy_rlp::encode(receipts)));
            append(&mut bytes, kind::TOTAL_DIFFICULTY, &total.to_le_bytes::<32>());
        }
        append(&mut bytes, kind::ACCUMULATOR, accumulator_root(&records).as_slice());
        let relative = offsets.iter().map(|offset| (*offset as i64 - bytes.len() as i64) as u64);
        let numbers = std::iter::once(numbers.start as u64).chain(relative).chain([records.len() as u64]);
        let index: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
        append(&mut bytes, kind::BLOCK_INDEX, &index);
        bytes
    }
}

/// A header that the rules allow after those before it.
fn child(headers: &[&Header], seconds: u64) -> Header {
    let header = Header { gas_limit: 1_000_000, ..Header::default() };
    let Some(parent) = headers.last() else {
        return Header { difficulty: U256::from(1 << 20), ..header };
    };
    let timestamp = parent.timestamp + seconds;
    Header {
        parent_hash: parent.hash_slow(),
        number: parent.number + 1,
        timestamp,
        difficulty: ChainSpec::known(KnownChain::Mainnet).difficulty(parent, timestamp),
        ..header
    }
}

fn block(number: u64, headers: &[&Header]) -> (Header, BlockBody<Transaction>, Vec<Receipt>) {
    let transaction = TxLegacy { nonce: number, gas_limit: 21_000, ..TxLegacy::default() };
    let transactions: Vec<Transaction> = vec![transaction.into_signed(Signature::test_signature()).into()];
    let root = B256::with_last_byte(number as u8 + 1);
    let receipt =
        ReceiptBody { status: Eip658Value::PostState(root), cumulative_gas_used: 21_000, logs: vec![] };
    let receipts = vec![ReceiptEnvelope::Legacy(receipt.into())];
    // A sibling of the parent.
    let ommers = match headers {
        [before @ .., _] if number % 3 == 2 => vec![child(before, 20)],
        _ => vec![],
    };
    let header = Header {
        transactions_root: calculate_transaction_root(&transactions),
        receipts_root: calculate_receipt_root(&receipts),
        ommers_hash: calculate_ommers_root(&ommers),
        ..child(headers, 13)
    };
    (header, BlockBody { transactions, ommers, withdrawals: None }, receipts)
}

pub(crate) fn packed(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    snap::read::FrameEncoder::new(data).read_to_end(&mut out).unwrap();
    out
}

pub(crate) fn append(bytes: &mut Vec<u8>, kind: u16, data: &[u8]) {
    bytes.extend(kind.to_le_bytes());
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(data);
}

pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

pub(crate) fn open(paths: &[PathBuf]) -> Result<Source, SourceError> {
    Source::open(paths, &ChainSpec::known(KnownChain::Mainnet))
}

/// Everything that can be read before the first error, and that error.
pub(crate) fn read_all(paths: &[PathBuf]) -> (Vec<SourcedBlock>, Option<SourceError>) {
    let mut source = match open(paths) {
        Ok(source) => source,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let (mut blocks, mut next) = (Vec::<SourcedBlock>::new(), source.range().start);
    let mut ancestry = Ancestry::unknown();
    loop {
        let before = blocks.len();
        match source.read(next, &ancestry, EVERYTHING) {
            Ok(batch) if batch.is_empty() => return (blocks, None),
            Ok(batch) => blocks.extend(batch),
            Err(error) => return (blocks, Some(error)),
        }
        let last = blocks.last().unwrap();
        next = last.block.number() + 1;
        blocks[before..].iter().for_each(|block| ancestry.push(&block.block, block.total_difficulty));
    }
}

/// Checks that a file with any byte flipped is refused, or gives the same blocks as the whole one.
pub(crate) fn check_flipped_bytes(bytes: &[u8], blocks: usize, ending: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (whole, _) = read_all(&[write(folder.path(), &format!("whole.{ending}"), bytes)]);
    assert_eq!(whole.len(), blocks);
    for position in 0..bytes.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.to_vec();
            damaged[position] ^= mask;
            let (blocks, error) = read_all(&[write(folder.path(), &format!("damaged.{ending}"), &damaged)]);
            assert!(whole.starts_with(&blocks), "byte {position} ^ {mask:#x} changed a block");
            match error {
                Some(error) => assert!(error.is_verification(), "byte {position}: {error}"),
                None => assert_eq!(blocks, whole, "byte {position} ^ {mask:#x} lost a block"),
            }
        }
    }
}

/// Checks that a file is refused wherever it is cut.
pub(crate) fn check_cuts(bytes: &[u8], ending: &str) {
    let folder = tempfile::tempdir().unwrap();
    for length in 0..bytes.len() {
        let (blocks, error) = read_all(&[write(folder.path(), &format!("cut.{ending}"), &bytes[..length])]);
        assert!(blocks.is_empty(), "{length} bytes");
        assert!(error.unwrap().is_verification(), "{length} bytes");
    }
}

#[test]
fn a_file_gives_its_blocks_with_roots_and_total_difficulty() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(9);
    let path = write(folder.path(), "x.era1", &chain.file(0..9));
    let source = open(std::slice::from_ref(&path)).unwrap();
    assert_eq!((source.kind(), source.range()), (SourceKind::Chain, BlockRange::new(0, 9)));
    let (blocks, error) = read_all(&[path]);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(blocks.len(), 9);
    for (block, (header, body, _, total)) in blocks.iter().zip(&chain.blocks) {
        assert_eq!((block.block.header(), &block.block.block.body), (header, body));
        assert_eq!(block.block.hash, header.hash_slow());
        assert_eq!(block.total_difficulty, Some(*total));
        assert_eq!(block.transaction_roots, [B256::with_last_byte(header.number as u8 + 1)]);
        assert_eq!(block.block.senders.len(), 1);
        assert!(block.ommers_known);
    }
}

#[test]
fn no_flipped_byte_gives_another_block() {
    check_flipped_bytes(&Chain::new(4).file(0..4), 4, "era1");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    check_cuts(&Chain::new(4).file(0..4), "era1");
}

#[test]
fn a_wrong_accumulator_is_refused_before_any_block() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Chain::new(4).file(0..4);
    let index_bytes = 8 + (4 + 2) * 8;
    let at = bytes.len() - index_bytes - 1;
    bytes[at] ^= 1;
    let (blocks, error) = read_all(&[write(folder.path(), "x.era1", &bytes)]);
    assert!(blocks.is_empty());
    let Some(SourceError::Mismatch { checked, place, .. }) = error else { panic!("{error:?}") };
    assert_eq!(
        (checked, place.offset),
        (Checked::Accumulator, Some((bytes.len() - index_bytes - 40) as u64))
    );
}

#[test]
fn entries_of_other_types_before_the_accumulator_are_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = Chain::new(2).file(0..2);
    // The accumulator and the index move by the size of the new entry, and with them all relative offsets.
    let index_bytes = 8 + (2 + 2) * 8;
    let (front, back) = bytes.split_at(bytes.len() - index_bytes - 40);
    let mut longer = front.to_vec();
    append(&mut longer, 0x7777, b"something");
    let moved = longer.len() - front.len();
    longer.extend(back);
    let numbers = longer.len() - index_bytes + 16;
    for offset in longer[numbers..numbers + 16].chunks_exact_mut(8) {
        let relative = i64::from_le_bytes(offset.try_into().unwrap()) - moved as i64;
        offset.copy_from_slice(&relative.to_le_bytes());
    }
    let (blocks, error) = read_all(&[write(folder.path(), "x.era1", &longer)]);
    assert_eq!((blocks.len(), error.is_none()), (2, true));
}

#[test]
fn files_are_read_in_the_order_of_their_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(12);
    write(folder.path(), "a.era1", &chain.file(8..12));
    write(folder.path(), "b.era1", &chain.file(0..4));
    write(folder.path(), "c.era1", &chain.file(4..8));
    write(folder.path(), "notes.txt", b"not a chain file");
    let paths = [folder.path().to_path_buf(), folder.path().join("b.era1")];
    let (blocks, error) = read_all(&paths);
    assert!(error.is_none(), "{error:?}");
    let numbers: Vec<u64> = blocks.iter().map(|block| block.block.number()).collect();
    assert_eq!(numbers, (0..12).collect::<Vec<_>>());
    let source = open(&paths).unwrap();
    let firsts: Vec<u64> = source.files().iter().map(|file| file.first).collect();
    assert_eq!(firsts, [0, 4, 8]);
}

#[test]
fn a_gap_names_both_files_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(12);
    let first = write(folder.path(), "first.era1", &chain.file(0..4));
    let third = write(folder.path(), "third.era1", &chain.file(8..12));
    let Err(SourceError::Gap { before, after, missing }) = open(&[third.clone(), first.clone()]) else {
        panic!()
    };
    assert_eq!((before, after, missing), (first, third, BlockRange::new(4, 8)));
}

#[test]
fn equal_blocks_of_two_files_are_read_once_and_different_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, mut other) = (Chain::new(12), Chain::new(12));
    let first = write(folder.path(), "first.era1", &chain.file(0..6));
    let second = write(folder.path(), "second.era1", &chain.file(4..12));
    let (blocks, error) = read_all(&[second.clone(), first.clone()]);
    assert!(error.is_none(), "{error:?}");
    let numbers: Vec<u64> = blocks.iter().map(|block| block.block.number()).collect();
    assert_eq!(numbers, (0..12).collect::<Vec<_>>());
    assert!(open(&[first.clone(), second]).unwrap().notes()[0].contains("blocks 4:6 are in"));
    other.blocks[5].0.extra_data = vec![7].into();
    let other = write(folder.path(), "other.era1", &other.file(4..6));
    let Err(error @ SourceError::DifferentBlocks { block: 5, .. }) = open(&[first, other]) else { panic!() };
    let said = error.to_string();
    assert!(said.contains("first.era1, byte") && said.contains("other.era1, byte"), "{said}");
}

#[test]
fn a_file_of_another_chain_is_refused_at_the_seam() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, mut other) = (Chain::new(8), Chain::new(8));
    other.blocks[4].0.parent_hash = B256::repeat_byte(7);
    for number in 5..8 {
        other.blocks[number].0.parent_hash = other.blocks[number - 1].0.hash_slow();
    }
    let first = write(folder.path(), "first.era1", &chain.file(0..4));
    let second = write(folder.path(), "second.era1", &other.file(4..8));
    let (blocks, error) = read_all(&[first, second.clone()]);
    assert_eq!(blocks.len(), 4);
    let Some(SourceError::Mismatch { checked: Checked::ParentHash, place, .. }) = error else { panic!() };
    assert_eq!((place.file, place.offset, place.block), (second, Some(8), Some(4)));
}
