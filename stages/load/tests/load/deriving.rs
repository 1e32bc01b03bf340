//! Derived tables: the same whatever pieces blocks are taken up in, and right where it can be said.

use alloy::primitives::U256;
use blockmill_chain::BlockRange;
use blockmill_load::{Database, Derived, DerivedOutcome, Holder, LoadError, TextRows, Token, TokenCandidate};
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::DERIVED;

use crate::chain::{CONTRACT, SENDER, unit, unit_of};
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

/// Invented answers of tokens: each is named after the last byte of its address.
pub(crate) fn derive_tokens(database: &mut Database) -> Derived {
    let row = |candidate: &TokenCandidate| Token {
        address: candidate.address,
        standard: candidate.standard.clone(),
        name: Some(candidate.address.0[19].to_string()),
        symbol: None,
        decimals: Some(18),
        total_supply: Some(U256::MAX),
        balances_agree: Some(false),
    };
    database.derive_tokens(|page| Ok::<_, Box<LoadError>>(page.iter().map(row).collect())).unwrap()
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
    none(
        "SELECT * FROM erc20_balances
         WHERE token_balance_at(token_address, address, 4) <> amount(balance, balance_text)
             OR token_balance_at(hex0x(token_address), hex0x(address), 4) <> amount(balance, balance_text)",
    );
    is(
        "SELECT sum(blocks) || ' ' || sum(transactions) || ' ' || sum(failed_transactions) FROM daily_stats",
        "5 12 4",
    );
    is("SELECT sum(blob_fees) FROM daily_stats", &(4 * 131_072).to_string());
    none(
        "SELECT * FROM daily_stats WHERE tips IS NULL OR fees <> base_fees + tips OR active_addresses < senders",
    );
    let addresses = "SELECT count(*) FROM (SELECT from_address FROM transactions UNION SELECT to_address FROM transactions
        UNION SELECT contract_address FROM transactions) AS touched(address) WHERE address IS NOT NULL";
    let addresses = value(&database, addresses).unwrap();
    is("SELECT max(active_addresses) FROM daily_stats", &addresses);
    none("SELECT * FROM hex.account_balances WHERE address NOT LIKE '0x%'");
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

#[test]
fn tokens_are_the_contracts_that_logged_like_one_with_what_their_holders_should_have() {
    let bench = Workbench::new();
    let mut database = bench.open();
    load(&bench, &mut database, 0, 3);
    derive(&mut database);
    let mut asked = Vec::new();
    let derived = database.derive_tokens(|page| {
        asked.extend_from_slice(page);
        Ok::<_, Box<LoadError>>(Vec::new())
    });
    assert!(matches!(derived.unwrap().outcome, DerivedOutcome::Updated { rows: 0, .. }));
    let holders = vec![Holder { address: SENDER, balance: -14 }, Holder { address: CONTRACT, balance: 14 }];
    asked[0].holders.sort_by_key(|holder| holder.balance);
    // It logs transfers of all three standards: ERC-20 goes before.
    assert_eq!(asked, [TokenCandidate { address: CONTRACT, standard: "erc20".into(), holders }]);

    assert_eq!(derive_tokens(&mut database).outcome, DerivedOutcome::Current);
    load(&bench, &mut database, 3, 5);
    let range = BlockRange::new(3, 5);
    assert_eq!(derive_tokens(&mut database).outcome, DerivedOutcome::Updated { range, rows: 1 });
    let row = "SELECT name || ' ' || decimals || ' ' || coalesce(total_supply::VARCHAR, 'large') || ' '
            || u256_dec(total_supply_u256) FROM tokens";
    let expected = format!("{} 18 large {}", CONTRACT.0[19], U256::MAX);
    assert_eq!(value(&database, row), Some(expected));
    assert_eq!(value(&database, "SELECT total_supply FROM etl.tokens"), Some(U256::MAX.to_string()));
}

#[test]
fn tokens_stay_as_they_are_where_asking_fails() {
    let bench = Workbench::new();
    let mut database = bench.open();
    load(&bench, &mut database, 0, 3);
    derive_tokens(&mut database);
    let before = database.query_text("SELECT * FROM tokens").unwrap();
    load(&bench, &mut database, 3, 5);
    let path = std::path::PathBuf::from("the state");
    let failed = database.derive_tokens(|_| Err(Box::new(LoadError::Missing { path: path.clone() })));
    assert!(matches!(*failed.unwrap_err(), LoadError::Missing { .. }));
    assert_eq!(database.query_text("SELECT * FROM tokens").unwrap(), before);
    assert_eq!(database.derived_end("tokens").unwrap(), Some(3));
}
