//! Files that are not what was written, and states that do not fit together, are errors that say so.

use std::fs;
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, U256, keccak256};

use super::{MIN_MEMORY_BYTES, RebuildError, State, Target, run};

/// Runs as a rebuild leaves them whose first write fails.
fn sorted_runs(parent: &Path) -> (State, PathBuf) {
    let state = State::with_slots([60, 1, 0, 2]);
    let mut target = Target { fail_at: Some(1), ..Target::default() };
    run(&state, &mut target, parent, MIN_MEMORY_BYTES).unwrap_err();
    (state, parent.join("runs"))
}

fn assert_damaged(state: &State, parent: &Path, path: &Path, case: &str) {
    let error = run(state, &mut Target::default(), parent, MIN_MEMORY_BYTES).unwrap_err();
    assert!(matches!(&error, RebuildError::Damaged { path: named, .. } if named == path), "{case}: {error}");
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()) && text.contains("delete the folder"), "{text}");
}

#[test]
fn any_damaged_byte_is_found() {
    let parent = tempfile::tempdir().unwrap();
    let (state, runs) = sorted_runs(parent.path());
    for name in ["accounts-0000-0000.run", "slots-0000-0000.run"] {
        let path = runs.join(name);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(3) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x40;
            fs::write(&path, &damaged).unwrap();
            assert_damaged(&state, parent.path(), &path, &format!("byte {at} of {name}"));
        }
        fs::write(&path, &whole).unwrap();
    }
    run(&state, &mut Target::default(), parent.path(), MIN_MEMORY_BYTES).unwrap();
}

#[test]
fn a_truncated_run_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let (state, runs) = sorted_runs(parent.path());
    let path = runs.join("slots-0000-0000.run");
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_damaged(&state, parent.path(), &path, &format!("{length} bytes"));
    }
    // Its end is there, but something before is not.
    fs::write(&path, &whole[whole.len() / 2..]).unwrap();
    assert_damaged(&state, parent.path(), &path, "the second half");
}

#[test]
fn a_run_under_the_name_of_another_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let (state, runs) = sorted_runs(parent.path());
    let (accounts, slots) = (runs.join("accounts-0000-0000.run"), runs.join("slots-0000-0000.run"));
    fs::copy(&accounts, runs.join("accounts-0001-0001.run")).unwrap();
    assert_damaged(&state, parent.path(), &runs.join("accounts-0001-0001.run"), "does not follow");
    fs::remove_file(runs.join("accounts-0001-0001.run")).unwrap();
    fs::copy(&accounts, &slots).unwrap();
    assert_damaged(&state, parent.path(), &slots, "accounts for slots");
}

#[test]
fn a_deleted_folder_is_made_anew() {
    let parent = tempfile::tempdir().unwrap();
    let (state, runs) = sorted_runs(parent.path());
    fs::remove_dir_all(runs).unwrap();
    run(&state, &mut Target::default(), parent.path(), MIN_MEMORY_BYTES).unwrap();
}

#[test]
fn slots_without_an_account_are_named() {
    // One before, between or behind the accounts, as its hash falls.
    for number in 0..8 {
        let parent = tempfile::tempdir().unwrap();
        let mut state = State::with_slots([1, 0, 2]);
        let address = Address::with_last_byte(number);
        state.slots.insert((address, U256::ZERO), U256::from(1));
        match run(&state, &mut Target::default(), parent.path(), MIN_MEMORY_BYTES).unwrap_err() {
            RebuildError::SlotWithoutAccount { owner } => assert_eq!(owner, keccak256(address)),
            other => panic!("{other}"),
        }
    }
}
