//! Derived tables: the same whatever pieces blocks are taken up in, and right where it can be said.

use blockmill_chain::BlockRange;
use blockmill_load::{Database, Derived, DerivedOutcome, TextRows};
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::DERIVED;

use crate::chain::{unit, unit_of};
use crate::{Workbench, value};

fn load(bench: &Workbench, database: &mut Database, start: u64, end: u64) {
    database.load(&[unit(bench.folder(), BlockRange::new(start, end))]).unwrap();
    database.set_meta("kind", "chain").unwrap();
}

fn derive(database: &mut Database) -> Vec<Derived> {
    let mut derived = Vec::new();
    database.derive(|table| derived.push(table.clone())).unwrap();
    derived
}

/// The derived tables, sorted.
fn contents(database: &Database) -> Vec<TextRows> {
    let select = |name: &str| format!("SELECT * FROM {name} ORDER BY ALL");
    DERIVED.iter().map(|table| database.query_text(&select(table.name())).unwrap()).collect()
}

#[test]
fn pieces_do_not_show() {
    let whole = Workbench::new();
    let mut database = whole.open();
    load(&whole, &mut database, 0, 5);
    assert!(derive(&mut database).iter().all(|table| matches!(
        table.outcome,
        DerivedOutcome::Updated { range: BlockRange { start: 0, end: 5 }, rows: 1.. }
    )));
    assert!(derive(&mut database).iter().all(|table| table.outcome == DerivedOutcome::Current));
    let expected = contents(&database);
    for cuts in [vec![0, 1, 5], vec![0, 3, 4, 5]] {
        let bench = Workbench::new();
        let mut pieces = bench.open();
        for cut in cuts.windows(2) {
            load(&bench, &mut pieces, cut[0], cut[1]);
            derive(&mut pieces);
        }
        assert_eq!(contents(&pieces), expected, "{cuts:?}");
    }
}

#[test]
fn balances_are_those_at_the_head_and_sums_those_of_the_tables() {
    let bench = Workbench::new();
    let mut database = bench.open();
    load(&bench, &mut database, 0, 5);
    derive(&mut database);
    let none = |select: &str| {
        let found = database.query_text(select).unwrap();
        assert_eq!(found.rows, Vec::<Vec<_>>::new(), "{select}");
    };
    none("SELECT * FROM account_balances WHERE balance IS DISTINCT FROM balance_at(address, 4)");
    none("SELECT DISTINCT address FROM balance_diffs EXCEPT SELECT address FROM account_balances");
    let is = |select: &str, expected: &str| {
        assert_eq!(value(&database, select).as_deref(), Some(expected), "{select}")
    };
    is("SELECT string_agg(balance::VARCHAR, ' ' ORDER BY balance) FROM erc20_balances", "-28 28");
    is(
        "SELECT sum(blocks) || ' ' || sum(transactions) || ' ' || sum(failed_transactions) FROM daily_stats",
        "5 12 4",
    );
    is("SELECT sum(blob_fees) FROM daily_stats", &(4 * 131_072).to_string());
    is("SELECT sum(calls) FROM contract_stats", "24");
    is("SELECT count(*) FROM traces WHERE trace_type = 'call'", "24");
    is("SELECT count(*) FROM duckdb_tables() WHERE NOT internal AND comment IS NULL", "0");
}

#[test]
fn what_cannot_be_right_is_not_made() {
    let bench = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), BlockRange::new(2, 4))]).unwrap();
    assert!(derive(&mut database).iter().all(|table| table.outcome == DerivedOutcome::NoChain));
    database.set_meta("kind", "chain").unwrap();
    let of = |derived: &[Derived], name: &str| {
        derived.iter().find(|table| table.name == name).unwrap().outcome.clone()
    };
    let derived = derive(&mut database);
    assert_eq!(of(&derived, "erc20_balances"), DerivedOutcome::NotFromGenesis);
    assert_eq!(of(&derived, "account_balances"), DerivedOutcome::NotFromGenesis);
    assert!(matches!(of(&derived, "daily_stats"), DerivedOutcome::Updated { rows: 1, .. }));

    let bench = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit_of(bench.folder(), BlockRange::new(0, 2), &[Dataset::Blocks], 0)]).unwrap();
    database.set_meta("kind", "chain").unwrap();
    let derived = derive(&mut database);
    assert_eq!(of(&derived, "daily_stats"), DerivedOutcome::Missing(vec![Dataset::Transactions]));
}
