//! Chains exported as ere archives and rebuilt from them: the same tables, whatever the profile, the split and the mix of files.
//! A decoder in Python that was written from the specification finds the same blocks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use alloy::primitives::hex;
use blockmill_chain::{Ancestry, BlockRange, Cancel, ChainSpec, KnownChain, RangeRequest};
use blockmill_pipeline::{
    ArchiveError, ArchiveRequest, ArchivedFile, ChainChoice, ERA_BLOCKS, ExitCode, RunError, Settings,
    write_archive,
};
use blockmill_schemas::Dataset;
use blockmill_source::{
    CHECKSUMS_WITH_NAMES, Checksums, EreSummary, FileKind, ReadLimit, Source, read_genesis,
};
use blockmill_testkit::vectors;
use serde_json::Value;

use crate::harness::{Tables, Workplace, run};

const CHAINS: [&str; 3] = ["execution-apis", "geth-ethtest", "hive-sync"];

/// Exports a chain; with `tables`, its receipts too.
fn archived(place: &Workplace, name: &str, tables: bool, file_blocks: u64) -> Vec<ArchivedFile> {
    try_archived(place, name, tables, file_blocks).unwrap()
}

fn try_archived(
    place: &Workplace,
    name: &str,
    tables: bool,
    file_blocks: u64,
) -> Result<Vec<ArchivedFile>, ArchiveError> {
    let (store, tables) = (place.store(), tables.then(|| place.tables()));
    let request = ArchiveRequest {
        store: &store,
        database: tables.as_ref().map(Tables::database),
        folder: &place.path(name),
        file_blocks,
        window_bytes: 1 << 20,
        cancel: &Cancel::default(),
    };
    let mut files = Vec::new();
    assert!(write_archive(&request, &mut |file| files.push(file.clone()))?);
    Ok(files)
}

/// Rebuilds from these files what `settings` rebuilt, somewhere else.
fn again(settings: &Settings, sources: Vec<PathBuf>) -> Workplace {
    let place = Workplace::new();
    let (data_dir, out) = (place.data_dir(), place.out());
    run(&Settings { sources, data_dir, out, checksums: false, ..settings.clone() }).unwrap();
    place
}

fn bytes_of(files: &[ArchivedFile]) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| (name(&file.path), fs::read(&file.path).unwrap())).collect()
}

#[test]
fn an_exported_chain_gives_the_same_tables_whatever_the_profile_and_the_split() {
    for (chain, file_blocks) in CHAINS.into_iter().zip([20, ERA_BLOCKS, 700]) {
        let place = Workplace::new();
        let Some(settings) = place.chain(chain) else { return };
        run(&settings).unwrap();
        let expected = place.tables().contents();
        for tables in [true, false] {
            let name = if tables { "whole" } else { "bare" };
            let files = archived(&place, name, tables, file_blocks);
            assert!(files.iter().all(|file| file.has_receipts == tables && !file.was_there));
            assert_eq!(files.len() as u64, files.last().unwrap().range.end.div_ceil(file_blocks));
            let rebuilt = again(&settings, vec![place.path(name)]);
            assert!(rebuilt.tables().contents() == expected, "{chain}, {name}");
            let once_more = archived(&rebuilt, name, tables, file_blocks);
            assert!(bytes_of(&once_more) == bytes_of(&files), "{chain}, {name}: other bytes");
        }
    }
}

#[test]
fn archives_and_exports_are_one_chain_in_any_mix() {
    let place = Workplace::new();
    let Some(settings) = place.chain("geth-ethtest") else { return };
    run(&settings).unwrap();
    let expected = place.tables().contents();
    let whole = archived(&place, "whole", true, 100);
    let bare = archived(&place, "bare", false, 64);
    let mixed = place.path("mixed");
    fs::create_dir(&mixed).unwrap();
    let take = |file: &ArchivedFile, name: &str| fs::copy(&file.path, mixed.join(name)).unwrap();
    take(&whole[0], "a.ere");
    take(&whole[2], "b.erae");
    take(&whole[3], "c");
    for (number, file) in bare.iter().enumerate().skip(1) {
        take(file, &format!("{number}.ere"));
    }
    let mut sources = vec![mixed, place.path("mixed/c")];
    let rebuilt = again(&settings, sources.clone());
    assert!(rebuilt.tables().contents() == expected);
    // Blocks 400 to 499 are in both, those after them in the export alone.
    bare.iter().filter(|file| file.range.end > 500).for_each(|file| {
        let number = file.range.start / 64;
        fs::remove_file(place.path("mixed").join(format!("{number}.ere"))).unwrap();
    });
    let end = whole.last().unwrap().range.end;
    let gap = Source::open(&sources, &spec(&settings)).err();
    assert!(gap.is_none(), "the files end earlier, and nothing is missing between them");
    sources.extend(settings.sources.clone());
    let source = Source::open(&sources, &spec(&settings)).unwrap();
    assert_eq!(source.range().end, end);
    assert!(source.notes().iter().any(|note| note.contains("and equal: they are taken once")));
    assert!(again(&settings, sources).tables().contents() == expected);
}

fn spec(settings: &Settings) -> ChainSpec {
    let ChainChoice::GenesisFile(path) = &settings.chain else { panic!() };
    ChainSpec::custom(&read_genesis(path).unwrap()).unwrap()
}

/// Blocks of the file as the decoder sees them.
fn decoded(file: &Path) -> Option<Vec<Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/python/read_ere.py");
    let output = match Command::new("python3").arg(script).arg(file).output() {
        Ok(output) => output,
        Err(error) => {
            vectors::announce_skip(&format!("the decoder of ere files in Python: {error}"));
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn an_independent_decoder_finds_the_same_blocks_receipts_and_logs() {
    let place = Workplace::new();
    // It crosses the merge: its file has total difficulties and an accumulator over the blocks before.
    let Some(settings) = place.chain("execution-apis") else { return };
    run(&settings).unwrap();
    let files = archived(&place, "archive", true, ERA_BLOCKS);
    let Some(blocks) = decoded(&files[0].path) else { return };
    let tables = place.tables();
    let rows = tables.query(
        "SELECT block_number, lower(hex(block_hash)), transaction_count, coalesce(total_difficulty::VARCHAR, '')
         FROM blocks ORDER BY block_number",
    );
    assert_eq!(blocks.len(), rows.rows.len());
    for (block, row) in blocks.iter().zip(&rows.rows) {
        let text = |at: usize| row[at].as_deref().unwrap();
        assert_eq!(block["number"].to_string(), text(0));
        assert_eq!(block["hash"].as_str(), Some(text(1)));
        assert_eq!(block["transactions"].to_string(), text(2));
        assert_eq!(block["total_difficulty"].to_string(), text(3), "block {}", text(0));
    }
    assert!(blocks.last().unwrap()["accumulator"].is_string());
    let receipts = tables.query(
        "SELECT block_number, transaction_index, transaction_type, cumulative_gas_used,
            coalesce(lower(hex(root)), CASE status WHEN 1 THEN '01' ELSE '' END)
         FROM transactions ORDER BY ALL",
    );
    for row in &receipts.rows {
        let at = |column: usize| row[column].as_deref().unwrap();
        let receipt = &blocks[at(0).parse::<usize>().unwrap()]["receipts"][at(1).parse::<usize>().unwrap()];
        assert_eq!((receipt["type"].to_string().as_str(), receipt["status"].as_str()), (at(2), Some(at(4))));
        assert_eq!(receipt["cumulative_gas"].to_string(), at(3));
    }
    let logs = tables.query(
        "SELECT block_number, transaction_index, lower(hex(address)), lower(hex(coalesce(data, payload(block_number, data_hash)))),
            lower(concat_ws(',', hex(topic0), hex(topic1), hex(topic2), hex(topic3)))
         FROM logs ORDER BY block_number, log_index",
    );
    let expected = logs.rows.iter().map(|row| {
        let at = |column: usize| row[column].clone().unwrap();
        (at(0).parse::<usize>().unwrap(), at(1).parse::<usize>().unwrap(), at(2), at(4), at(3))
    });
    let found = blocks.iter().enumerate().flat_map(|(number, block)| {
        let receipts = block["receipts"].as_array().unwrap().iter().enumerate();
        receipts.flat_map(move |(index, receipt)| {
            receipt["logs"].as_array().unwrap().iter().map(move |log| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let topics = log[1].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(",");
                (number, index, text(&log[0]), topics, text(&log[2]))
            })
        })
    });
    assert!(expected.eq(found));
}

#[test]
fn an_exported_era_of_mainnet_has_the_accumulator_that_its_era1_file_is_named_by() {
    let place = Workplace::new();
    let Some(settings) = place.mainnet(&["era/mainnet-00000-5ec1ffb8.era1"]) else { return };
    run(&Settings { datasets: vec![Dataset::Blocks], ..settings.clone() }).unwrap();
    let files = archived(&place, "archive", true, ERA_BLOCKS);
    let [file] = &files[..] else { panic!("{files:?}") };
    assert!(!file.has_receipts, "transactions and logs were not loaded");
    let name = file.path.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("mainnet-00000-") && name.ends_with("-noproofs-noreceipts.ere"), "{name}");
    // The accumulator is the last entry before the index: a column each of headers, bodies and total difficulties.
    let bytes = fs::read(&file.path).unwrap();
    let index_bytes = 8 + 8 * (ERA_BLOCKS as usize * 3 + 3);
    let accumulator = &bytes[bytes.len() - index_bytes - 32..][..4];
    assert_eq!(hex::encode(accumulator), "5ec1ffb8");
    let read = |path: &Path| {
        let mut source = Source::open(&[path.to_path_buf()], &ChainSpec::known(KnownChain::Mainnet)).unwrap();
        let limit = ReadLimit { blocks: usize::MAX, bytes: usize::MAX };
        source.read(0, &Ancestry::unknown(), limit).unwrap()
    };
    assert!(read(&file.path) == read(&settings.sources[0]));
}

#[test]
fn geths_file_without_receipts_is_read_and_its_name_is_reported() {
    let Some(file) = vectors::require("era/synthetic-noreceipts.ere") else { return };
    // As it is called there.
    let place = Workplace::new();
    let named = place.path("sepolia-00000-deadbeef-noreceipts.ere");
    fs::copy(&file, &named).unwrap();
    let held = EreSummary::read(&named).unwrap();
    assert_eq!((held.range, held.has_receipts, held.has_proofs), (BlockRange::new(0, 1), false, false));
    let spec = ChainSpec::known(KnownChain::Sepolia);
    let source = Source::open(&[named], &spec).unwrap();
    assert_eq!(source.files()[0].kind, FileKind::Ere);
    let note = &source.notes()[0];
    assert!(note.contains("0xdeadbeef") && note.contains(&held.last_hash.to_string()), "{note}");
}

#[test]
fn an_export_that_is_run_again_goes_on_and_takes_the_place_of_what_it_has_more_of() {
    let place = Workplace::new();
    let Some(settings) = place.chain("geth-ethtest") else { return };
    let short = Settings { range: RangeRequest { start: None, end: Some(250) }, ..settings.clone() };
    run(&short).unwrap();
    let first = archived(&place, "archive", true, 100);
    let ranges = |files: &[ArchivedFile]| files.iter().map(|file| file.range.len()).collect::<Vec<_>>();
    assert_eq!(ranges(&first), [100, 100, 50]);
    run(&settings).unwrap();
    let second = archived(&place, "archive", true, 100);
    assert_eq!(ranges(&second), [100, 100, 100, 100, 100, 100, 1]);
    assert!(second[0].was_there && second[1].was_there && !second[2].was_there);
    assert_eq!(second[2].superseded, [first[2].path.clone()]);
    assert!(!first[2].path.exists());
    // The list has every file that is there, and no other.
    let listed = fs::read_to_string(place.path("archive").join(CHECKSUMS_WITH_NAMES)).unwrap();
    assert_eq!(listed.lines().count(), 7);
    let mut checksums = Checksums::default();
    second.iter().for_each(|file| checksums.verify(&file.path, &mut |_| ()).unwrap());
    // A file that changed since is written again.
    let before = bytes_of(&second);
    let mut bytes = fs::read(&second[4].path).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&second[4].path, &bytes).unwrap();
    assert!(Checksums::default().verify(&second[4].path, &mut |_| ()).unwrap_err().is_verification());
    let third = archived(&place, "archive", true, 100);
    let written: Vec<_> = third.iter().map(|file| !file.was_there).collect();
    assert_eq!(written, [false, false, false, false, true, false, false]);
    assert!(bytes_of(&third) == before);
    // Files without receipts are no substitute for those with them.
    let refused = try_archived(&place, "archive", false, 100).unwrap_err();
    assert!(matches!(&refused, ArchiveError::InTheWay { path, .. } if *path == third[0].path), "{refused}");
}

#[test]
fn a_run_verifies_checksums_before_it_uses_a_file() {
    let place = Workplace::new();
    let Some(settings) = place.chain("geth-ethtest") else { return };
    run(&settings).unwrap();
    let files = archived(&place, "archive", false, 200);
    let settings = Settings { sources: vec![place.path("archive")], checksums: true, ..settings };
    let from = |settings: &Settings| {
        let place = Workplace::new();
        let ran = run(&Settings { data_dir: place.data_dir(), out: place.out(), ..settings.clone() });
        (ran.map(|summary| summary.last_block), place)
    };
    let (ran, _) = from(&settings);
    assert_eq!(ran.unwrap(), Some(600));
    // The third file is listed with the hash of the first.
    let list = place.path("archive").join(CHECKSUMS_WITH_NAMES);
    let text = fs::read_to_string(&list).unwrap();
    let hash = &text[..64];
    fs::write(&list, text.replacen(&text.lines().nth(2).unwrap()[..64], hash, 1)).unwrap();
    let (ran, left) = from(&settings);
    let refused = ran.unwrap_err();
    assert_eq!(refused.exit_code(), ExitCode::NotVerified, "{refused}");
    let said = refused.to_string();
    assert!(said.contains(files[2].path.to_str().unwrap()) && said.contains(hash), "{said}");
    assert_eq!(left.store().source_checkpoint().unwrap(), Some(399));
    fs::remove_file(&list).unwrap();
    let (ran, _) = from(&settings);
    assert!(ran.unwrap_err().to_string().contains("is in no list of checksums"));
}

#[test]
fn rows_that_do_not_give_the_receipts_root_are_not_exported() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    run(&settings).unwrap();
    for (statement, block) in [
        ("UPDATE logs SET data = 'x'::BLOB WHERE block_number = (SELECT min(block_number) FROM logs)", None),
        ("DELETE FROM transactions WHERE block_number = 45", Some(45)),
        ("UPDATE transactions SET transaction_type = 9 WHERE block_number = 45", Some(45)),
    ] {
        let copy = place.copied();
        duckdb::Connection::open(copy.out()).unwrap().execute_batch(statement).unwrap();
        let refused = try_archived(&copy, "archive", true, 20).unwrap_err();
        let ArchiveError::WrongReceipts { block: found, .. } = refused else { panic!("{refused}") };
        assert!(block.is_none_or(|block| block == found), "{statement}: block {found}");
        // The files before it with their list, or nothing.
        let left = fs::read_dir(copy.path("archive")).unwrap().count() as u64;
        assert_eq!(left, if found < 20 { 0 } else { found / 20 + 1 }, "{statement}");
        assert_eq!(RunError::from(refused).exit_code(), ExitCode::NotVerified);
    }
}

#[test]
fn single_blocks_are_no_archive() {
    let Some(witness) = vectors::require("mainnet-blocks/46147.json.gz") else { return };
    let place = Workplace::new();
    let mainnet = ChainChoice::Known(KnownChain::Mainnet);
    run(&place.settings(mainnet, vec![witness])).unwrap();
    assert!(matches!(try_archived(&place, "archive", true, ERA_BLOCKS), Err(ArchiveError::SingleBlocks)));
}
