//! Witness files that do not hold what their block read.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use blockmill_chain::KnownChain;
use blockmill_pipeline::{ChainChoice, ExitCode, Settings};
use blockmill_testkit::vectors;
use flate2::read::GzDecoder;
use serde_json::Value;

use super::{assert_nothing_published, assert_rebuilds, assert_refused, file};
use crate::harness::Workplace;

fn unpack(path: &Path) -> Value {
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Takes the storage of the account that read most slots out of the witness.
fn forget_storage(witness: &mut Value) {
    let accounts = witness["prestate"].as_object_mut().unwrap();
    let slots = |account: &Value| account["storage"].as_object().map_or(0, |slots| slots.len());
    let largest = accounts.values_mut().max_by_key(|account| slots(account)).unwrap();
    assert!(slots(largest) > 0);
    largest["storage"].as_object_mut().unwrap().clear();
}

/// Three real blocks as witnesses; the settings name a folder of the workplace with the first and the last of them.
fn mainnet(place: &Workplace) -> Option<(Settings, PathBuf)> {
    let folder = place.path("witnesses");
    fs::create_dir(&folder).unwrap();
    for number in ["4330482", "5283152"] {
        let name = format!("{number}.json.gz");
        fs::copy(vectors::require(&format!("mainnet-blocks/{name}"))?, folder.join(&name)).unwrap();
    }
    let middle = vectors::require("mainnet-blocks/4864590.json.gz")?;
    Some((place.settings(ChainChoice::Known(KnownChain::Mainnet), vec![folder]), middle))
}

#[test]
fn a_witness_that_lacks_slots_is_refused_until_it_has_them() {
    let place = Workplace::new();
    let Some((settings, path)) = mainnet(&place) else { return };
    let good = unpack(&path);
    let mut bad = good.clone();
    forget_storage(&mut bad);
    file(&place, "witnesses/4864590.json", bad.to_string());
    for _run in ["first", "again"] {
        assert_refused(&settings, ExitCode::NotVerified, &["block 4864590", "run again"]);
        assert_nothing_published(&place.out());
    }
    file(&place, "witnesses/4864590.json", good.to_string());
    assert_rebuilds(&settings, 5_283_152);
    assert_eq!(place.tables().count("blocks"), 3);
    assert_eq!(place.store().witness_bytes(), 0);
}

#[test]
fn a_witness_file_that_is_no_json_any_more_is_refused() {
    let place = Workplace::new();
    let Some((settings, path)) = mainnet(&place) else { return };
    let good = unpack(&path).to_string();
    file(&place, "witnesses/4864590.json", &good[..good.len() / 2]);
    let words = ["4864590.json", "line 1 column", "damaged, incomplete, or something else"];
    assert_refused(&settings, ExitCode::NotVerified, &words);
    assert_nothing_published(&place.out());
}

#[test]
fn chain_files_and_witness_files_are_not_mixed() {
    let place = Workplace::new();
    let Some((settings, _)) = mainnet(&place) else { return };
    let Some(era) = vectors::require("era/mainnet-00000-5ec1ffb8.era1") else { return };
    let sources = [settings.sources.clone(), vec![era]].concat();
    let words = ["mainnet-00000-5ec1ffb8.era1 is a chain file", "a witness file", "separate runs"];
    assert_refused(&Settings { sources, ..settings }, ExitCode::Failed, &words);
    assert_nothing_published(&place.out());
}
