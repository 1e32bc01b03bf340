//! Tables made again from retained witnesses.

use blockmill_chain::{Cancel, RangeRequest, StageId};
use blockmill_pipeline::{ExitCode, Settings, UnitLimits, retrace};
use blockmill_schemas::Dataset;

use crate::harness::{Silent, StopAfter, Workplace, run};

/// A chain in several units, with all witnesses retained and only blocks in the tables.
fn retained(place: &Workplace) -> Option<Settings> {
    let units = UnitLimits { blocks: 7, gas: 12_000_000 };
    let settings = place.chain("execution-apis")?;
    Some(Settings { units, keep_witnesses: true, datasets: vec![Dataset::Blocks], ..settings })
}

/// Settings that make logs and traces out of what `place` retains.
fn again(place: &Workplace, made: &Settings, range: &str) -> Settings {
    Settings {
        datasets: vec![Dataset::Logs, Dataset::Traces],
        out: place.path("again.duckdb"),
        range: range.parse::<RangeRequest>().unwrap(),
        sources: Vec::new(),
        ..made.clone()
    }
}

fn rows(place: &Workplace, file: &str, table: &str, range: &str) -> blockmill_load::TextRows {
    let tables = crate::harness::Tables::open(&place.path(file));
    tables.query(&format!("SELECT * FROM {table} WHERE block_number {range} ORDER BY ALL"))
}

#[test]
fn retained_witnesses_give_the_tables_that_executing_gave() {
    let (place, whole) = (Workplace::new(), Workplace::new());
    let Some(settings) = retained(&place) else { return };
    run(&settings).unwrap();
    run(&whole.chain("execution-apis").unwrap()).unwrap();
    let bytes = place.store().witness_bytes();
    let summary = retrace(&again(&place, &settings, "10:40"), &Cancel::default(), &Silent).unwrap();
    assert_eq!(
        summary.stages.iter().map(|stage| stage.id).collect::<Vec<_>>(),
        [StageId::Trace, StageId::Load]
    );
    assert_eq!((summary.stages[0].blocks, summary.last_block), (30, Some(39)));
    for table in ["logs", "traces"] {
        let made = rows(&place, "again.duckdb", table, ">= 0");
        assert!(!made.rows.is_empty());
        assert!(made == rows(&whole, "out.duckdb", table, "BETWEEN 10 AND 39"), "other rows in {table}");
    }
    assert!(crate::harness::Tables::open(&place.path("again.duckdb")).broken_checks().is_empty());
    assert_eq!(place.store().witness_bytes(), bytes, "they are retained for the next dataset");
}

#[test]
fn an_interrupted_call_goes_on() {
    let place = Workplace::new();
    let Some(settings) = retained(&place) else { return };
    run(&settings).unwrap();
    let (once, twice) = (again(&place, &settings, ":50"), place.path("twice.duckdb"));
    let cancel = Cancel::default();
    let monitor = StopAfter { stage: StageId::Trace, block: 20, cancel: &cancel };
    assert!(retrace(&once, &cancel, &monitor).unwrap().interrupted);
    retrace(&once, &Cancel::default(), &Silent).unwrap();
    retrace(&Settings { out: twice, ..once.clone() }, &Cancel::default(), &Silent).unwrap();
    let contents = |file| crate::harness::Tables::open(&place.path(file)).contents();
    assert!(contents("again.duckdb") == contents("twice.duckdb"));
}

#[test]
fn what_is_not_retained_is_refused_and_named() {
    let place = Workplace::new();
    let Some(settings) = retained(&place) else { return };
    run(&Settings { range: "20:30".parse().unwrap(), ..settings.clone() }).unwrap();
    let refused = |range| retrace(&again(&place, &settings, range), &Cancel::default(), &Silent).unwrap_err();
    let partly = refused("10:25");
    assert!(partly.to_string().starts_with("block 10 has no retained witness"), "{partly}");
    let none = refused("40:45");
    assert!(none.to_string().contains("retains no witnesses of blocks 40:45"), "{none}");
    assert_eq!(none.exit_code(), ExitCode::Usage);
    assert!(!place.path("again.duckdb").exists(), "nothing was begun");
}
