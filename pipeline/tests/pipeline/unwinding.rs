//! Blocks taken back: the store is then as it was behind an earlier block, branch for branch.

use blockmill_chain::BlockRange;
use blockmill_pipeline::{Settings, unwind_state};

use crate::harness::{Workplace, run};
use crate::stored_state::{State, state};

/// A fresh run up to a block.
fn fresh(name: &str, end: u64) -> State {
    let place = Workplace::new();
    let settings = place.chain(name).unwrap();
    let settings = Settings { range: format!(":{end}").parse().unwrap(), ..settings };
    run(&settings).unwrap();
    state(&place.store())
}

#[test]
fn an_unwound_store_is_as_a_fresh_run_leaves_it_and_goes_on_from_there() {
    for (name, ends) in [("execution-apis", [54, 41, 17, 0]), ("geth-ethtest", [600, 431, 96, 0])] {
        let place = Workplace::new();
        let Some(settings) = place.chain(name) else { return };
        run(&settings).unwrap();
        let whole = state(&place.store());
        let tables = place.tables().contents();
        for to in ends {
            let store = place.store();
            unwind_state(&store, to).unwrap();
            assert!(state(&store) == fresh(name, to + 1), "{name}: taken back to block {to}");
        }
        run(&settings).unwrap();
        assert!(state(&place.store()) == whole, "{name}: executed again");
        assert!(place.tables().contents() == tables, "{name}: the tables have changed");
    }
}

#[test]
fn a_block_that_nothing_leads_back_to_is_refused() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    run(&settings).unwrap();
    let store = place.store();
    let mut batch = store.batch();
    batch.delete_change_sets(BlockRange::new(0, 20)).unwrap();
    batch.commit().unwrap();
    let before = state(&store);
    let error = unwind_state(&store, 10).unwrap_err().to_string();
    assert!(
        error.contains("cannot go back to block 10") && error.contains("leads back to block 19"),
        "{error}"
    );
    assert!(state(&store) == before, "a refused unwind has changed something");
    unwind_state(&store, 19).unwrap();
    assert_eq!(store.execute_checkpoint().unwrap(), Some(19));
}
