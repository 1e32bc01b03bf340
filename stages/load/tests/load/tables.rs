//! What people find in the file: comments on everything, and views that read as text.

use blockmill_chain::BlockRange;
use blockmill_load::Database;
use blockmill_schemas::Dataset;

use crate::chain::{hash, unit};
use crate::{Workbench, value};

fn loaded(bench: &Workbench) -> Database {
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), BlockRange::new(0, 4))]).unwrap();
    database
}

#[test]
fn every_table_column_and_view_has_a_comment() {
    let bench = Workbench::new();
    let database = bench.open();
    let silent = [
        "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL",
        "SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns()
            WHERE NOT internal AND comment IS NULL",
        "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL",
        "SELECT function_name FROM duckdb_functions()
            WHERE NOT internal AND function_type IN ('macro', 'table_macro') AND comment IS NULL",
        // Amounts say by which macro they are summed, and enumerations which values they have.
        "SELECT amounts.table_name || '.' || amounts.column_name
            FROM duckdb_columns() AS amounts
            JOIN duckdb_columns() AS twins ON amounts.schema_name = 'main' AND twins.schema_name = 'main'
                AND amounts.table_name = twins.table_name AND amounts.column_name || '_u256' = twins.column_name
            WHERE NOT contains(amounts.comment, 'sum_amount(' || amounts.column_name || ', ' || twins.column_name || ')')",
        "SELECT table_name || '.' || column_name || ': ' || label
            FROM (SELECT type_name, unnest(labels) AS label FROM duckdb_types() WHERE logical_type = 'ENUM' AND NOT internal)
            JOIN duckdb_columns() ON schema_name = 'main' AND column_name = type_name
            WHERE NOT regexp_matches(comment, '\\b' || label || '\\b')",
    ];
    for select in silent {
        let found = database.query_text(select).unwrap();
        assert_eq!(found.rows, Vec::<Vec<_>>::new(), "{select}");
    }
    let views =
        value(&database, "SELECT count(*) FROM duckdb_views() WHERE NOT internal AND schema_name = 'hex'");
    assert_eq!(views, Some(Dataset::ALL.len().to_string()));
}

#[test]
fn rows_come_out_as_they_went_in() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let is = |select: &str, expected: &str| {
        assert_eq!(value(&database, select).as_deref(), Some(expected), "{select}")
    };
    is("SELECT timestamp FROM blocks WHERE block_number = 1", "2023-11-14 22:13:32");
    is("SELECT extra_data::VARCHAR FROM blocks WHERE block_number = 1", "it\\x27s \\x22quoted\\x22");
    is("SELECT count(*) FROM transactions WHERE value IS NULL AND u256_dec(value_u256) LIKE '1157%'", "3");
    is("SELECT sum(value) FROM transactions", "30");
    is(
        "SELECT trace_type || ' ' || call_type FROM traces WHERE block_number = 1 AND trace_index = 4",
        "create create",
    );
    is("SELECT trace_address::VARCHAR FROM traces WHERE block_number = 1 AND trace_index = 2", "[0, 0]");
    is(
        "SELECT any_value(len(access_list[1].storage_keys)) FROM transactions WHERE transaction_type = 2",
        "2",
    );
    is("SELECT op FROM opcodes WHERE block_number = 1 AND step = 1", "DELEGATECALL");
    is("SELECT column_type FROM (DESCRIBE opcodes) WHERE column_name = 'op'", "VARCHAR");
    is("SELECT count(*) FROM opcodes WHERE gas_cost IS NULL AND stack IS NULL AND error = 'out of gas'", "3");
    is("SELECT string_agg(DISTINCT reward_type ORDER BY reward_type) FROM traces", "block,uncle");
}

#[test]
fn hex_views_hold_no_blob_and_as_many_rows_as_their_tables() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let blobs = "SELECT table_name || '.' || column_name FROM duckdb_columns()
        WHERE schema_name = 'hex' AND regexp_matches(data_type, '\\bBLOB\\b')";
    assert_eq!(database.query_text(blobs).unwrap().rows, Vec::<Vec<_>>::new());
    for dataset in Dataset::ALL {
        let all = |schema: &str| database.query_text(&format!("SELECT * FROM {schema}.{dataset}")).unwrap();
        let (table, view) = (all("main"), all("hex"));
        assert_eq!(view.rows.len(), table.rows.len(), "{dataset}");
        assert_eq!(view.columns[..table.columns.len()], table.columns, "{dataset}");
    }
}

#[test]
fn hex_views_show_0x_text_and_what_rows_refer_to() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let is = |select: &str, expected: &str| {
        assert_eq!(value(&database, select).as_deref(), Some(expected), "{select}")
    };
    let transaction = hash(0x7c, 1, 1).to_string();
    is("SELECT block_hash FROM hex.blocks WHERE block_number = 1", &hash(0xb0, 1, 0).to_string());
    is(
        "SELECT address FROM hex.logs WHERE block_number = 1 AND log_index = 2",
        &format!("0x{}", "cc".repeat(20)),
    );
    is("SELECT transaction_hash FROM hex.logs WHERE block_number = 1 AND log_index = 2", &transaction);
    is("SELECT transaction_hash FROM hex.traces WHERE block_number = 1 AND trace_index = 4", &transaction);
    is(
        "SELECT stack[1] FROM hex.opcodes WHERE block_number = 1 AND step = 2",
        &format!("0x{}07", "00".repeat(31)),
    );
    is(
        "SELECT transaction_hash FROM hex.opcodes WHERE block_number = 1 AND transaction_index = 2",
        &hash(0x7c, 1, 2).to_string(),
    );
    is(
        "SELECT block_timestamp FROM hex.traces WHERE block_number = 1 AND trace_type = 'reward'",
        "2023-11-14 22:13:32",
    );
    is("SELECT data FROM hex.logs WHERE block_number = 1 AND log_index = 2", "0xdead");
    is("SELECT DISTINCT amount_wei FROM hex.withdrawals", "32000000000000000000");
    // Amounts of the views are those of the tables.
    let all = |schema: &str| {
        value(&database, &format!("SELECT sum_amount(value, value_u256)::VARCHAR FROM {schema}.transactions"))
            .unwrap()
    };
    assert_eq!(all("hex"), all("main"));
    assert!(all("main").len() > 70, "{}", all("main"));
    is(
        "SELECT access_list[1].storage_keys[2] FROM hex.transactions WHERE block_number = 1 AND transaction_index = 1",
        &hash(0x51, 1, 1).to_string(),
    );
    is(
        "SELECT authorization_list[1].address FROM hex.transactions WHERE block_number = 1 AND transaction_index = 2",
        &format!("0x{}", "cc".repeat(20)),
    );
    is(
        "SELECT blob_versioned_hashes[1] FROM hex.transactions WHERE block_number = 1 AND transaction_index = 2",
        &hash(0x01, 1, 0).to_string(),
    );
}

#[test]
fn a_table_that_is_not_filled_says_so() {
    let bench = Workbench::new();
    let comment = |database: &Database, table: &str| {
        value(database, &format!("SELECT comment FROM duckdb_tables() WHERE table_name = '{table}'")).unwrap()
    };
    let mut database = bench.open();
    assert_eq!(comment(&database, "opcodes"), Dataset::Opcodes.comment());
    database.set_meta("datasets", "blocks,logs").unwrap();
    let unfilled = format!(
        "Not filled in this database: a new one, made with --datasets +opcodes, has it. {}",
        Dataset::Opcodes.comment()
    );
    assert_eq!(comment(&database, "opcodes"), unfilled);
    assert_eq!(comment(&database, "logs"), Dataset::Logs.comment());
    let of_view = |database: &Database, view: &str| {
        let (schema, name) = view.split_once('.').unwrap();
        let select = format!(
            "SELECT comment FROM duckdb_views() WHERE schema_name = '{schema}' AND view_name = '{name}'"
        );
        value(database, &select).unwrap()
    };
    for (view, missing) in [("hex.opcodes", "transactions, opcodes"), ("etl.transactions", "transactions")] {
        let words = format!("Without {missing}, not filled in this database. ");
        assert!(of_view(&database, view).starts_with(&words), "{view}: {}", of_view(&database, view));
    }
    assert!(!of_view(&database, "hex.blocks").contains("not filled"));
    let rows = |database: &Database, table: &str| {
        database.table_stats().unwrap().into_iter().find(|found| found.name == table).unwrap().rows
    };
    assert_eq!((rows(&database, "logs"), rows(&database, "opcodes")), (Some(0), None));
    // Opening it again brings comments up to date, and this one with them.
    database.finish().unwrap();
    let mut database = bench.open();
    assert_eq!(comment(&database, "opcodes"), unfilled);
    database.set_meta("datasets", "blocks,logs,opcodes").unwrap();
    database.finish().unwrap();
    assert_eq!(comment(&bench.open(), "opcodes"), Dataset::Opcodes.comment());
}
