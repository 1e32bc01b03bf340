//! Single bits that change on the disk: `verify --deep` finds them, or they change nothing that is read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use blockmill_chain::BlockRange;
use blockmill_pipeline::RunError;
use blockmill_store::{Store, StoredBlock};

use crate::crash_points::{Chain, is_torture, settings, stop_at};
use crate::harness::{Workplace, run};
use crate::interruption::Lcg;
use crate::stored_state::{State, state};

const SEED: u64 = 11;

/// How many bits are flipped in each kind of file.
fn flips() -> usize {
    if is_torture() { 300 } else { 20 }
}

/// Changes one bit of the file; says which.
fn flip(path: &Path, random: &mut Lcg) -> String {
    let mut bytes = fs::read(path).unwrap();
    let (byte, bit) = (random.below(bytes.len() as u64), random.below(8));
    bytes[byte as usize] ^= 1 << bit;
    fs::write(path, bytes).unwrap();
    format!("bit {bit} of byte {byte} of {}", path.display())
}

/// What `verify --deep` says, and whether it found something.
fn verified(place: &Workplace) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
    command.args(["verify", "--deep", "--data-dir"]).arg(place.data_dir()).arg("--out").arg(place.out());
    let output = command.output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1 | 3)), "it ended with {code:?}: {said}");
    (code != Some(0), said)
}

#[test]
fn a_bit_that_changes_in_the_tables_is_found_or_changes_nothing() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    let contents = whole.tables().contents();
    let (mut random, mut found) = (Lcg(SEED), 0);
    for _ in 0..flips() {
        let place = whole.copied();
        let how = flip(&place.out(), &mut random);
        match verified(&place) {
            (true, said) => {
                assert!(said.contains("out.duckdb") || said.contains("BROKEN"), "{how}: {said}");
                found += 1;
            }
            (false, said) => assert!(place.tables().contents() == contents, "{how} was not seen: {said}"),
        }
    }
    println!("{found} of {} found, the others changed nothing", flips());
    assert!(found * 4 > flips(), "only {found} found");
}

/// Everything of a store that is read later.
fn dump(store: &Store) -> (State, Vec<StoredBlock>) {
    let numbers = store.numbers(BlockRange::new(0, u64::MAX));
    let blocks = numbers.map(|number| store.block(number.unwrap()).unwrap().unwrap()).collect();
    (state(store), blocks)
}

fn tables_of_the_store(place: &Workplace) -> Vec<PathBuf> {
    let files =
        fs::read_dir(place.data_dir().join("store/rocksdb")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "sst")).collect();
    files.sort();
    files
}

#[test]
fn a_bit_that_changes_in_the_store_is_found_or_changes_nothing() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    let expected = dump(&whole.store());
    let (mut random, mut found) = (Lcg(SEED), 0);
    for _ in 0..flips() {
        let place = whole.copied();
        let files = tables_of_the_store(&place);
        let how = flip(&files[random.below(files.len() as u64) as usize], &mut random);
        match verified(&place) {
            (true, said) => {
                assert!(
                    said.contains(".sst") || said.contains("BROKEN") || said.contains("the store is damaged"),
                    "{how}: {said}"
                );
                found += 1;
            }
            (false, said) => assert!(dump(&place.store()) == expected, "{how} was not seen: {said}"),
        }
    }
    println!("{found} of {} found, the others changed nothing", flips());
    assert!(found * 4 > flips(), "only {found} found");
}

#[test]
fn a_bit_that_changes_in_rows_that_wait_to_be_loaded_is_found_before_they_are() {
    let chain = Chain::new();
    let whole = chain.rebuilt();
    // In one of these runs two units are sealed and not loaded.
    let stopped = (60..).map(|step| {
        let place = Workplace::new();
        stop_at(&place, &chain, step).expect("it loads before it ends");
        place
    });
    let has_units =
        |place: &Workplace| fs::read_dir(place.data_dir().join("spill/units")).unwrap().count() > 1;
    let waiting = stopped.into_iter().find(has_units).unwrap();
    let mut random = Lcg(SEED);
    for _ in 0..flips() {
        let place = waiting.copied();
        let units = place.data_dir().join("spill/units");
        let unit = units.read_dir().unwrap().next().unwrap().unwrap().path();
        let mut files: Vec<_> = unit.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let how = flip(&files[random.below(files.len() as u64) as usize], &mut random);
        match run(&settings(&place, &chain.folder())) {
            Err(error) => {
                let said = error.to_string();
                assert!(matches!(error, RunError::Spill(_) | RunError::Stage(_)), "{how}: {said}");
                assert!(
                    said.contains("000000000000-000000000004") || said.contains("000000000004"),
                    "{how}: {said}"
                );
            }
            Ok(_) => assert!(place.tables().contents() == whole.tables().contents(), "{how} was not seen"),
        }
    }
}
