//! Data of one chain where that of another belongs, or of a chain whose rules are not known.

use std::fs;

use blockmill_chain::KnownChain;
use blockmill_pipeline::{ChainChoice, ExitCode, Settings, dry_run};
use blockmill_testkit::vectors;

use super::{assert_nothing_published, assert_rebuilds, assert_refused, file};
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
        "it hashes to 0x2f7e7be7",
        "the chain starts with 0xd4e56740",
        "leave --genesis out",
    ];
    assert_refused(&settings, ExitCode::NotVerified, &words);
    assert_nothing_published(&place.out());
    assert!(!settings.data_dir.exists());
}

#[test]
fn a_genesis_file_with_a_fork_that_is_not_executed_is_refused_before_anything_is_written() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let ChainChoice::GenesisFile(genesis) = &settings.chain else { panic!("a chain of its own") };
    let written = fs::read_to_string(genesis).unwrap();
    for (key, fork) in [("bogotaTime", "Bogota"), ("bpo6Time", "Bpo6")] {
        // Year 2100: no block of the chain is near.
        let altered = written.replace("\"londonBlock\"", &format!("\"{key}\": 4102444800, \"londonBlock\""));
        let chain = ChainChoice::GenesisFile(file(&place, "newer.json", &altered));
        let settings = Settings { chain, ..settings.clone() };
        let said = format!("newer.json: config.{key} is 4102444800, which schedules {fork}");
        let words = [said.as_str(), "a newer blockmill is needed"];
        assert_refused(&settings, ExitCode::Failed, &words);
        assert!(dry_run(&settings).is_err_and(|error| error.to_string().contains(&said)), "{key}");
        assert!(!settings.data_dir.exists() && !settings.out.exists(), "{key}: something was written");
    }
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
