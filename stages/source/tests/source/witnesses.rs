//! Real blocks with the state before them.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use blockmill_chain::Ancestry;
use blockmill_source::{Checked, ReadLimit, Source, SourceError, SourceKind};
use blockmill_testkit::vectors;
use flate2::read::GzDecoder;

use crate::{mainnet, read_all, transactions, write};

/// A few files' worth of JSON.
const BATCH: ReadLimit = ReadLimit { blocks: 10, bytes: 8 << 20 };

fn text(path: PathBuf) -> String {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn forty_six_mainnet_blocks_are_read_from_frontier_to_cancun() {
    let Some(folder) = vectors::require("mainnet-blocks") else { return };
    let blocks = read_all(&[folder], &mainnet(), BATCH).unwrap();
    assert_eq!((blocks.len(), transactions(&blocks)), (46, 11_521));
    assert!(blocks.is_sorted_by_key(|block| block.block.number()));
    for block in &blocks {
        let witness = block.witness.as_ref().unwrap();
        assert!(block.total_difficulty.is_some());
        assert!(witness.accounts.is_sorted_by_key(|account| account.address));
        assert!(witness.accounts.iter().all(|account| account.storage.is_sorted()));
        assert_eq!(block.ommers_known, witness.ommer_hashes.is_empty());
    }
    let with_ommers: Vec<u64> =
        blocks.iter().filter(|block| !block.ommers_known).map(|block| block.block.number()).collect();
    assert_eq!(with_ommers, [1_796_867, 5_283_152, 8_889_776]);
    let codes: usize =
        blocks.iter().flat_map(|block| &block.witness.as_ref().unwrap().codes).map(|c| c.len()).sum();
    assert!(codes > 20 << 20, "{codes} bytes of code");
}

#[test]
fn reading_goes_on_at_the_next_block_there_is() {
    let Some(folder) = vectors::require("mainnet-blocks") else { return };
    let mut source = Source::open(&[folder], &mainnet()).unwrap();
    assert_eq!(source.kind(), SourceKind::Witnesses);
    let one = ReadLimit { blocks: 1, bytes: usize::MAX };
    let read = |source: &mut Source, start| {
        source.read(start, &Ancestry::unknown(), one).unwrap().first().map(|block| block.block.number())
    };
    assert_eq!(read(&mut source, 0), Some(46_147));
    assert_eq!(read(&mut source, 46_148), Some(116_525));
    assert_eq!(read(&mut source, 12_244_000), Some(12_244_000));
    assert_eq!(read(&mut source, 19_934_117), None);
}

#[test]
fn a_changed_witness_file_is_refused_for_the_right_reason() {
    let Some(file) = vectors::require("mainnet-blocks/46147.json.gz") else { return };
    let text = text(file);
    let folder = tempfile::tempdir().unwrap();
    let refuse = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let file = write(folder.path(), "46147.json", text.replace(from, to).as_bytes());
        let refused = read_all(&[file], &mainnet(), BATCH).err().unwrap();
        assert!(refused.is_verification(), "{refused}");
        assert_eq!(refused.place().unwrap().block, Some(46_147), "{refused}");
        match refused {
            SourceError::Mismatch { checked, .. } => Some(checked),
            _ => None,
        }
    };
    assert_eq!(refuse("\"gasUsed\":\"0x5208\"", "\"gasUsed\":\"0x5209\""), Some(Checked::BlockHash));
    assert_eq!(refuse("\"value\":\"0x7a69\"", "\"value\":\"0x7a6a\""), Some(Checked::TransactionHash));
    let (hash, other) = ("5c504ed432cb5113", "5c504ed432cb5114");
    assert_eq!(refuse(hash, other), Some(Checked::TransactionHash));
    let from = "\"from\":\"0xa1e4380a3b1f749673e270229993ee55f35663b4\"";
    assert_eq!(refuse(from, &from.replace("a1e4", "a1e5")), None);
}

#[test]
fn a_cut_witness_file_is_refused_even_in_a_folder() {
    let Some(file) = vectors::require("mainnet-blocks/46147.json.gz") else { return };
    let text = text(file);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "46147.json", &text.as_bytes()[..text.len() / 2]);
    let refused = Source::open(&[folder.path().to_path_buf()], &mainnet()).err().unwrap();
    assert!(matches!(refused, SourceError::Json { .. }) && refused.is_verification(), "{refused}");
}

#[test]
fn a_witness_without_its_state_is_refused_even_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "1.json", b"{ \"block\": { \"number\": \"0x1\" } }");
    let refused = Source::open(&[folder.path().to_path_buf()], &mainnet()).err().unwrap();
    assert!(matches!(refused, SourceError::Format { .. }), "{refused}");
}

#[test]
fn of_two_files_of_one_block_one_is_taken_and_different_blocks_are_named() {
    let Some(file) = vectors::require("mainnet-blocks/46147.json.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let copy = write(folder.path(), "copy.json.gz", &fs::read(&file).unwrap());
    let source = Source::open(&[file.clone(), copy.clone()], &mainnet()).unwrap();
    assert_eq!((source.files().len(), source.notes().len()), (1, 1));
    assert!(source.notes()[0].contains("block 46147 is in") && source.notes()[0].contains("copy.json.gz"));
    let text = text(file.clone());
    let hash = text.split("\"hash\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let other =
        write(folder.path(), "other.json", text.replace(&hash, &format!("0x{}", "11".repeat(32))).as_bytes());
    let refused = Source::open(&[file, other], &mainnet()).err().unwrap();
    assert!(matches!(refused, SourceError::DifferentBlocks { block: 46_147, .. }), "{refused}");
}
