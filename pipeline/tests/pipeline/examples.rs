//! The example queries of `report`: each answers on every chain, in a few rows, with the columns that are promised.

use blockmill_chain::KnownChain;
use blockmill_pipeline::{ChainChoice, Settings};
use blockmill_schemas::sql::{EXAMPLES, QUERIES, Query};
use blockmill_testkit::vectors;

use crate::harness::{Tables, Workplace, run};

/// Rows of the longest answer that is still an example.
const MOST_ROWS: usize = 10;

/// Example, and its columns.
const COLUMNS: [(&str, &str); 5] = [
    ("gas_by_contract", "contract, transactions, senders, mgas, percent_of_gas, percent_failed"),
    ("failed_calls", "error, reason, failed_calls, caught, failed_transactions, deepest, first_seen"),
    ("token_transfers", "token, standard, transfers, mints, senders, from_block, to_block"),
    (
        "ether_in_calls",
        "depth, transfers, to_new_contracts, self_destructs, recipients, ether, percent_of_ether",
    ),
    (
        "fees_along_the_chain",
        "from_block, to_block, transactions, percent_full, base_fee_gwei, ether_burned, ether_tipped",
    ),
];

/// The rows of each answer, in the order of the examples.
fn answers(tables: &Tables) -> Vec<Vec<Vec<Option<String>>>> {
    assert_eq!(
        EXAMPLES.iter().map(|example| example.name).collect::<Vec<_>>(),
        COLUMNS.map(|(name, _)| name)
    );
    let answer = |(example, (_, columns)): (&Query, (&str, &str))| {
        let found = tables.query(example.sql);
        assert_eq!(found.columns.join(", "), columns, "{}", example.name);
        assert!(found.rows.len() <= MOST_ROWS, "{}: {} rows", example.name, found.rows.len());
        found.rows
    };
    assert_queries_run(tables);
    EXAMPLES.iter().zip(COLUMNS).map(answer).collect()
}

/// The worked queries answer too, in a few rows, the same twice; those that found something.
pub(crate) fn assert_queries_run(tables: &Tables) -> Vec<&'static str> {
    let answers = |query: &Query| {
        let found = tables.query(query.sql).rows;
        assert!(found.len() <= MOST_ROWS, "{}: {} rows", query.name, found.len());
        assert_eq!(tables.query(query.sql).rows, found, "{} has ties", query.name);
        !found.is_empty()
    };
    QUERIES.iter().filter(|query| answers(query)).map(|query| query.name).collect()
}

fn rebuilt(settings: Option<Settings>, place: &Workplace) -> Option<Tables> {
    run(&settings?).unwrap();
    Some(place.tables())
}

#[test]
fn every_example_has_an_answer_on_the_chain_that_crosses_every_fork() {
    let place = Workplace::new();
    let Some(tables) = rebuilt(place.chain("execution-apis"), &place) else { return };
    for (rows, example) in answers(&tables).iter().zip(EXAMPLES) {
        // Its contracts log, but are no tokens.
        assert_eq!(rows.is_empty(), example.name == "token_transfers", "{}", example.name);
    }
}

#[test]
fn every_example_has_an_answer_on_real_blocks_with_gaps_between_them() {
    let place = Workplace::new();
    let Some(folder) = vectors::require("mainnet-blocks") else { return };
    let settings = place.settings(ChainChoice::Known(KnownChain::Mainnet), vec![folder]);
    let Some(tables) = rebuilt(Some(settings), &place) else { return };
    let answers = answers(&tables);
    assert!(answers.iter().all(|rows| !rows.is_empty()));
    // Tether, which every block of these years moves.
    let tether = Some("0xdac17f958d2ee523a2206206994597c13d831ec7".into());
    assert!(answers[2].iter().any(|row| row[0] == tether), "{:?}", answers[2]);
}

#[test]
fn the_examples_hold_before_london_and_without_transactions() {
    let place = Workplace::new();
    let Some(tables) = rebuilt(place.mainnet(&["era/mainnet-00000-5ec1ffb8.era1"]), &place) else { return };
    assert_eq!(tables.count("transactions"), 0);
    let answers = answers(&tables);
    let filled: Vec<_> = answers.iter().map(|rows| !rows.is_empty()).collect();
    assert_eq!(filled, [false, false, false, false, true], "there are only blocks");
    assert_eq!(answers[4][0][4..], [None, Some("0.0".into()), Some("0.0".into())]);
}
