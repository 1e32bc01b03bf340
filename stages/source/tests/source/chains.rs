//! RLP exports, plain and gzipped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use alloy::primitives::{B256, U256};
use blockmill_chain::{Ancestry, Block, ChainSpec, GenesisBlock, RecoveredBlock};
use blockmill_source::{FileKind, ReadLimit, Source, SourceError, SourceKind, read_genesis};
use blockmill_testkit::vectors;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{BATCH, read_all, transactions, write};

/// A chain of the vectors: its export and what its genesis says.
fn chain(name: &str) -> Option<(PathBuf, ChainSpec)> {
    let folder = vectors::require(&format!("chains/{name}"))?;
    let genesis = read_genesis(&folder.join("genesis.json")).unwrap();
    Some((folder.join("chain.rlp"), ChainSpec::custom(&genesis).unwrap()))
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn exports_are_read_whole_and_the_same_from_gzip() {
    let expected = [("execution-apis", 54, 249), ("geth-ethtest", 600, 603), ("hive-sync", 3_000, 546)];
    for (name, block_count, transaction_count) in expected {
        let Some((path, spec)) = chain(name) else { return };
        let blocks = read_all(std::slice::from_ref(&path), &spec, BATCH).unwrap();
        assert_eq!((blocks.len(), transactions(&blocks)), (block_count, transaction_count), "{name}");
        let folder = tempfile::tempdir().unwrap();
        let packed = gzip(&fs::read(&path).unwrap());
        for packed_name in ["chain.rlp.gz", "chain.gz"] {
            let packed = write(folder.path(), packed_name, &packed);
            let source = Source::open(std::slice::from_ref(&packed), &spec).unwrap();
            assert_eq!((source.kind(), source.files()[0].kind), (SourceKind::Chain, FileKind::RlpGzip));
            assert!(read_all(&[packed], &spec, BATCH).unwrap() == blocks, "{name} as {packed_name}");
        }
    }
}

#[test]
fn reading_an_export_starts_anywhere() {
    let Some((path, spec)) = chain("hive-sync") else { return };
    let folder = tempfile::tempdir().unwrap();
    let packed = write(folder.path(), "chain.rlp.gz", &gzip(&fs::read(&path).unwrap()));
    let blocks = read_all(std::slice::from_ref(&path), &spec, BATCH).unwrap();
    let first = blocks[0].block.number();
    for file in [path, packed] {
        let mut source = Source::open(&[file], &spec).unwrap();
        for index in [2_999, 0, 1_023, 1_024, 1_025, 2_500] {
            let number = first + index as u64;
            let read = source
                .read(number, &Ancestry::unknown(), ReadLimit { blocks: 2, bytes: usize::MAX })
                .unwrap();
            assert_eq!(read[0].block, blocks[index].block);
        }
    }
}

#[test]
fn total_difficulty_grows_from_the_parents() {
    let Some((path, spec)) = chain("execution-apis") else { return };
    let genesis = read_genesis(&path.with_file_name("genesis.json")).unwrap();
    let mut source = Source::open(&[path], &spec).unwrap();
    let start = source.range().start;
    let unknown = source.read(start, &Ancestry::unknown(), BATCH).unwrap();
    assert!(unknown.iter().all(|block| block.total_difficulty.is_none()));
    let header = GenesisBlock::new(&genesis, &spec).header(B256::ZERO);
    let hash = unknown[0].block.header().parent_hash;
    let parent =
        RecoveredBlock { hash, block: Block { header, body: Default::default() }, senders: Vec::new() };
    let mut ancestry = Ancestry::unknown();
    ancestry.push(&parent, Some(U256::from(131_072)));
    let known = source.read(start, &ancestry, BATCH).unwrap();
    let difficulties: U256 = known.iter().map(|block| block.block.header().difficulty).sum();
    assert_eq!(known.last().unwrap().total_difficulty, Some(difficulties + U256::from(131_072)));
}

#[test]
fn a_cut_export_is_refused_plain_and_gzipped() {
    let Some((path, spec)) = chain("execution-apis") else { return };
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(path).unwrap();
    for length in [1, 2, 700, bytes.len() / 2, bytes.len() - 1] {
        let cut = write(folder.path(), "cut.rlp", &bytes[..length]);
        let packed = write(folder.path(), "cut.rlp.gz", &gzip(&bytes[..length]));
        let whole = gzip(&bytes);
        let cut_packed = write(folder.path(), "packed.rlp.gz", &whole[..length.min(whole.len() - 9)]);
        for file in [cut, packed, cut_packed] {
            let refused = Source::open(std::slice::from_ref(&file), &spec).err().unwrap();
            assert!(refused.is_verification(), "{length} bytes: {refused}");
            assert_eq!(refused.path(), Some(file.as_path()));
        }
    }
}

#[test]
fn no_flipped_byte_of_an_export_goes_unnoticed() {
    let Some((path, spec)) = chain("execution-apis") else { return };
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(&path).unwrap();
    let last_header = last_block_offset(&bytes);
    for position in (0..last_header).step_by(211).chain([wrapper_length(&bytes)]) {
        let mut damaged = bytes.clone();
        damaged[position] ^= 0x10;
        let read = read_all(&[write(folder.path(), "damaged.rlp", &damaged)], &spec, BATCH);
        let refused = read.err().unwrap_or_else(|| panic!("byte {position} went unnoticed"));
        assert!(refused.is_verification(), "byte {position}: {refused}");
    }
}

/// The length of the string around a typed transaction, which a lenient decoder does not look at.
fn wrapper_length(bytes: &[u8]) -> usize {
    let starts_typed = |window: &[u8]| window[0] == 0xb8 && window[2] == 0x02 && window[3] == 0xf8;
    bytes.windows(4).position(starts_typed).unwrap() + 1
}

/// The header of the last block has no child that would name its hash: that is for execution to check.
fn last_block_offset(bytes: &[u8]) -> usize {
    let (mut offset, mut last) = (0, 0);
    while offset < bytes.len() {
        let mut rest = &bytes[offset..];
        let header = alloy::rlp::Header::decode(&mut rest).unwrap();
        last = offset;
        offset += header.length_with_payload();
    }
    last
}

#[test]
fn a_missing_block_inside_an_export_is_named() {
    let Some((path, spec)) = chain("hive-sync") else { return };
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut rest = bytes.as_slice();
    let first = alloy::rlp::Header::decode(&mut rest).unwrap().length_with_payload();
    let mut rest = &bytes[first..];
    let second = first + alloy::rlp::Header::decode(&mut rest).unwrap().length_with_payload();
    let without_second = [&bytes[..first], &bytes[second..]].concat();
    let file = write(folder.path(), "chain.rlp", &without_second);
    let refused = Source::open(&[file], &spec).err().unwrap();
    let SourceError::BlockNumber { place, expected: 2, actual: 3 } = refused else { panic!("{refused}") };
    assert_eq!(place.offset, Some(first as u64));
}

#[test]
fn garbage_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let spec = crate::mainnet();
    let refuse = |name: &str, bytes: &[u8]| refused(folder.path(), name, bytes, &spec);
    assert!(matches!(refuse("a.rlp", b""), SourceError::WrongKind { .. }));
    assert!(matches!(refuse("b.rlp", b"hello, world"), SourceError::WrongKind { .. }));
    assert!(matches!(refuse("c.bin", b"hello, world"), SourceError::UnknownKind { .. }));
    assert!(matches!(refuse("d.rlp", &[0xff; 100]), SourceError::TooLarge { .. }));
    assert!(matches!(refuse("e.rlp", &[0xf8, 60, 1, 2, 3]), SourceError::Format { .. }));
    assert!(matches!(refuse("f.rlp.gz", &gzip(&[0xff; 100])), SourceError::TooLarge { .. }));
    assert!(matches!(
        refuse("g.rlp", &[[0xf8, 60].as_slice(), &[0x80; 60]].concat()),
        SourceError::Rlp { .. }
    ));
    assert!(matches!(refuse("h.era1", &gzip(b"{}")), SourceError::WrongKind { .. }));
}

fn refused(folder: &Path, name: &str, bytes: &[u8], spec: &ChainSpec) -> SourceError {
    let file = write(folder, name, bytes);
    let refused = Source::open(std::slice::from_ref(&file), spec).err().unwrap();
    assert_eq!(refused.path(), Some(file.as_path()), "{refused}");
    refused
}
