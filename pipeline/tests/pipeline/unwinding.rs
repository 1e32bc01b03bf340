//! Blocks taken back: the store is then as it was after an earlier block, branch for branch.

use std::fs;

use blockmill_chain::BlockRange;
use blockmill_devchain::{Branch, Profile, Request};
use blockmill_load::{Database, LoadOptions};
use blockmill_pipeline::{ByteSize, CommandBudget, RunError, Settings, Unwound, unwind, unwind_state};

use crate::devchain::make;
use crate::harness::{Workplace, run};
use crate::stored_state::{State, state};

const MEMORY: ByteSize = ByteSize(384 << 20);

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
            unwind_state(&store, to, MEMORY.0 as usize).unwrap();
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
    let error = unwind_state(&store, 10, MEMORY.0 as usize).unwrap_err().to_string();
    assert!(
        error.contains("cannot go back to block 10") && error.contains("leads back to block 19"),
        "{error}"
    );
    assert!(state(&store) == before, "a refused unwind has changed something");
    unwind_state(&store, 19, MEMORY.0 as usize).unwrap();
    assert_eq!(store.execute_checkpoint().unwrap(), Some(19));
}

fn open(place: &Workplace) -> Database {
    let options = LoadOptions { memory_bytes: 256 << 20, threads: 1, temp_dir: place.path("temp") };
    Database::open(&place.out(), &options).unwrap()
}

fn unwound(place: &Workplace, to: u64) -> Unwound {
    let mut database = open(place);
    let unwound = unwind(&place.data_dir(), &mut database, to, &CommandBudget::unwind(MEMORY)).unwrap();
    database.finish().unwrap();
    unwound
}

/// A chain in small units, so that there is somewhere to go back to.
fn in_small_units(place: &Workplace, request: &Request) -> Settings {
    let (_, settings) = make(place, request);
    let units = blockmill_pipeline::UnitLimits { blocks: 7, ..settings.units };
    Settings { units, ..settings }
}

#[test]
fn a_run_that_was_unwound_and_done_again_has_the_tables_and_the_store_of_a_fresh_one() {
    let place = Workplace::new();
    let settings = in_small_units(&place, &Request::new(Profile::MainnetMix, 40, 3));
    for keep_witnesses in [false, true] {
        let settings = Settings { keep_witnesses, ..settings.clone() };
        run(&settings).unwrap();
        let (tables, store) = (place.tables().contents(), state(&place.store()));
        for to in [39, 20, 13, 5, 0] {
            open(&place).derive(|_| {}).unwrap();
            let stands = unwound(&place, to);
            let end = (to + 1) / 7 * 7;
            assert_eq!(stands.tables, end.checked_sub(1), "whole units stay");
            assert_eq!(stands.blocks, to);
            assert!(stands.state <= to);
            assert_eq!(unwound(&place, to), stands, "again");
            assert!(place.tables().broken_checks().is_empty());
            run(&settings).unwrap();
            assert!(place.tables().contents() == tables, "unwound to {to}: other tables");
            assert!(state(&place.store()) == store, "unwound to {to}: another state");
        }
    }
}

#[test]
fn a_source_that_takes_another_branch_is_followed() {
    let request = Request::new(Profile::MainnetMix, 30, 5);
    let branch = |block, seed| Request { branch: Some(Branch { block, seed }), ..request.clone() };
    let place = Workplace::new();
    let settings = in_small_units(&place, &request);
    run(&settings).unwrap();
    let first = place.tables().contents();
    for (at, request) in [(12, branch(12, 9)), (30, branch(30, 9)), (1, branch(1, 9))] {
        let fresh = Workplace::new();
        let expected = in_small_units(&fresh, &request);
        run(&expected).unwrap();
        let other = Settings { sources: expected.sources.clone(), ..settings.clone() };
        run(&other).unwrap();
        assert!(place.tables().contents() == fresh.tables().contents(), "the branch at block {at}");
        assert!(state(&place.store()) == state(&fresh.store()), "the branch at block {at}");
        run(&settings).unwrap();
        assert!(place.tables().contents() == first, "and back");
    }
}

#[test]
fn a_source_of_another_chain_takes_nothing_back() {
    let places = [Workplace::new(), Workplace::new()];
    let [one, other] = [(0, 1), (1, 2)].map(|(place, seed)| {
        in_small_units(
            &places[place],
            &Request { accounts: 20, ..Request::new(Profile::MainnetMix, 20, seed) },
        )
    });
    run(&one).unwrap();
    let before = places[0].tables().contents();
    let error = run(&Settings { sources: other.sources.clone(), ..one.clone() }).unwrap_err();
    assert!(matches!(error, RunError::Source(_)) && error.to_string().contains("another genesis"), "{error}");
    // From block 2 on the blocks do not show which genesis it is.
    let export = fs::read(&other.sources[0]).unwrap();
    let first = alloy::rlp::Header::decode(&mut &export[..]).unwrap().length_with_payload();
    let later = places[1].path("later.rlp");
    fs::write(&later, &export[first..]).unwrap();
    let error = run(&Settings { sources: vec![later], ..one.clone() }).unwrap_err();
    assert!(matches!(error, RunError::UnrelatedSource { block: 2, .. }), "{error}");
    assert!(places[0].tables().contents() == before);
    assert_eq!(run(&one).unwrap().last_block, Some(20));
}

#[test]
fn lost_tables_are_made_again_out_of_the_store() {
    let place = Workplace::new();
    let settings = in_small_units(&place, &Request::new(Profile::MainnetMix, 30, 4));
    run(&settings).unwrap();
    let (tables, store) = (place.tables().contents(), state(&place.store()));
    fs::remove_file(place.out()).unwrap();
    let error = run(&settings).unwrap_err();
    assert!(matches!(error, RunError::TablesGone { first: 0, .. }), "{error}");
    let tables_only = Settings { tables_only: true, sources: Vec::new(), ..settings.clone() };
    run(&tables_only).unwrap();
    assert!(place.tables().contents() == tables);
    assert!(state(&place.store()) == store);
    // Tables of early blocks are not worth the state of all others.
    let early = Settings { range: "3:10".parse().unwrap(), out: place.path("early.duckdb"), ..tables_only };
    let error = run(&early).unwrap_err();
    assert!(matches!(error, RunError::StateWouldStay { next: 3, end: 10, executed: 30 }), "{error}");
    assert!(!early.out.exists());
    assert!(state(&place.store()) == store);
}

#[test]
fn damaged_tables_are_set_aside_and_made_again() {
    let place = Workplace::new();
    let settings = in_small_units(&place, &Request::new(Profile::MainnetMix, 30, 4));
    run(&settings).unwrap();
    let tables = place.tables().contents();
    let tables_only = Settings { tables_only: true, sources: Vec::new(), ..settings.clone() };
    run(&tables_only).unwrap();
    let asides = || (1..).take_while(|number| place.path(&format!("out.duckdb.damaged-{number}")).exists());
    assert_eq!(asides().count(), 0, "a whole file stays");
    let bytes = fs::read(place.out()).unwrap().len();
    for eighth in 0..8 {
        let mut damaged = fs::read(place.out()).unwrap();
        damaged[eighth * bytes / 8 + 20] ^= 1;
        fs::write(place.out(), damaged).unwrap();
        run(&tables_only).unwrap();
        assert!(place.tables().contents() == tables, "a bit in eighth {eighth}");
    }
    // Of the others nothing is read.
    assert!(asides().count() > 2);
}

#[test]
fn a_store_that_is_behind_its_tables_catches_up_with_them() {
    let place = Workplace::new();
    let settings = in_small_units(&place, &Request::new(Profile::MainnetMix, 30, 4));
    run(&settings).unwrap();
    let (tables, store) = (place.tables().contents(), state(&place.store()));
    let lose = |place: &Workplace| fs::remove_dir_all(place.data_dir().join("store")).unwrap();
    for to in [Some(29), Some(17), Some(6), Some(0), None] {
        match to {
            Some(to) => unwind_state(&place.store(), to, MEMORY.0 as usize).unwrap(),
            None => lose(&place),
        }
        run(&settings).unwrap();
        assert!(place.tables().contents() == tables, "the state was as of block {to:?}");
        assert!(state(&place.store()) == store, "the state was as of block {to:?}");
        assert_eq!(place.store().witness_bytes(), 0, "these witnesses are not wanted");
    }
    // With a source of another branch, what the tables have of the old one goes.
    let branch = Some(Branch { block: 16, seed: 9 });
    let fresh = Workplace::new();
    let other = in_small_units(&fresh, &Request { branch, ..Request::new(Profile::MainnetMix, 30, 4) });
    run(&other).unwrap();
    lose(&place);
    run(&Settings { sources: other.sources, ..settings }).unwrap();
    assert!(place.tables().contents() == fresh.tables().contents());
}
