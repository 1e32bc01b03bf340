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
        "chain.rlp, byte 0, block 1: this file is of a chain with another genesis",
        "its block 1 follows 0xbd6a252a",
        "starts with 0x44fd89d5",
    ];
    assert_refused(&settings, ExitCode::NotVerified, &words);
    assert!(dry_run(&settings).is_err_and(|error| error.to_string().contains("another genesis")));
    assert!(!settings.data_dir.exists() && !settings.out.exists(), "something was written");
    assert_rebuilds(&right, 54);
}

#[test]
fn a_run_with_the_wrong_genesis_does_not_bind_the_folder_to_it() {
    let place = Workplace::new();
    let Some(right) = place.chain("execution-apis") else { return };
    let ChainChoice::GenesisFile(genesis) = &right.chain else { panic!("a chain of its own") };
    let written = fs::read_to_string(genesis).unwrap();
    // Only the files from the middle of the chain, which do not tell.
    let export = fs::read(&right.sources[0]).unwrap();
    let later = file(&place, "later.rlp", super::gaps::blocks(&export)[5..].concat());
    let chain =
        ChainChoice::GenesisFile(file(&place, "other.json", written.replace("\"0x20000\"", "\"0x20001\"")));
    let wrong = Settings { chain, sources: vec![later], ..right.clone() };
    assert_refused(&wrong, ExitCode::Failed, &["blocks 6:55 were checked and stored"]);
    let without = Settings { sources: Vec::new(), ..right.clone() };
    assert_refused(&without, ExitCode::Failed, &["choose another --data-dir"]);
    assert_rebuilds(&right, 54);
    assert!(!right.data_dir.join("store.forgotten").exists());
    assert_refused(&wrong, ExitCode::Failed, &["holds the chain with id", "choose another --data-dir"]);
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
fn genesis_files_that_cannot_be_right_are_refused_by_name_before_anything_is_written() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let ChainChoice::GenesisFile(genesis) = &settings.chain else { panic!("a chain of its own") };
    let written = fs::read_to_string(genesis).unwrap();
    let cases = [
        (
            "\"shanghaiTime\": 390",
            "\"shanghaiTime\": null",
            "config.cancunTime is 420, but config.shanghaiTime is not set",
        ),
        (
            "\"pragueTime\": 450",
            "\"pragueTime\": 400",
            "config.pragueTime is 400, which is before config.cancunTime with 420",
        ),
        ("\"ethash\": {}", "\"clique\": {\"period\": 5}", "proof of authority (Clique) is not supported"),
        ("\"alloc\"", "\"accounts\"", "alloc is missing"),
        ("\"gasLimit\"", "\"gasMost\"", "gasLimit is missing"),
    ];
    for (from, to, words) in cases {
        assert!(written.contains(from), "{from}");
        let chain = ChainChoice::GenesisFile(file(&place, "altered.json", written.replace(from, to)));
        let settings = Settings { chain, ..settings.clone() };
        assert_refused(&settings, ExitCode::Failed, &["altered.json: ", words]);
        assert!(!settings.data_dir.exists() && !settings.out.exists(), "{to}: something was written");
    }
}

#[test]
fn the_block_of_the_netsplit_has_no_effect() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let ChainChoice::GenesisFile(genesis) = &settings.chain else { panic!("a chain of its own") };
    let written = fs::read_to_string(genesis).unwrap();
    let later = written.replace("\"mergeNetsplitBlock\": 36", "\"mergeNetsplitBlock\": 40");
    assert_ne!(later, written);
    let chain = ChainChoice::GenesisFile(file(&place, "later.json", later));
    assert_rebuilds(&Settings { chain, ..settings }, 54);
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
