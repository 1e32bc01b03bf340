//! A chain of extreme values: every check, query, example, view, macro and derived table on it, with the right answers.
//!
//! `fixtures/extremes` is what `python -m second_opinion.extremes` wrote (in `scripts/python`): the executable specification ran its
//! blocks, and its file says what they do.

use std::path::Path;
use std::process::Command;

use blockmill_pipeline::{ChainChoice, Settings};
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::{CHECKS, EXAMPLES, QUERIES};
use blockmill_testkit::vectors;

use crate::examples::assert_queries_run;
use crate::harness::{Tables, Workplace, run};

/// 2^255, the wallet's ether in genesis, and parts of it.
const HALF: &str = "57896044618658097711785492504343953926634992332820282019728792003956564819968";
const QUARTER: &str = "28948022309329048855892746252171976963317496166410141009864396001978282409984";
const EIGHTH: &str = "14474011154664524427946373126085988481658748083205070504932198000989141204992";
const WALLET: &str = "0x0000000000000000000000000000000000001000";
const TOKEN: &str = "0x0000000000000000000000000000000000002000";

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("fixtures/extremes").join(name)
}

/// The chain, rebuilt with all tables, and the derived ones.
fn rebuilt() -> (Workplace, Tables) {
    let place = Workplace::new();
    let genesis = fixture("genesis.json");
    let settings = place.settings(ChainChoice::GenesisFile(genesis.clone()), vec![fixture("chain.rlp")]);
    run(&Settings { datasets: Dataset::ALL.to_vec(), ..settings }).unwrap();
    let output = command(&place, "derive").arg("--chain").arg(genesis).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tables = place.tables();
    (place, tables)
}

fn command(place: &Workplace, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
    command.arg(name).arg("--data-dir").arg(place.data_dir()).arg("--out").arg(place.out());
    command
}

/// The rows of a worked query or an example, a space between values.
fn answer(tables: &Tables, name: &str) -> Vec<String> {
    let query = QUERIES.iter().chain(EXAMPLES).find(|query| query.name == name).unwrap();
    rows(tables, query.sql)
}

fn rows(tables: &Tables, select: &str) -> Vec<String> {
    let words = |row: Vec<Option<String>>| row.into_iter().map(|value| value.unwrap_or("-".into()));
    let rows = tables.query(select).rows.into_iter();
    rows.map(|row| words(row).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn everything_of_the_database_works_on_extreme_values() {
    let (place, tables) = rebuilt();
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    assert!(CHECKS.iter().all(|check| tables.database().query_text(check.sql).is_ok()));
    assert_queries_run(&tables);
    let views = "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal";
    let views = rows(&tables, views);
    assert!(views.len() > 40, "{views:?}");
    for view in views {
        tables.query(&format!("SELECT * FROM {view}"));
    }
    for (name, words) in [("report", "1.4474011154664525e+58"), ("verify", "0 are broken")] {
        let output = command(&place, name).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn queries_have_the_right_answers_on_extreme_values() {
    let (_place, tables) = rebuilt();
    let is = |name: &str, expected: &[String]| assert_eq!(answer(&tables, name), expected, "{name}");
    // Of five approvals one was taken back, and one was given after all.
    is("unlimited_approvals", &["0x000000000000000000000000000000000000000f 2 1 2 2".into()]);
    let held = |holder: &str, balance: &str| format!("{TOKEN} 2 0x{:0>40} {balance}", holder);
    is(
        "token_holders_at_a_block",
        &[
            held("b", HALF),
            held("a", "57896044618658097711785492504343953926634992332820282019728792003956564819967"),
            held("e", "340282366920938463463374607431768211455"),
            held("d", "170141183460469231731687303715884105728"),
            held("c", "100000000000000000000000000000000000000"),
        ],
    );
    let movements = answer(&tables, "largest_movements");
    assert!(
        movements[0]
            .starts_with(&format!("2 5 call {WALLET} 0x106e4c6bd5dce239074e35ada64bf1112e9f04f6 {QUARTER} "))
    );
    assert!(movements[1].contains(&format!(" {EIGHTH} 1.4474011154664525e+58")), "{movements:?}");
    assert!(movements[2].ends_with(" 340282366920938463463374607431768211456 3.402823669209385e+20"));
    let wealth = answer(&tables, "wealth_over_time");
    assert_eq!(wealth[0], format!("{WALLET} 0 {HALF} 5.78960446186581e+58"));
    assert_eq!(wealth.last().unwrap(), &format!("{WALLET} 5 {QUARTER} 2.894802230932905e+58"));
    is("income_of_block_producers", &["0x0000000000000000000000000000000000c0ffee 5 2.1e+20 0.0".into()]);
    assert!(answer(&tables, "top_senders")[1].ends_with(" 2 0 2 0 2.1e+20"));
    is(
        "ether_in_calls",
        &["0 2 0 0 2 1.4474011154664525e+58 33.3".into(), "1 2 0 0 2 2.894802230932905e+58 66.7".into()],
    );
    assert!(answer(&tables, "fees_along_the_chain")[3].ends_with(" 2.1e+20"));
}

#[test]
fn derived_tables_and_views_are_right_on_extreme_values() {
    let (_place, tables) = rebuilt();
    let balances = "SELECT right(hex(address), 1), coalesce(balance::VARCHAR, balance_text) FROM erc20_balances ORDER BY 1";
    assert_eq!(
        rows(&tables, balances),
        [
            // Got 2^256-1 twice and gave 2^255; got 2^255 and 2^128-1; 10^38; 2^127 less 2^256-1.
            "A 173688133855974293135356477513031861779904976998460846059186376011869694459902",
            "B 57896044618658097711785492504343953926975274699741220483192166611388333031423",
            "C 100000000000000000000000000000000000000",
            "D -115792089237316195423570985008687907853099843482180094807725896704197245534207",
        ]
    );
    let wealth =
        format!("SELECT u256_dec(balance_u256) FROM account_balances WHERE address = bin('{WALLET}')");
    assert_eq!(tables.value(&wealth).as_deref(), Some(QUARTER));
    let at =
        |height: u64| tables.value(&format!("SELECT u256_dec(balance_u256_at(bin('{WALLET}'), {height}))"));
    assert_eq!((at(1).as_deref(), at(2).as_deref()), (Some(HALF), Some(QUARTER)));
    assert_eq!(
        tables.value("SELECT balance_u256_at(bin('0x00000000000000000000000000000000000000ff'), 5)"),
        None
    );
    let days = rows(&tables, "SELECT day, blocks, gas_limit, fees IS NULL FROM daily_stats ORDER BY day");
    assert_eq!(
        days,
        ["2023-11-14 3 36000000 false", "2182-04-25 1 12000000 true", "287380-12-16 1 12000000 false"]
    );
    for view in [
        "SELECT timestamp FROM cryo.blocks ORDER BY block_number",
        "SELECT timestamp FROM etl.blocks ORDER BY number",
    ] {
        assert_eq!(
            rows(&tables, view),
            ["1700000000", "1700000012", "1700000024", "6700000024", "9006700000024", "-"]
        );
    }
    let times = "SELECT DISTINCT timestamp FROM cryo.transactions ORDER BY 1 NULLS LAST";
    assert_eq!(rows(&tables, times), ["1700000012", "1700000024", "6700000024", "9006700000024", "-"]);
    let most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    for exact in [
        "SELECT max(value_string) FROM cryo.erc20_transfers WHERE length(value_string) = 78",
        "SELECT token_id_string FROM cryo.erc721_transfers",
        "SELECT token_id FROM hex.erc721_transfers",
        "SELECT DISTINCT u256_dec(slot) FROM storage_diffs",
    ] {
        assert_eq!(tables.value(exact).as_deref(), Some(most), "{exact}");
    }
    let value = "SELECT value FROM etl.transactions WHERE block_number = 3 AND transaction_index = 0";
    assert_eq!(tables.value(value).as_deref(), Some(EIGHTH));
}

#[test]
fn an_approval_that_was_taken_back_is_none() {
    let Some(folder) = vectors::require("faults/approve") else { return };
    let place = Workplace::new();
    let genesis = ChainChoice::GenesisFile(folder.join("genesis.json"));
    run(&place.settings(genesis, vec![folder.join("chain.rlp")])).unwrap();
    let tables = place.tables();
    assert_eq!(tables.count("erc20_approvals"), 2);
    assert_eq!(answer(&tables, "unlimited_approvals"), Vec::<String>::new());
}
