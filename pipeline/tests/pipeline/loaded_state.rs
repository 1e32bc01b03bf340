//! Chains that start from a state: another client's dump of it, or our own export.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, U256};
use blockmill_chain::{BlockChanges, Cancel, RangeRequest};
use blockmill_load::TextRows;
use blockmill_pipeline::{
    CommandBudget, ExitCode, RunError, Settings, StateChoice, StateDifferences, StateError, StatePart,
    export_state, status, store_dir, unwind,
};
use blockmill_schemas::Dataset;
use blockmill_testkit::{headstate, vectors};
use serde_json::Value;

use crate::chains::{state_of, state_of_diffs};
use crate::harness::{Tables, Workplace, run};

const HEADS: [(&str, u64); 2] = [("geth-ethtest", 600), ("execution-apis", 54)];

fn from_state(place: &Workplace, chain: &str, file: PathBuf, block: u64) -> Option<Settings> {
    Some(Settings { state: Some(StateChoice { file, block }), ..place.chain(chain)? })
}

/// A run that fails with an error about the state, and leaves no store.
fn refused(settings: &Settings) -> StateError {
    let RunError::State(error) = run(settings).unwrap_err() else { panic!("another error") };
    assert!(!store_dir(&settings.data_dir).exists() && !settings.out.exists());
    *error
}

/// The state of a chain after a block, by our own export.
fn exported(chain: &str, block: u64, to: &Path) -> Option<()> {
    let place = Workplace::new();
    let range = RangeRequest { start: None, end: Some(block + 1) };
    run(&Settings { range, datasets: vec![Dataset::Blocks], ..place.chain(chain)? }).unwrap();
    let exported = export_state(&place.store(), to, &Cancel::default()).unwrap().unwrap();
    assert_eq!((exported.block, exported.bytes), (block, fs::metadata(to).unwrap().len()));
    Some(())
}

fn assert_whole(place: &Workplace, block: u64) {
    let tables = place.tables();
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    let store = place.store();
    for part in StatePart::ALL {
        let compared = part.compare(tables.database(), Some(&store), block).unwrap();
        assert_eq!(compared, Ok(StateDifferences::default()), "{part:?}");
    }
}

#[test]
fn a_chain_starts_from_geths_dump_of_its_head() {
    for (chain, head) in HEADS {
        let Some(dump) = vectors::require(&format!("chains/{chain}/headstate.json.gz")) else { return };
        let place = Workplace::new();
        let settings = from_state(&place, chain, dump.clone(), head).unwrap();
        let summary = run(&settings).unwrap();
        assert_eq!((summary.last_block, summary.interrupted), (Some(head), false));
        let geths = headstate::read(&dump).unwrap();
        assert!(state_of(&place) == geths.accounts && state_of_diffs(&place.tables()) == geths.accounts);
        assert_whole(&place, head);
        let tables = place.tables();
        let meta = |key: &str| tables.database().meta(key).unwrap().unwrap();
        assert_eq!((meta("state_block"), meta("first_block")), (head.to_string(), head.to_string()));
        assert_eq!(
            (meta("state_root"), meta("state_origin")),
            (geths.root.to_string(), "headstate.json.gz".into())
        );
        assert_eq!(tables.count("blocks"), 0, "the block of the state is not executed");
        let status = status(&place.data_dir(), &place.out()).unwrap();
        assert_eq!(status.state, Some((head, "headstate.json.gz".into())));
        // The same command again changes nothing, and another state is refused.
        let contents = place.tables().contents();
        run(&settings).unwrap();
        assert!(place.tables().contents() == contents);
        let other = Settings { state: Some(StateChoice { file: dump, block: head - 1 }), ..settings };
        let RunError::State(error) = run(&other).unwrap_err() else { panic!() };
        assert!(matches!(*error, StateError::OtherStart { held, .. } if held == head));
    }
}

#[test]
fn every_form_of_a_dump_gives_the_same_tables() {
    let Some(dump) = vectors::require("chains/geth-ethtest/headstate.json.gz") else { return };
    let place = Workplace::new();
    run(&from_state(&place, "geth-ethtest", dump.clone(), 600).unwrap()).unwrap();
    let expected = place.tables().contents();
    // geth's lines.
    let object: Value =
        serde_json::from_reader(flate2::read::GzDecoder::new(fs::File::open(&dump).unwrap())).unwrap();
    let lines = place.path("headstate.json.gz");
    let mut out =
        flate2::write::GzEncoder::new(fs::File::create(&lines).unwrap(), flate2::Compression::fast());
    writeln!(out, "{}", serde_json::json!({ "root": object["root"] })).unwrap();
    // In another order than that of their addresses.
    for account in object["accounts"].as_object().unwrap().values().rev() {
        writeln!(out, "{account}").unwrap();
    }
    out.finish().unwrap();
    // reth's lines.
    let reths = place.path("own/headstate.json.gz");
    fs::create_dir(place.path("own")).unwrap();
    export_state(&place.store(), &reths, &Cancel::default()).unwrap().unwrap();
    for file in [lines, reths] {
        let other = Workplace::new();
        run(&from_state(&other, "geth-ethtest", file.clone(), 600).unwrap()).unwrap();
        assert!(other.tables().contents() == expected, "{}", file.display());
        // What comes out is what went in.
        let again = other.path("again.jsonl");
        export_state(&other.store(), &again, &Cancel::default()).unwrap().unwrap();
        assert!(fs::read(&again).unwrap() == fs::read(place.path("own/headstate.json.gz")).unwrap());
    }
}

/// The rows of all tables about blocks after `block`; `forget` says what of `blocks` is not compared.
fn rows_after(tables: &Tables, block: u64, forget: &str) -> BTreeMap<&'static str, TextRows> {
    let rows = |dataset: &Dataset| {
        let forget = if *dataset == Dataset::Blocks { forget } else { "" };
        tables.query(&format!("SELECT * {forget} FROM {dataset} WHERE block_number > {block} ORDER BY ALL"))
    };
    Dataset::ALL.iter().map(|dataset| (dataset.name(), rows(dataset))).collect()
}

#[test]
fn from_a_block_halfway_the_rows_are_those_of_a_whole_run() {
    for (chain, block, head) in
        [("geth-ethtest", 300, 600), ("execution-apis", 20, 54), ("hive-sync", 2_000, 3_000)]
    {
        let whole = Workplace::new();
        let Some(settings) = whole.chain(chain) else { return };
        run(&settings).unwrap();
        let place = Workplace::new();
        let state = place.path("state.jsonl");
        exported(chain, block, &state).unwrap();
        let settings = from_state(&place, chain, state, block).unwrap();
        assert_eq!(run(&settings).unwrap().last_block, Some(head));
        // Of an export that starts later nobody knows the sum of the difficulties before it.
        let forget = if block < 256 { "" } else { "REPLACE (NULL AS total_difficulty)" };
        assert!(
            rows_after(&place.tables(), block, forget) == rows_after(&whole.tables(), block, forget),
            "{chain}"
        );
        assert_whole(&place, head);
        assert!(state_of(&place) == state_of(&whole));
        let tables = place.tables();
        for function in ["balance_at", "nonce_at", "code_at", "balance_u256_at"] {
            let ask = |height: u64| format!("SELECT {function}('0x{:040x}', {height})", 1);
            tables.query(&ask(block));
            let error = tables.database().query_text(&ask(block - 1)).unwrap_err().to_string();
            assert!(error.contains(&format!("{function}() knows nothing before block {block}")), "{error}");
        }
    }
}

/// A dump of geth's with something else in it.
fn spoiled(place: &Workplace, spoil: impl Fn(&mut String)) -> PathBuf {
    let own = place.path("own.jsonl");
    exported("geth-ethtest", 600, &own).unwrap();
    let mut text = fs::read_to_string(own).unwrap();
    spoil(&mut text);
    let path = place.path("spoiled.jsonl");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_dump_with_an_account_changed_dropped_or_doubled_is_refused_with_both_roots() {
    if vectors::require("chains/geth-ethtest").is_none() {
        return;
    }
    let place = Workplace::new();
    let header_root = {
        let whole = spoiled(&place, |_| ());
        let line = fs::read_to_string(whole).unwrap().lines().next().unwrap().to_owned();
        line[9..75].to_owned()
    };
    let line = |text: &str, number: usize| text.lines().nth(number).unwrap().to_owned() + "\n";
    let changed = spoiled(&place, |text| *text = text.replacen("\"nonce\":\"0x1\"", "\"nonce\":\"0x2\"", 1));
    let check = |file: PathBuf, says: &str| {
        let settings = from_state(&place, "geth-ethtest", file, 600).unwrap();
        let error = refused(&settings);
        let said = error.to_string();
        assert!(
            said.contains(says) && said.contains(&header_root) && said.matches("0x").count() >= 2,
            "{said}"
        );
        assert_eq!(RunError::from(error).exit_code(), ExitCode::NotVerified);
    };
    check(changed, "some are missing, altered or too many");
    check(spoiled(&place, |text| *text = text.replacen(&line(text, 3), "", 1)), "some are missing");
    check(spoiled(&place, |text| *text += &line(text, 3)), "some come twice");
    let zeros = "00".repeat(32);
    check(
        spoiled(&place, |text| *text = text.replacen(&header_root[2..], &zeros, 1)),
        "is of another block or chain",
    );
    // Cut, it is no dump; nothing is left either way.
    let cut = spoiled(&place, |text| text.truncate(text.len() - 30));
    let error = refused(&from_state(&place, "geth-ethtest", cut, 600).unwrap());
    assert!(error.to_string().contains("spoiled.jsonl, byte"), "{error}");
    // The right one is taken where a wrong one was tried.
    run(&from_state(&place, "geth-ethtest", place.path("own.jsonl"), 600).unwrap()).unwrap();
}

#[test]
fn slots_that_a_dump_lacks_are_named_by_their_account() {
    let Some(dump) = vectors::require("chains/geth-ethtest/headstate.json.gz") else { return };
    let place = Workplace::new();
    let mut object: Value =
        serde_json::from_reader(flate2::read::GzDecoder::new(fs::File::open(&dump).unwrap())).unwrap();
    let accounts = object["accounts"].as_object_mut().unwrap();
    let (address, account) =
        accounts.iter_mut().find(|(_, account)| account.get("storage").is_some()).unwrap();
    let address = address.to_lowercase();
    let slots = account["storage"].as_object_mut().unwrap();
    let first = slots.keys().next().unwrap().clone();
    slots.remove(&first);
    let file = place.path("headstate.json");
    fs::write(&file, object.to_string()).unwrap();
    let said = refused(&from_state(&place, "geth-ethtest", file, 600).unwrap()).to_string().to_lowercase();
    assert!(said.contains(&format!("the slots of {address} are not all there")), "{said}");
}

#[test]
fn blocks_that_execution_reaches_back_to_must_be_there() {
    let Some(settings) = Workplace::new().chain("hive-sync") else { return };
    let place = Workplace::new();
    let state = place.path("state.jsonl");
    exported("hive-sync", 2_000, &state).unwrap();
    // An export of blocks 1,800 to the end.
    let whole = Workplace::new();
    run(&Settings {
        datasets: vec![Dataset::Blocks],
        data_dir: whole.data_dir(),
        out: whole.out(),
        ..settings
    })
    .unwrap();
    let store = whole.store();
    let blocks = (1_800..=3_000)
        .flat_map(|number| alloy_rlp::encode(&store.block(number).unwrap().unwrap().block.block));
    let late = place.path("late.rlp");
    fs::write(&late, blocks.collect::<Vec<u8>>()).unwrap();
    drop(store);
    let settings = from_state(&place, "hive-sync", state.clone(), 2_000).unwrap();
    let error = refused(&Settings { sources: vec![late.clone()], ..settings.clone() });
    let StateError::MissingBlocks { missing, needed, .. } = &error else { panic!("{error}") };
    assert_eq!((missing.start, missing.end, needed.start), (1_745, 1_800, 1_745));
    let error = refused(&Settings { state: Some(StateChoice { file: state, block: 3_001 }), ..settings });
    assert!(matches!(error, StateError::MissingBlocks { missing, .. } if missing.start == 3_001), "{error}");
}

#[test]
fn an_export_that_is_stopped_or_finds_slots_of_no_account_leaves_no_file() {
    let place = Workplace::new();
    let Some(settings) = place.chain("geth-ethtest") else { return };
    let range = RangeRequest { start: None, end: Some(21) };
    run(&Settings { range, datasets: vec![Dataset::Blocks], ..settings }).unwrap();
    let store = place.store();
    let folder = place.path("exported");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("state.jsonl");
    let cancel = Cancel::default();
    cancel.cancel();
    assert_eq!(export_state(&store, &file, &cancel).unwrap(), None);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let mut orphans = BlockChanges::default();
    orphans.storage.entry(Address::repeat_byte(0x77)).or_default().slots.insert(U256::ONE, U256::ONE);
    let mut batch = store.batch();
    batch.put_changes(&orphans).unwrap();
    batch.commit().unwrap();
    let error = export_state(&store, &file, &Cancel::default()).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("0x7777777777777777777777777777777777777777 has slots and is no account"),
        "{said}"
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn nothing_leads_back_before_the_state_and_tables_can_be_made_again() {
    if vectors::require("chains/geth-ethtest").is_none() {
        return;
    }
    let place = Workplace::new();
    let state = place.path("state.jsonl");
    exported("geth-ethtest", 300, &state).unwrap();
    let settings = from_state(&place, "geth-ethtest", state, 300).unwrap();
    let early = Settings { range: RangeRequest { start: Some(100), end: None }, ..settings.clone() };
    let RunError::State(error) = run(&early).unwrap_err() else { panic!() };
    assert!(matches!(*error, StateError::BeforeState { block: 300, .. }), "{error}");
    run(&settings).unwrap();
    let expected = place.tables().contents();
    // Back to a block after the state, and to the state itself.
    for to in [450, 300] {
        let mut database = open(&place);
        let unwound = unwind(&place.data_dir(), &mut database, to, &budget()).unwrap();
        database.finish().unwrap();
        assert_eq!(unwound.blocks, to);
        run(&settings).unwrap();
        assert!(place.tables().contents() == expected, "after {to}");
    }
    let mut database = open(&place);
    let refused = unwind(&place.data_dir(), &mut database, 299, &budget()).unwrap_err();
    database.finish().unwrap();
    assert_eq!(refused.exit_code(), ExitCode::Usage, "{refused}");
    assert!(place.tables().contents() == expected, "a refused unwinding changes nothing");
    // Tables that are lost.
    fs::remove_file(place.out()).unwrap();
    let again = Settings { state: None, sources: Vec::new(), tables_only: true, ..settings.clone() };
    run(&again).unwrap();
    assert!(place.tables().contents() == expected);
    // Without --state the chain goes on as well.
    run(&Settings { state: None, ..settings }).unwrap();
    assert!(place.tables().contents() == expected);
}

fn open(place: &Workplace) -> blockmill_load::Database {
    let options =
        blockmill_load::LoadOptions { memory_bytes: 256 << 20, threads: 1, temp_dir: place.path("temp") };
    blockmill_load::Database::open(&place.out(), &options).unwrap()
}

fn budget() -> CommandBudget {
    CommandBudget::unwind(blockmill_pipeline::ByteSize(1 << 30))
}
