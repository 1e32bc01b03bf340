//! Data of one chain where that of another belongs.

use blockmill_chain::KnownChain;
use blockmill_pipeline::{ChainChoice, ExitCode, Settings};
use blockmill_testkit::vectors;

use super::{assert_nothing_published, assert_rebuilds, assert_refused};
use crate::harness::Workplace;

#[test]
fn the_blocks_of_another_chain_are_refused_at_the_first_one() {
    let place = Workplace::new();
    let (Some(right), Some(other)) = (place.chain("execution-apis"), place.chain("geth-ethtest")) else {
        return;
    };
    let settings = Settings { sources: other.sources, ..right.clone() };
    let words = [
        "chain.rlp, byte 0, block 1",
        "the parent hash is 0xbd6a252a",
        "it should be 0x44fd89d5",
        "of another chain",
    ];
    assert_refused(&settings, ExitCode::NotVerified, &words);
    assert_nothing_published(&place.out());
    assert_rebuilds(&right, 54);
}

#[test]
fn the_genesis_file_of_another_chain_is_refused() {
    let place = Workplace::new();
    let sepolia = vectors::require("genesis/sepolia.json.gz");
    let Some(settings) = place.mainnet(&["era/mainnet-00000-5ec1ffb8.era1"]) else { return };
    let settings = Settings { genesis: sepolia, ..settings };
    let words = [
        "sepolia.json.gz is not the genesis of mainnet",
        "the chain starts with 0xd4e56740",
        "give that chain's file",
    ];
    assert_refused(&settings, ExitCode::NotVerified, &words);
    assert_nothing_published(&place.out());
}

#[test]
fn a_known_chain_without_its_genesis_file_says_what_to_give() {
    let place = Workplace::new();
    let Some(settings) = place.mainnet(&["era/mainnet-00000-5ec1ffb8.era1"]) else { return };
    let settings = Settings { genesis: None, ..settings };
    assert_refused(&settings, ExitCode::Usage, &["--genesis is missing", "of mainnet"]);
}

#[test]
fn a_chain_is_not_mixed_into_the_data_directory_of_another() {
    let place = Workplace::new();
    let (Some(one), Some(other)) = (place.chain("execution-apis"), place.chain("geth-ethtest")) else {
        return;
    };
    assert_rebuilds(&one, 54);
    let before = place.tables().contents();
    assert_refused(&other, ExitCode::Failed, &["holds the chain with id", "choose another --data-dir"]);
    let mainnet = ChainChoice::Known(KnownChain::Mainnet);
    let mainnet = Settings { sources: Vec::new(), ..place.settings(mainnet, Vec::new()) };
    assert_refused(
        &mainnet,
        ExitCode::Failed,
        &["this run is for the chain with id 1", "choose another --data-dir"],
    );
    assert_eq!(place.tables().contents(), before);
}

#[test]
fn a_chain_is_not_mixed_into_the_tables_of_another() {
    let (one_place, other_place) = (Workplace::new(), Workplace::new());
    let Some(one) = one_place.chain("execution-apis") else { return };
    let Some(other) = other_place.chain("geth-ethtest") else { return };
    assert_rebuilds(&one, 54);
    let before = one_place.tables().contents();
    let mixed = Settings { out: one.out.clone(), ..other.clone() };
    assert_refused(&mixed, ExitCode::Failed, &["out.duckdb", "its tables were made with", "another --out"]);
    assert_eq!(one_place.tables().contents(), before);
    assert_rebuilds(&other, 600);
}
