//! Mainnet's first two era1 files and one of Sepolia.

use alloy::primitives::{B256, U256};
use blockmill_chain::{Ancestry, BlockRange, ChainSpec, KnownChain, RecoveredBlock};
use blockmill_source::{Checked, FileKind, ReadLimit, Source, SourceError};
use blockmill_testkit::vectors;

use crate::{BATCH, mainnet, read_all, transactions};

#[test]
fn the_first_two_mainnet_files_are_read_whole() {
    let Some(era) = vectors::require("era") else { return };
    let files = ["mainnet-00000-5ec1ffb8.era1", "mainnet-00001-a5364e9a.era1"].map(|name| era.join(name));
    let blocks = read_all(&files, &mainnet(), BATCH).unwrap();
    assert_eq!(blocks.len(), 16_384);
    assert_eq!(blocks[0].block.hash, KnownChain::Mainnet.genesis_hash());
    assert_eq!(blocks[0].total_difficulty, Some(U256::from(0x4_0000_0000_u64)));
    assert_eq!(transactions(&blocks), 0);
    assert!(blocks.iter().any(|block| !block.block.block.body.ommers.is_empty()));
    let sum: U256 = blocks.iter().map(|block| block.block.header().difficulty).sum();
    assert_eq!(blocks[16_383].total_difficulty, Some(sum));
}

#[test]
fn a_sepolia_file_starts_in_the_middle_of_the_chain() {
    let Some(file) = vectors::require("era/sepolia-00021-b8814b14.era1") else { return };
    let spec = ChainSpec::known(KnownChain::Sepolia);
    let source = Source::open(std::slice::from_ref(&file), &spec).unwrap();
    assert_eq!(source.range(), BlockRange::new(172_032, 180_224));
    assert_eq!(source.files()[0].kind, FileKind::Era1);
    let blocks = read_all(&[file], &spec, BATCH).unwrap();
    assert_eq!((blocks.len(), transactions(&blocks)), (8_192, 93));
    assert!(blocks.iter().all(|block| block.transaction_roots.is_empty()), "Sepolia starts after Byzantium");
}

#[test]
fn reading_starts_anywhere_and_gives_the_same_blocks() {
    let Some(file) = vectors::require("era/mainnet-00001-a5364e9a.era1") else { return };
    let mut source = Source::open(&[file], &mainnet()).unwrap();
    let limit = ReadLimit { blocks: 3, bytes: usize::MAX };
    let three = source.read(9_000, &Ancestry::unknown(), limit).unwrap();
    let again = source.read(9_002, &Ancestry::unknown(), ReadLimit { blocks: 1, ..limit }).unwrap();
    assert_eq!(three[2], again[0]);
    assert!(source.read(16_384, &Ancestry::unknown(), limit).unwrap().is_empty(), "the end of the range");
    assert!(matches!(
        source.read(16_385, &Ancestry::unknown(), limit),
        Err(SourceError::OutOfRange { block: 16_385, .. })
    ));
    assert!(matches!(source.read(8_191, &Ancestry::unknown(), limit), Err(SourceError::OutOfRange { .. })));
}

#[test]
fn the_first_block_must_follow_the_parent_that_is_given() {
    let Some(file) = vectors::require("era/mainnet-00001-a5364e9a.era1") else { return };
    let mut source = Source::open(&[file], &mainnet()).unwrap();
    let first =
        source.read(8_192, &Ancestry::unknown(), ReadLimit { blocks: 1, bytes: 1 }).unwrap().remove(0);
    let after = |block: &RecoveredBlock, total| {
        let mut ancestry = Ancestry::unknown();
        ancestry.push(block, total);
        ancestry
    };
    let other = RecoveredBlock { hash: B256::ZERO, ..first.block.clone() };
    let refused = source.read(8_193, &after(&other, None), BATCH);
    assert!(matches!(refused, Err(SourceError::Mismatch { checked: Checked::ParentHash, .. })));
    let refused = source.read(8_193, &after(&first.block, Some(U256::from(1))), BATCH).unwrap_err();
    assert!(matches!(refused, SourceError::TotalDifficulty { .. }) && refused.is_verification(), "{refused}");
}

#[test]
fn a_small_byte_limit_gives_one_block_at_a_time() {
    let Some(file) = vectors::require("era/mainnet-00001-a5364e9a.era1") else { return };
    let mut source = Source::open(&[file], &mainnet()).unwrap();
    assert_eq!(
        source.read(8_192, &Ancestry::unknown(), ReadLimit { blocks: 100, bytes: 1 }).unwrap().len(),
        1
    );
    let some =
        source.read(8_193, &Ancestry::unknown(), ReadLimit { blocks: 100, bytes: 5_000 }).unwrap().len();
    assert!((2..20).contains(&some), "{some} blocks of about half a kilobyte");
}

#[test]
fn missing_and_unrelated_files_are_named() {
    let Some(era) = vectors::require("era") else { return };
    let files = ["mainnet-00000-5ec1ffb8.era1", "sepolia-00021-b8814b14.era1"].map(|name| era.join(name));
    let refused = Source::open(&files, &mainnet()).err().unwrap();
    let SourceError::Gap { missing, .. } = &refused else { panic!("{refused}") };
    assert_eq!(*missing, BlockRange::new(8_192, 172_032));
    assert!(!refused.is_verification());
}
