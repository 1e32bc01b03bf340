//! A rebuild that stopped anywhere goes on to the same rows.

use std::fs;
use std::path::Path;

use alloy::primitives::{Address, B256, U256, keccak256};
use blockmill_chain::Cancel;

use super::{MIN_MEMORY_BYTES, RebuildError, RebuildOptions, State, Target, rebuild, rows_of, run};

/// Accounts of all sorts: several runs of each kind, several chunks, a storage in pieces, one at each end too.
fn state() -> State {
    let counts = (0..1500).map(|number| if number % 600 == 5 { 700 } else { number % 3 });
    let mut state = State::with_slots(counts);
    let by_hash = |address: &&Address| keccak256(address);
    let ends = [
        state.accounts.keys().min_by_key(by_hash).copied(),
        state.accounts.keys().max_by_key(by_hash).copied(),
    ];
    for address in ends.into_iter().flatten() {
        let slots = (0..300u64).map(U256::from);
        state.slots.extend(slots.map(|slot| ((address, slot), slot + U256::from(1))));
    }
    state
}

#[test]
fn killed_at_every_write() {
    let (state, (rows, root)) = (state(), rows_of(&state()));
    let mut kills = 0;
    for fail_at in 1.. {
        let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
        target.fail_at = Some(fail_at);
        match run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES) {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, RebuildError::Target { .. }), "{error}"),
        }
        kills += 1;
        target.fail_at = None;
        let reads = state.rows_read.get();
        let rebuilt = run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap();
        assert_eq!(state.rows_read.get(), reads, "what is sorted is not read again");
        assert_eq!((rebuilt.root, rebuilt.accounts), (root, state.accounts.len() as u64));
        assert!(target.rows == rows, "killed at write {fail_at}");
    }
    assert!(kills > 30, "{kills}");
}

#[test]
fn killed_at_every_write_of_one_rebuild_after_another() {
    let (state, (rows, root)) = (state(), rows_of(&state()));
    let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
    // One write and a kill, over and over: progress is made nonetheless, but for a storage in pieces.
    let mut least = 2;
    let rebuilt = loop {
        let before = target.through;
        (target.writes, target.fail_at) = (0, Some(least));
        match run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES) {
            Ok(rebuilt) => break rebuilt,
            Err(_) => least = if target.through > before { 2 } else { least + 1 },
        }
    };
    assert_eq!(rebuilt.root, root);
    assert!(target.rows == rows);
}

#[test]
fn killed_at_rows_of_the_flat_state_again_and_again() {
    let mut state = state();
    let (rows, root) = rows_of(&state);
    // One run holds about a thousand rows: each attempt seals one or two more and then dies.
    let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
    let mut kills = 0;
    let rebuilt = loop {
        state.rows_read.set(0);
        state.fail_at = Some(1300);
        match run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES) {
            Ok(rebuilt) => break rebuilt,
            Err(error) => assert!(matches!(error, RebuildError::Flat { .. }), "{error}"),
        }
        kills += 1;
    };
    assert!(kills >= 3, "{kills}");
    assert_eq!(rebuilt.root, root);
    assert!(target.rows == rows);
}

#[test]
fn killed_at_every_row_of_a_small_state() {
    let mut state = State::with_slots([1, 0, 5, 2]);
    let (rows, root) = rows_of(&state);
    for fail_at in 1..=12 {
        let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
        (state.fail_at, state.rows_read) = (Some(fail_at), Default::default());
        run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap_err();
        state.fail_at = None;
        let rebuilt = run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap();
        assert!(rebuilt.root == root && target.rows == rows, "killed at row {fail_at}");
    }
}

/// Files as they are found when the process died between any two of them: what came later is not there.
#[test]
fn killed_after_every_sealed_run() {
    let state = state();
    let (rows, root) = rows_of(&state);
    let whole = sorted_runs(&state);
    let count = fs::read_dir(whole.path().join("runs")).unwrap().count();
    assert!(count >= 4, "{count}");
    for kept in 0..=count {
        let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
        let runs = parent.path().join("runs");
        fs::create_dir(&runs).unwrap();
        for name in run_names(whole.path()).into_iter().take(kept) {
            fs::copy(whole.path().join("runs").join(&name), runs.join(&name)).unwrap();
        }
        // The next one was about to be renamed.
        fs::write(runs.join("accounts-0000-0000.tmp"), "half").unwrap();
        let rebuilt = run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap();
        assert!(rebuilt.root == root && target.rows == rows, "{kept} runs kept");
    }
}

/// Runs as a rebuild leaves them whose first write fails.
fn sorted_runs(state: &State) -> tempfile::TempDir {
    let (parent, mut target) = (tempfile::tempdir().unwrap(), Target::default());
    target.fail_at = Some(1);
    run(state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap_err();
    parent
}

/// In the order in which they were sealed.
fn run_names(parent: &Path) -> Vec<String> {
    let entries = fs::read_dir(parent.join("runs")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn runs_that_were_merged_are_swept() {
    let state = State::with_slots((0..200).map(|number| number * 3 % 100));
    let (rows, _) = rows_of(&state);
    let parent = sorted_runs(&state);
    let names = run_names(parent.path());
    let merged = names.iter().find(|name| numbers(name).0 < numbers(name).1);
    let merged = merged.unwrap_or_else(|| panic!("no run was merged: {names:?}"));
    // As if the process had died before it removed the last run that the merged one covers.
    let runs = parent.path().join("runs");
    for covered in [numbers(merged).1, 9000] {
        fs::copy(runs.join(merged), runs.join(format!("slots-{covered:04}-{covered:04}.run"))).unwrap();
    }
    let mut target = Target::default();
    run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap();
    assert!(target.rows == rows);
}

/// The numbers in the name of a run.
fn numbers(name: &str) -> (u32, u32) {
    let mut parts = name.trim_end_matches(".run").split('-').skip(1).map(|part| part.parse().unwrap());
    (parts.next().unwrap(), parts.next().unwrap())
}

#[test]
fn runs_of_another_state_are_swept() {
    let parent = sorted_runs(&State::with_slots([1, 2, 3]));
    let state = State::with_slots([7]);
    let mut target = Target::default();
    let folder = parent.path().join("runs");
    let options = RebuildOptions {
        folder: &folder,
        memory_bytes: MIN_MEMORY_BYTES,
        state: 2,
        cancel: &Cancel::default(),
    };
    assert_eq!(rebuild(&state, &mut target, &options).unwrap().root, rows_of(&state).1);
}

#[test]
fn a_cancel_interrupts() {
    let parent = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    cancel.cancel();
    let folder = parent.path().join("runs");
    let options =
        RebuildOptions { folder: &folder, memory_bytes: MIN_MEMORY_BYTES, state: 1, cancel: &cancel };
    let error = rebuild(&state(), &mut Target::default(), &options).unwrap_err();
    assert!(matches!(error, RebuildError::Interrupted), "{error}");
}

#[test]
fn rows_of_another_state_are_not_built_upon() {
    let (parent, state) = (tempfile::tempdir().unwrap(), State::with_slots([0; 300]));
    let mut target = Target { fail_at: Some(3), ..Target::default() };
    run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap_err();
    target.fail_at = None;
    let first = *target.rows.accounts.keys().next().unwrap();
    target.rows.accounts.remove(&first);
    match run(&state, &mut target, parent.path(), MIN_MEMORY_BYTES).unwrap_err() {
        RebuildError::Resume { through, written, sorted } => {
            assert_eq!((Some(through), written + 1), (target.through, sorted));
        }
        other => panic!("{other}"),
    }
    assert!(target.through > Some(B256::ZERO));
}
