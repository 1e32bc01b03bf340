//! `verify` on tables that something else than the program has changed: what cannot be read is broken, and
//! says where.

use std::path::Path;
use std::process::Command;

use blockmill_devchain::{Profile, Request};
use duckdb::Connection;

use crate::devchain::make;
use crate::harness::{Workplace, run};

/// A rebuilt chain of ten blocks, each with transactions and logs.
fn rebuilt() -> Workplace {
    let place = Workplace::new();
    let (_, settings) = make(&place, &Request { accounts: 60, ..Request::new(Profile::MainnetMix, 10, 1) });
    run(&settings).unwrap();
    place
}

fn tamper(path: &Path, script: &str) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(script).unwrap();
    connection.close().unwrap();
}

/// What `verify --deep` says after a change, with its exit code.
fn verified(place: &Workplace, script: &str) -> (Option<i32>, String) {
    tamper(&place.out(), script);
    let mut command = Command::new(env!("CARGO_BIN_EXE_blockmill"));
    command.args(["verify", "--deep", "--data-dir"]).arg(place.data_dir()).arg("--out").arg(place.out());
    let output = command.output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.code(), said)
}

/// The lines under a broken check.
fn samples<'a>(said: &'a str, check: &str) -> Vec<&'a str> {
    let name = format!("BROKEN   {check}: ");
    let lines = said.lines().skip_while(|line| !line.starts_with(&name)).skip(2);
    lines.take_while(|line| line.starts_with(' ')).map(str::trim).collect()
}

#[test]
fn a_row_that_cannot_be_read_is_broken_and_named() {
    let place = rebuilt();
    let (code, said) = verified(
        &place,
        "UPDATE transactions SET transaction_type = 9 WHERE block_number = 1 AND transaction_index = 0;
         UPDATE transactions SET status = 2 WHERE block_number = 2 AND transaction_index = 1;
         UPDATE transactions SET status = NULL WHERE block_number = 3 AND transaction_index = 0;
         UPDATE blocks SET receipts_root = receipts_root[1:31] WHERE block_number = 4;
         UPDATE logs SET topic0 = topic0[1:31] WHERE block_number = 5 AND log_index = 0;
         UPDATE blocks SET logs_bloom = logs_bloom[1:255] WHERE block_number = 6;
         UPDATE logs SET address = address[1:19] WHERE block_number = 7 AND log_index = 0;
         DELETE FROM blocks WHERE block_number = 8;
         UPDATE blocks SET block_hash = '' WHERE block_number = 9",
    );
    assert_eq!(code, Some(3), "{said}");
    let receipts = samples(&said, "receipts_make_the_root_of_the_header");
    let expected = [
        "block 1: transaction 0: transaction_type is 9, and there is no such type",
        "block 2: transaction 1: status is 2",
        "block 3: transaction 0: status and root are NULL",
        "block 4: receipts_root has 31 bytes instead of 32",
        "block 5: transaction 0, log 0: topic0 has 31 bytes instead of 32",
    ];
    assert_eq!(receipts, expected, "{said}");
    let blooms = samples(&said, "logs_make_the_bloom_of_the_header");
    let expected = [
        "block 5: transaction 0: topic0 has 31 bytes instead of 32 in a log",
        "block 6: logs_bloom has 255 bytes instead of 256",
        "block 7: transaction 0: address has 19 bytes instead of 20 in a log",
        "block 8: it has logs, but no row in blocks",
    ];
    assert_eq!(blooms, expected, "{said}");
    let stored = samples(&said, "blocks_match_the_store");
    assert!(stored[0].starts_with("block 8: ") && stored[1].starts_with("block 9: "), "{said}");
    assert!(samples(&said, "transactions_match_the_store").is_empty(), "{said}");
    let form = samples(&said, "values_have_their_form");
    assert!(
        form.contains(&"dataset=blocks, block_number=6, transaction_index=NULL, column_name=logs_bloom"),
        "{said}"
    );
    assert!(!samples(&said, "rows_are_those_that_were_extracted").is_empty(), "{said}");
}

#[test]
fn columns_of_another_type_and_numbers_out_of_range_are_broken() {
    let place = rebuilt();
    let (code, said) = verified(
        &place,
        "ALTER TABLE transactions ALTER cumulative_gas_used TYPE HUGEINT;
         UPDATE transactions SET cumulative_gas_used = -1 WHERE block_number = 2 AND transaction_index = 0;
         UPDATE balance_diffs SET to_value = NULL, to_value_u256 = repeat('a', 33)::BLOB
             WHERE block_number = 10 AND change_index = 0",
    );
    assert_eq!(code, Some(3), "{said}");
    let columns = samples(&said, "tables_have_their_columns");
    assert!(
        columns[0]
            .contains("found=cumulative_gas_used HUGEINT NOT NULL, expected=cumulative_gas_used UBIGINT"),
        "{said}"
    );
    let receipts = samples(&said, "receipts_make_the_root_of_the_header");
    assert_eq!(receipts, ["block 2: transaction 0: cumulative_gas_used is -1"], "{said}");
    assert!(
        samples(&said, "rows_are_those_that_were_extracted").iter().any(|s| s.ends_with("of transactions")),
        "{said}"
    );
    // The question stumbles over the value, and those that follow are asked all the same.
    assert!(
        samples(&said, "balance_diffs_end_at_the_state")[0].contains("u256_dec() takes at most 32 bytes"),
        "{said}"
    );
    assert!(said.contains("ok       stored_tries_match_the_state"), "{said}");
}

#[test]
fn units_that_cannot_be_read_are_broken() {
    let place = rebuilt();
    let (code, said) = verified(&place, "UPDATE _loaded SET digest = digest[1:31] WHERE dataset = 'logs'");
    assert_eq!(code, Some(3), "{said}");
    let expected = ["_loaded: a digest of logs has 31 bytes instead of 32"];
    assert_eq!(samples(&said, "loaded_units_can_be_read"), expected, "{said}");
}

/// Of single blocks before Byzantium the roots in their receipts are unknown; from the first block that has a
/// status on, a receipt without either is damaged.
#[test]
fn only_single_blocks_before_byzantium_can_lack_the_roots_of_their_receipts() {
    let place = rebuilt();
    let unknown = "UPDATE _meta SET value = 'witnesses' WHERE key = 'kind';
        UPDATE transactions SET status = NULL WHERE block_number <= 3 OR block_number = 9 AND transaction_index = 0;
        UPDATE blocks SET base_fee_per_gas = NULL";
    let (code, said) = verified(&place, unknown);
    assert_eq!(code, Some(3), "{said}");
    let receipts = samples(&said, "receipts_make_the_root_of_the_header");
    assert_eq!(receipts, ["block 9: transaction 0: status and root are NULL"], "{said}");
}
