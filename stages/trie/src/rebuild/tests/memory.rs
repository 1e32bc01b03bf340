//! The budget bounds what is held, whatever the state's size.

use super::{MIN_MEMORY_BYTES, RebuildError, State, check};

#[test]
fn a_state_many_times_the_budget_is_rebuilt_within_it() {
    // About 5 MB of slots and 2 MB of accounts: tens of runs, which are merged in passes.
    let counts = (0..20_000).map(|number| if number % 5000 == 7 { 10_000 } else { number % 3 });
    let state = State::with_slots(counts);
    for bytes in [MIN_MEMORY_BYTES, 2 * MIN_MEMORY_BYTES, 16 * MIN_MEMORY_BYTES] {
        let rebuilt = check(&state, bytes);
        // The counted buffers do fill the budget: what is not counted has an eighth.
        assert!(rebuilt.peak_bytes > bytes / 2, "{} of {bytes} bytes", rebuilt.peak_bytes);
    }
}

#[test]
fn too_little_memory_is_refused() {
    let (parent, mut target) = (tempfile::tempdir().unwrap(), super::Target::default());
    let error = super::run(&State::default(), &mut target, parent.path(), MIN_MEMORY_BYTES - 1);
    assert!(matches!(error, Err(RebuildError::Memory { .. })), "{error:?}");
}
