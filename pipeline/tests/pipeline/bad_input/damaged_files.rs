//! Files that were damaged on their way.

use std::fs;

use blockmill_chain::RangeRequest;
use blockmill_pipeline::Settings;
use blockmill_testkit::vectors;

use super::assert_refused_until_repaired;
use crate::harness::Workplace;

/// The first 100 blocks of mainnet out of a copy of the first era1 file, which is yet to be written, and what belongs
/// into it.
fn mainnet(place: &Workplace) -> Option<(Settings, Vec<u8>)> {
    let name = "era/mainnet-00000-5ec1ffb8.era1";
    let good = fs::read(vectors::require(name)?).unwrap();
    let range = RangeRequest { start: None, end: Some(100) };
    let sources = vec![place.path("mainnet-00000-5ec1ffb8.era1")];
    Some((Settings { sources, range, ..place.mainnet(&[name])? }, good))
}

fn assert_mainnet_is_refused(damage: impl Fn(&mut Vec<u8>), words: &[&str]) {
    let place = Workplace::new();
    let Some((settings, good)) = mainnet(&place) else { return };
    let mut bad = good.clone();
    damage(&mut bad);
    assert_refused_until_repaired(&settings, &bad, &good, words, 99);
}

#[test]
fn an_era1_file_that_ends_early_is_refused() {
    let words = ["byte", "damaged or incomplete: fetch it again"];
    assert_mainnet_is_refused(|file| file.truncate(file.len() / 2), &words);
    assert_mainnet_is_refused(|file| file.truncate(file.len() - 1), &words);
}

#[test]
fn an_era1_file_with_a_flipped_bit_is_refused_even_after_the_blocks_that_are_wanted() {
    let words = ["byte", "cannot unpack", "fetch it again"];
    assert_mainnet_is_refused(|file| *file.iter_mut().rev().nth(1_000_000).unwrap() ^= 1, &words);
}

/// An era1 file ends with its accumulator (32 bytes) and its block index (8 bytes of header, first number, an offset per
/// block, and their count); all numbers are little-endian.
#[test]
fn an_era1_file_with_another_accumulator_is_refused() {
    let words = ["byte", "the accumulator is 0x5ec1ff39", "it should be 0x5ec1ffb8", "fetch it again"];
    let damage = |file: &mut Vec<u8>| {
        let count = u64::from_le_bytes(*file.last_chunk().unwrap()) as usize;
        let index_bytes = 8 + 8 + 8 * count + 8;
        let accumulator = file.len() - index_bytes - 32;
        file[accumulator + 3] ^= 0x81;
    };
    assert_mainnet_is_refused(damage, &words);
}

/// Writes an export that is not one, and then the right one.
fn assert_export_is_refused(bad: impl Fn(&[u8]) -> Vec<u8>, words: &[&str]) {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let good = fs::read(&settings.sources[0]).unwrap();
    let settings = Settings { sources: vec![place.path("chain.rlp")], ..settings };
    assert_refused_until_repaired(&settings, &bad(&good), &good, words, 54);
}

#[test]
fn a_file_that_is_no_rlp_is_refused() {
    let words = ["named like an RLP export", "damaged, incomplete or misnamed"];
    assert_export_is_refused(|_| b"<html>404 Not Found</html>".to_vec(), &words);
}

#[test]
fn rlp_that_is_no_block_is_refused() {
    let list_of_zeros = [&[0xf9, 0x02, 0x00], [0; 0x200].as_slice()].concat();
    let words = ["byte 0", "a block cannot be decoded", "fetch it again"];
    assert_export_is_refused(|_| list_of_zeros.clone(), &words);
}

#[test]
fn an_announced_length_beyond_reason_is_refused_unread() {
    let huge = [0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf9];
    assert_export_is_refused(|_| huge.to_vec(), &["byte 0", "larger than", "damaged or hostile"]);
}

#[test]
fn an_export_that_ends_inside_a_block_is_refused() {
    let words = ["byte 69069", "the file ends inside a block", "fetch it again"];
    assert_export_is_refused(|good| good[..good.len() - 100].to_vec(), &words);
}

#[test]
fn an_export_with_a_flipped_bit_in_a_transaction_is_refused() {
    let flip = |good: &[u8]| {
        let mut bad = good.to_vec();
        bad[40_000] ^= 1;
        bad
    };
    let words = ["byte 39307, block 29", "the transactions root is 0x", "it should be 0x", "fetch it again"];
    assert_export_is_refused(flip, &words);
}
