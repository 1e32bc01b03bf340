//! Blocks that are missing, or there several times.

use std::fs;

use alloy::rlp::Header;
use blockmill_pipeline::{ExitCode, Settings};

use super::{assert_nothing_published, assert_rebuilds, assert_refused, assert_refused_until_repaired, file};
use crate::harness::Workplace;

/// The encoded blocks of an export, 1 first.
pub(super) fn blocks(export: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut blocks) = (export, Vec::new());
    while !rest.is_empty() {
        let mut payload = rest;
        let length = Header::decode(&mut payload).unwrap().payload_length;
        let (block, after) = rest.split_at(rest.len() - payload.len() + length);
        blocks.push(block);
        rest = after;
    }
    blocks
}

#[test]
fn a_block_that_is_missing_inside_a_file_is_named() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let good = fs::read(&settings.sources[0]).unwrap();
    let mut kept = blocks(&good);
    kept.remove(20);
    let settings = Settings { sources: vec![place.path("chain.rlp")], ..settings };
    let words = ["block 22", "21 should follow", "damaged or misses blocks"];
    assert_refused_until_repaired(&settings, &kept.concat(), &good, &words, 54);
}

#[test]
fn blocks_that_are_missing_between_files_are_named() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let export = fs::read(&settings.sources[0]).unwrap();
    let blocks = blocks(&export);
    let mut sources = vec![
        file(&place, "first.rlp", blocks[..20].concat()),
        file(&place, "last.rlp", blocks[30..].concat()),
    ];
    let holed = Settings { sources: sources.clone(), ..settings.clone() };
    let words = ["blocks 21:31 are missing between", "first.rlp", "last.rlp", "add the files"];
    assert_refused(&holed, ExitCode::Failed, &words);
    assert_nothing_published(&place.out());
    sources.push(file(&place, "middle.rlp", blocks[20..30].concat()));
    assert_rebuilds(&Settings { sources, ..settings }, 54);
}

#[test]
fn blocks_that_are_missing_after_an_earlier_run_are_named_and_its_tables_stay() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let export = fs::read(&settings.sources[0]).unwrap();
    let blocks = blocks(&export);
    let first = vec![file(&place, "first.rlp", blocks[..20].concat())];
    assert_rebuilds(&Settings { sources: first, ..settings.clone() }, 20);
    let before = place.tables().contents();
    let last = vec![file(&place, "last.rlp", blocks[30..].concat())];
    let words = ["blocks 21:31 are missing", "ends with block 20", "give the files with them"];
    assert_refused(&Settings { sources: last, ..settings.clone() }, ExitCode::Failed, &words);
    assert_eq!(place.tables().contents(), before);
    assert_rebuilds(&settings, 54);
}

#[test]
fn a_file_from_the_middle_of_a_chain_is_stored_and_checked_but_not_executed() {
    let place = Workplace::new();
    let source = blockmill_testkit::vectors::require("era/sepolia-00021-b8814b14.era1");
    let Some(source) = source else { return };
    let chain = blockmill_pipeline::ChainChoice::Known(blockmill_chain::KnownChain::Sepolia);
    let settings = place.settings(chain, vec![source]);
    let words = ["blocks 172032:180224 were checked and stored", "the state before them", "from genesis on"];
    for _run in ["first", "again"] {
        assert_refused(&settings, ExitCode::Failed, &words);
        assert_nothing_published(&place.out());
    }
    let last = place.store().block(180_223).unwrap().unwrap();
    assert_eq!(last.block.number(), 180_223);
}

#[test]
fn the_beginning_of_a_chain_may_come_after_its_middle() {
    let place = Workplace::new();
    let (first, second) = ("era/mainnet-00000-5ec1ffb8.era1", "era/mainnet-00001-a5364e9a.era1");
    let (Some(middle), Some(both)) = (place.mainnet(&[second]), place.mainnet(&[first, second])) else {
        return;
    };
    assert_refused(
        &middle,
        ExitCode::Failed,
        &["blocks 8192:16384 were checked and stored", "from genesis on"],
    );
    assert_nothing_published(&place.out());
    assert_rebuilds(&both, 16_383);
}

#[test]
fn blocks_that_are_there_several_times_are_taken_once() {
    let (place, whole) = (Workplace::new(), Workplace::new());
    let (Some(settings), Some(expected)) = (place.chain("execution-apis"), whole.chain("execution-apis"))
    else {
        return;
    };
    let export = fs::read(&settings.sources[0]).unwrap();
    let blocks = blocks(&export);
    let sources = vec![
        file(&place, "appended.rlp", [blocks[..30].concat(), blocks[..30].concat()].concat()),
        file(&place, "later.rlp", blocks[20..].concat()),
    ];
    assert_rebuilds(&Settings { sources, ..settings }, 54);
    assert_rebuilds(&expected, 54);
    assert!(place.tables().contents() == whole.tables().contents());
}

#[test]
fn a_range_before_the_cut_of_a_file_is_served_and_the_whole_file_then_goes_on() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let export = fs::read(&settings.sources[0]).unwrap();
    let cut = file(&place, "chain.rlp", &export[..export.len() - 100]);
    let cut = Settings { sources: vec![cut], ..settings.clone() };
    let words = ["the file ends inside a block", "fetch it again"];
    assert_refused(&cut, ExitCode::NotVerified, &words);
    assert!(!cut.data_dir.exists() && !cut.out.exists(), "something was written");
    assert_rebuilds(&Settings { range: ":54".parse().unwrap(), ..cut.clone() }, 53);
    assert_refused(&cut, ExitCode::NotVerified, &words);
    assert_rebuilds(&settings, 54);
}
