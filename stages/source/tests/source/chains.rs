//! RLP exports, plain and gzipped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use alloy::consensus::Header;
use alloy::consensus::constants::EMPTY_OMMER_ROOT_HASH;
use alloy::consensus::proofs::ordered_trie_root_encoded;
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

/// The length of the string around a typed transaction, which a lenient decoder does not check.
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

/// The offsets of the blocks of an export, and its end.
fn offsets(export: &[u8]) -> Vec<usize> {
    let mut offsets = vec![0];
    while let Some(mut rest) = export.get(offsets[offsets.len() - 1]..).filter(|rest| !rest.is_empty()) {
        let length = alloy::rlp::Header::decode(&mut rest).unwrap().length_with_payload();
        offsets.push(offsets[offsets.len() - 1] + length);
    }
    offsets
}

/// Blocks `from` to `to` (exclusive) of an export of a chain from block 1 on.
fn part(export: &[u8], from: usize, to: usize) -> &[u8] {
    let offsets = offsets(export);
    &export[offsets[from - 1]..offsets[to - 1]]
}

#[test]
fn blocks_that_are_there_several_times_are_read_once() {
    let Some((path, spec)) = chain("execution-apis") else { return };
    let export = fs::read(&path).unwrap();
    let whole = read_all(std::slice::from_ref(&path), &spec, BATCH).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let parts = |ranges: &[(usize, usize)]| -> Vec<u8> {
        ranges.iter().flat_map(|(from, to)| part(&export, *from, *to)).copied().collect()
    };
    // By file, the blocks in it: by range, one within another, a copy, appended, appended in the wrong order.
    let sources: [&[&[(usize, usize)]]; 6] = [
        &[&[(1, 30)], &[(20, 55)]],
        &[&[(1, 55)], &[(10, 20)], &[(30, 55)]],
        &[&[(1, 55)], &[(1, 55)]],
        &[&[(1, 55), (1, 55)]],
        &[&[(1, 30), (20, 55)]],
        &[&[(20, 55), (1, 30)]],
    ];
    for (case, source) in sources.into_iter().enumerate() {
        for is_packed in [false, true] {
            let file = |(number, ranges): (usize, &&[(usize, usize)])| match is_packed {
                true => write(folder.path(), &format!("{case}-{number}.rlp.gz"), &gzip(&parts(ranges))),
                false => write(folder.path(), &format!("{case}-{number}.rlp"), &parts(ranges)),
            };
            let files: Vec<_> = source.iter().enumerate().map(file).collect();
            assert!(read_all(&files, &spec, BATCH).unwrap() == whole, "case {case}, packed: {is_packed}");
            let notes = Source::open(&files, &spec).unwrap().notes().to_vec();
            assert!(notes.iter().any(|note| note.contains("they are taken once")), "case {case}: {notes:?}");
        }
    }
}

#[test]
fn different_blocks_with_a_number_are_named_with_both_files_and_hashes() {
    let Some((path, spec)) = chain("execution-apis") else { return };
    let export = fs::read(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut other = part(&export, 20, 40).to_vec();
    let last = offsets(&other)[19];
    // In the state root of block 39.
    other[last + 120] ^= 1;
    let first = write(folder.path(), "first.rlp", part(&export, 1, 55));
    let second = write(folder.path(), "second.rlp", &other);
    let appended = write(folder.path(), "appended.rlp", &[part(&export, 1, 55), &other].concat());
    for files in [vec![second, first], vec![appended]] {
        let refused = Source::open(&files, &spec).err().unwrap();
        let said = refused.to_string();
        let SourceError::DifferentBlocks { block: 39, first_hash, second_hash, .. } = refused else {
            panic!("{said}")
        };
        assert_ne!(first_hash, second_hash);
        for file in &files {
            assert!(said.contains(&file.display().to_string()), "{said}");
        }
    }
}

#[test]
fn a_cut_export_serves_what_lies_before_the_cut() {
    let Some((path, spec)) = chain("execution-apis") else { return };
    let export = fs::read(&path).unwrap();
    let whole = gzip(&export);
    let folder = tempfile::tempdir().unwrap();
    let cut = offsets(&export)[30] + 100;
    let files = [
        write(folder.path(), "cut.rlp", &export[..cut]),
        write(folder.path(), "cut.rlp.gz", &gzip(&export[..cut])),
        write(folder.path(), "stream.rlp.gz", &whole[..whole.len() / 2]),
    ];
    for file in files {
        let file = [file];
        let source = Source::open_until(&file, &spec, Some(11)).unwrap();
        assert!(source.range().end >= 11 && source.range().end < 55, "{:?}", source.range());
        assert!(source.notes()[0].contains("used up to block"), "{:?}", source.notes());
        let end = source.range().end;
        assert!(Source::open_until(&file, &spec, Some(end)).is_ok(), "the last whole block is there");
        let refused = Source::open_until(&file, &spec, Some(end + 1)).err().unwrap();
        assert!(refused.is_verification() && refused.to_string().contains("fetch it again"), "{refused}");
        assert!(Source::open(&file, &spec).is_err());
    }
    let gap = [
        write(folder.path(), "first.rlp", part(&export, 1, 20)),
        write(folder.path(), "last.rlp", part(&export, 30, 55)),
    ];
    assert_eq!(Source::open_until(&gap, &spec, Some(20)).unwrap().range().end, 20);
    assert!(matches!(Source::open_until(&gap, &spec, Some(21)), Err(SourceError::Gap { .. })));
}

#[test]
fn the_genesis_of_a_file_is_compared_before_its_blocks_are_read() {
    let Some((path, spec)) = chain("execution-apis") else { return };
    let export = fs::read(&path).unwrap();
    let source = Source::open(std::slice::from_ref(&path), &spec).unwrap();
    let parent = B256::from_slice(&export[7..39]);
    assert!(source.check_genesis(parent).is_ok());
    let other = B256::repeat_byte(1);
    let said = source.check_genesis(other).unwrap_err().to_string();
    for words in ["of a chain with another genesis", &parent.to_string(), &other.to_string()] {
        assert!(said.contains(words), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    let later = write(folder.path(), "later.rlp", part(&export, 2, 55));
    assert!(Source::open(&[later], &spec).unwrap().check_genesis(other).is_ok(), "no block shows it");
    let mut damaged = export.clone();
    damaged[40] ^= 1;
    let damaged = write(folder.path(), "damaged.rlp", &damaged);
    assert!(Source::open(&[damaged], &spec).unwrap().check_genesis(other).is_ok(), "block 1 is damaged");
}

/// The RLP of a block 1 with these transactions.
fn block_of(transactions: &[Vec<u8>], altered: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let header = Header {
        number: 1,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        transactions_root: ordered_trie_root_encoded(transactions),
        ..Header::default()
    };
    let as_element = |bytes: &Vec<u8>| match bytes[0] {
        0xc0.. => bytes.clone(),
        _ => alloy::rlp::encode(bytes.as_slice()),
    };
    let body = list(&transactions.iter().map(as_element).collect::<Vec<_>>().concat());
    list(&[altered(alloy::rlp::encode(&header)), body, vec![0xc0]].concat())
}

fn list(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    alloy::rlp::Header { list: true, payload_length: payload.len() }.encode(&mut out);
    [out, payload.to_vec()].concat()
}

/// Fields of a transaction: numbers.
fn fields(numbers: &[U256]) -> Vec<u8> {
    list(&numbers.iter().map(alloy::rlp::encode).collect::<Vec<_>>().concat())
}

#[test]
fn a_number_without_room_is_a_limit_of_the_program_and_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |block: &[u8]| {
        let file = write(folder.path(), "chain.rlp", block);
        read_all(&[file], &crate::mainnet(), BATCH).unwrap_err()
    };
    let one = U256::from(1);
    let huge = one << 128;
    let limited = |block: &[u8], words: &str| {
        let refused = refuse(block);
        let said = refused.to_string();
        assert!(matches!(refused, SourceError::Unsupported { .. }) && !refused.is_verification(), "{said}");
        assert!(
            said.contains("block 1") && said.contains(words) && said.contains("not supported by Blockmill"),
            "{said}"
        );
        assert!(!said.contains("damaged") && !said.contains("fetch"), "{said}");
    };
    let legacy = fields(&[one, huge, one, U256::ZERO, one, U256::ZERO, U256::from(27), one, one]);
    limited(
        &block_of(std::slice::from_ref(&legacy), |header| header),
        &format!("transaction 0: the gas price is {huge}"),
    );
    let legacy_ok = fields(&[one, one, one, U256::ZERO, one, U256::ZERO, U256::from(27), one, one]);
    let typed = [vec![2], fields(&[one, one, one, huge, one, U256::ZERO, one, U256::ZERO])].concat();
    limited(
        &block_of(&[legacy_ok, typed], |header| header),
        "transaction 1: the most fee for a unit of gas is",
    );
    let with_fee = |header: Vec<u8>| {
        let mut payload = header.as_slice();
        alloy::rlp::Header::decode(&mut payload).unwrap();
        list(&[payload, &alloy::rlp::encode(one << 64)].concat())
    };
    limited(&block_of(&[], with_fee), "the base fee is 18446744073709551616");
    // The same bytes under a header that does not know them are damage.
    let mut damaged = block_of(&[legacy], |header| header);
    let last = damaged.len() - 2;
    damaged[last] ^= 2;
    let refused = refuse(&damaged);
    assert!(refused.is_verification() && refused.to_string().contains("damaged"), "{refused}");
}

#[test]
fn a_block_that_is_larger_than_what_is_read_is_a_limit_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let header = Header { number: 1, ..Header::default() };
    let bulk = alloy::rlp::encode(vec![0_u8; 65 << 20].as_slice());
    let block = list(&[alloy::rlp::encode(&header), bulk].concat());
    for (name, bytes) in [("large.rlp", block.clone()), ("large.rlp.gz", gzip(&block))] {
        let file = write(folder.path(), name, &bytes);
        let refused = Source::open(&[file], &crate::mainnet()).err().unwrap();
        let said = refused.to_string();
        assert!(matches!(refused, SourceError::Unsupported { .. }), "{said}");
        assert!(said.contains("more than 67108864") && said.contains("not supported by Blockmill"), "{said}");
    }
}
