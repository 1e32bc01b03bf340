//! Whatever stops a rebuild, the next one starts anew and ends with the same rows.

use alloy::primitives::{Address, U256, keccak256};
use blockmill_chain::Cancel;

use super::{MIN_MEMORY_BYTES, RebuildError, RebuildOptions, State, Target, rebuild, rows_of, run};

/// Several runs of each kind, several chunks, a storage in pieces.
fn state() -> State {
    State::with_slots((0..1500).map(|number| if number % 600 == 5 { 700 } else { number % 3 }))
}

#[test]
fn a_failed_read_or_write_is_named_and_leaves_no_file() {
    let mut state = state();
    let (rows, root) = rows_of(&state);
    let all_rows = state.accounts.len() as u64 + state.slots.len() as u64;
    let folder = tempfile::tempdir().unwrap();
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    for fail_at in [1, 700, 1_501, 3_000, all_rows] {
        (state.fail_at, state.rows_read) = (Some(fail_at), Default::default());
        let error = run(&state, &mut Target::default(), folder.path(), MIN_MEMORY_BYTES).unwrap_err();
        assert!(matches!(error, RebuildError::Flat { .. }), "{error}");
        assert_eq!(files(), 0);
    }
    state.fail_at = None;
    for fail_at in [1, 2, 9] {
        let mut target = Target { fail_at: Some(fail_at), ..Target::default() };
        let error = run(&state, &mut target, folder.path(), MIN_MEMORY_BYTES).unwrap_err();
        assert!(matches!(error, RebuildError::Target { .. }), "{error}");
        assert_eq!(files(), 0);
    }
    let mut target = Target::default();
    assert_eq!(run(&state, &mut target, folder.path(), MIN_MEMORY_BYTES).unwrap().root, root);
    assert!(target.rows == rows);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap().path().join("gone");
    let error = run(&state(), &mut Target::default(), &folder, MIN_MEMORY_BYTES).unwrap_err();
    assert!(matches!(error, RebuildError::Io { .. }) && error.to_string().contains("gone"), "{error}");
}

#[test]
fn a_cancel_interrupts() {
    let (folder, cancel) = (tempfile::tempdir().unwrap(), Cancel::default());
    cancel.cancel();
    let options = RebuildOptions { folder: folder.path(), memory_bytes: MIN_MEMORY_BYTES, cancel: &cancel };
    let error = rebuild(&state(), &mut Target::default(), &options).unwrap_err();
    assert!(matches!(error, RebuildError::Interrupted), "{error}");
}

#[test]
fn slots_without_an_account_are_named() {
    // One before, between or after the accounts, as its hash falls.
    for number in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::with_slots([1, 0, 2]);
        let address = Address::with_last_byte(number);
        state.slots.insert((address, U256::ZERO), U256::from(1));
        match run(&state, &mut Target::default(), folder.path(), MIN_MEMORY_BYTES).unwrap_err() {
            RebuildError::SlotWithoutAccount { owner } => assert_eq!(owner, keccak256(address)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn an_account_that_comes_twice_is_named() {
    struct Twice(State);

    impl super::FlatState for Twice {
        type Error = super::Injected;

        fn accounts(
            &self,
        ) -> impl Iterator<Item = Result<(Address, blockmill_chain::Account), super::Injected>> {
            self.0.accounts().chain(self.0.accounts().take(1))
        }

        fn slots(&self) -> impl Iterator<Item = Result<(Address, U256, U256), super::Injected>> {
            self.0.slots()
        }
    }

    let (folder, cancel) = (tempfile::tempdir().unwrap(), Cancel::default());
    let options = RebuildOptions { folder: folder.path(), memory_bytes: MIN_MEMORY_BYTES, cancel: &cancel };
    let error = rebuild(&Twice(state()), &mut Target::default(), &options).unwrap_err();
    assert!(matches!(error, RebuildError::Repeated { kind: "accounts", .. }), "{error}");
}
