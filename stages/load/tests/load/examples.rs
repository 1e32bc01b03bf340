//! The example queries answer right on rows that are made for them.

use blockmill_chain::BlockRange;
use blockmill_load::Database;
use blockmill_schemas::sql::{EXAMPLES, QUERIES};

use crate::Workbench;
use crate::chain::unit;
use crate::opening::tamper;

/// A database with only these rows.
fn with_rows(bench: &Workbench, script: &str) -> Database {
    bench.open().finish().unwrap();
    tamper(&bench.database_path(), script);
    bench.open()
}

/// The rows of an answer, a space between values.
fn answer(database: &Database, name: &str) -> Vec<String> {
    let example = EXAMPLES.iter().chain(QUERIES).find(|example| example.name == name).unwrap();
    // All rows: ten are for people.
    let rows = database.query_text(&example.sql.replace("\nLIMIT 10", "")).unwrap().rows;
    let words = |row: Vec<Option<String>>| row.into_iter().map(|value| value.unwrap_or("-".into()));
    rows.into_iter().map(|row| words(row).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn gas_is_shared_out_among_those_that_are_called() {
    let bench = Workbench::new();
    let database = with_rows(
        &bench,
        "INSERT INTO transactions BY NAME
         SELECT 1 AS block_number, i AS transaction_index, 'h' AS transaction_hash, 0 AS transaction_type,
             unhex(sender) AS from_address, unhex(receiver) AS to_address, 0 AS nonce, '' AS input, 9 AS gas_limit,
             gas AS gas_used, 0 AS cumulative_gas_used, success, 'r' AS r, 's' AS s, 0 AS n_input_bytes,
             0 AS n_input_zero_bytes
         FROM (VALUES (0, 'aa', 'c1', 500000, true), (1, 'bb', 'c1', 100000, false), (2, 'aa', 'c1', 150000, true),
             (3, 'aa', NULL, 229000, true), (4, 'bb', 'dd', 21000, true)) t(i, sender, receiver, gas, success)",
    );
    assert_eq!(
        answer(&database, "gas_by_contract"),
        ["0xc1 3 2 0.75 75.0 33.3", "new contracts 1 1 0.23 22.9 0.0", "plain transfers 1 1 0.02 2.1 0.0"]
    );
}

#[test]
fn a_failure_is_counted_where_it_began() {
    let bench = Workbench::new();
    let database = with_rows(
        &bench,
        "INSERT INTO traces BY NAME
         SELECT 7 AS block_number, i AS transaction_index, place AS trace_index, address AS trace_address,
             'call' AS trace_type, 0 AS subtraces, error, reason AS revert_reason, error IS NULL AS success,
             i = 1 AS transaction_success, if(reason IS NULL AND error = 'Reverted', unhex('08c379a1ff'), NULL) AS output
         FROM (VALUES
             -- It passes through the root; what a frame beside it did is its own.
             (0, 0, [], 'Reverted', 'no'), (0, 1, [0], NULL, NULL), (0, 2, [1], 'Reverted', 'no'),
             (0, 3, [1, 0], 'Out of gas', NULL), (0, 4, [2], 'Reverted', 'no'),
             -- The transaction succeeds all the same.
             (1, 5, [], NULL, NULL), (1, 6, [0], 'Reverted', 'no'), (1, 7, [1], 'Reverted', NULL))
             t(i, place, address, error, reason)",
    );
    assert_eq!(
        answer(&database, "failed_calls"),
        ["Reverted no 2 1 1 1 -", "Out of gas - 1 0 1 2 -", "Reverted 0x08c379a1 1 1 0 1 -",]
    );
}

#[test]
fn tokens_are_told_apart_by_what_they_index() {
    let bench = Workbench::new();
    let database = with_rows(
        &bench,
        "CREATE TEMP MACRO word(digit) AS unhex(repeat('0' || digit, 32));
         CREATE TEMP MACRO transfer() AS bin('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef');
         INSERT INTO logs BY NAME
         SELECT i AS block_number, 0 AS transaction_index, i AS log_index, unhex(token) AS address,
             topic0, topic1, topic2, topic3, data
         FROM (VALUES
             (1, '20', transfer(), word('0'), word('1'), NULL, word('9')),
             (2, '20', transfer(), word('1'), word('2'), NULL, word('9')),
             (3, '20', transfer(), word('1'), word('3'), NULL, word('9')),
             (4, '72', transfer(), word('1'), word('2'), word('3'), ''::BLOB),
             -- Nothing indexed: from, to and amount are in the data.
             (5, 'dd', transfer(), NULL, NULL, NULL, word('0') || word('1') || word('9')),
             (6, 'dd', transfer(), NULL, NULL, NULL, word('2') || word('1') || word('9')),
             (7, 'ee', word('5'), word('1'), word('2'), NULL, word('9')),
             (8, 'ee', NULL, NULL, NULL, NULL, ''::BLOB)) t(i, token, topic0, topic1, topic2, topic3, data)",
    );
    assert_eq!(
        answer(&database, "token_transfers"),
        ["0x20 ERC-20 3 1 2 1 3", "0xdd ERC-20 2 1 2 5 6", "0x72 ERC-721 1 0 1 4 4"]
    );
}

#[test]
fn only_ether_that_moved_is_summed() {
    let bench = Workbench::new();
    let database = with_rows(
        &bench,
        "INSERT INTO traces BY NAME
         SELECT 1 AS block_number, 0 AS transaction_index, place AS trace_index, address AS trace_address,
             kind AS trace_type, way AS call_type, unhex(receiver) AS to_address, milliether * 10**15 AS value,
             0 AS subtraces, success
         FROM (VALUES
             (0, [], 'call', 'call', 'aa', 3000, true), (1, [0], 'call', 'call', 'bb', 500, true),
             (2, [1], 'create', 'create2', 'cc', 250, true), (3, [2], 'suicide', NULL, 'bb', 250, true),
             -- Inherited, back to the sender, undone, nothing.
             (4, [3], 'call', 'delegatecall', 'bb', 3000, true), (5, [4], 'call', 'callcode', 'bb', 1, true),
             (6, [5], 'call', 'call', 'bb', 70, false), (7, [6], 'call', 'call', 'dd', 0, true),
             (8, [], 'reward', NULL, 'ee', 2000, true)) t(place, address, kind, way, receiver, milliether, success)",
    );
    assert_eq!(answer(&database, "ether_in_calls"), ["0 1 0 0 1 3.0 75.0", "1 3 1 1 2 1.0 25.0"]);
}

#[test]
fn fees_are_burned_and_tipped_from_london_on() {
    let bench = Workbench::new();
    let database = with_rows(
        &bench,
        "INSERT INTO blocks BY NAME
         SELECT number AS block_number, 'h' AS block_hash, 'p' AS parent_hash, 'm' AS miner, 30000000 AS gas_limit,
             gas AS gas_used, base_fee AS base_fee_per_gas, '' AS extra_data, 'b' AS logs_bloom, 's' AS state_root,
             't' AS transactions_root, 'r' AS receipts_root, 'o' AS ommers_hash, 'x' AS mix_hash, 'n' AS nonce,
             1 AS transaction_count
         FROM (VALUES (1, 3000000, NULL), (2, 15000000, 2000000000), (3, 0, 1000000000)) t(number, gas, base_fee);
         INSERT INTO transactions BY NAME
         SELECT number AS block_number, 0 AS transaction_index, 'h' AS transaction_hash, 3 AS transaction_type,
             'a' AS from_address, 0 AS nonce, '' AS input, gas AS gas_limit, gas AS gas_used, price AS effective_gas_price,
             blob_gas AS blob_gas_used, blob_price AS blob_gas_price, gas AS cumulative_gas_used, true AS success,
             'r' AS r, 's' AS s, 0 AS n_input_bytes, 0 AS n_input_zero_bytes
         FROM (VALUES (1, 3000000, 10**10, NULL, NULL), (2, 15000000, 3 * 10**9, 131072, 10**10))
             t(number, gas, price, blob_gas, blob_price)",
    );
    assert_eq!(
        answer(&database, "fees_along_the_chain"),
        [
            "1 1 1 10.0 - 0.0 0.03",
            // The blob fee is burned too.
            "2 2 1 50.0 2.000 0.031311 0.015",
            "3 3 1 0.0 1.000 0.0 0.0",
        ]
    );
}

#[test]
fn transfers_of_nothing_are_found() {
    let bench = Workbench::new();
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), BlockRange::new(0, 4))]).unwrap();
    database.finish().unwrap();
    tamper(&bench.database_path(), "UPDATE erc20_transfers SET value = 0 WHERE block_number > 1");
    let query = QUERIES.iter().find(|query| query.name == "address_poisoning").unwrap();
    let found = bench.open().query_text(query.sql).unwrap();
    assert_eq!(found.rows.len(), 1);
    assert_eq!(found.rows[0][2..], ["2", "1", "1"].map(|number| Some(number.to_owned())));
}

#[test]
fn a_sandwich_has_a_direction_and_is_one_row() {
    let bench = Workbench::new();
    // Sender and how much of tokens 10 and 20 came to the pool (less than nothing: went) by each transaction of a block.
    let database = with_rows(
        &bench,
        "CREATE TEMP TABLE swaps AS FROM (VALUES
             -- Bought before bb and sold after, for 30 more than was paid.
             (1, 0, 'aa', 1000000000000000000000000000000::HUGEINT, -50), (1, 1, 'bb', 100, -40),
             (1, 2, 'aa', -1000000000000000000000000000030, 50),
             -- The one between sells; the last buys too; another account sells.
             (2, 0, 'aa', 100, -50), (2, 1, 'bb', -100, 40), (2, 2, 'aa', -130, 50),
             (3, 0, 'aa', 100, -50), (3, 1, 'bb', 100, -40), (3, 2, 'aa', 100, -30),
             (4, 0, 'aa', 100, -50), (4, 1, 'bb', 100, -40), (4, 2, 'dd', -100, 30)) t(number, i, sender, ten, twenty);
         INSERT INTO transactions BY NAME
         SELECT number AS block_number, i AS transaction_index, 'h' AS transaction_hash, 0 AS transaction_type,
             unhex(sender) AS from_address, unhex('cc') AS to_address, 0 AS nonce, '' AS input, 9 AS gas_limit, 9 AS gas_used,
             0 AS cumulative_gas_used, true AS success, 'r' AS r, 's' AS s, 0 AS n_input_bytes, 0 AS n_input_zero_bytes
         FROM swaps;
         INSERT INTO erc20_transfers BY NAME
         SELECT number AS block_number, i AS transaction_index, 2 * i + token // 20 AS log_index, unhex(token::VARCHAR) AS token_address,
             if(flow > 0, unhex(sender), unhex('ff')) AS from_address, if(flow > 0, unhex('ff'), unhex(sender)) AS to_address,
             -- As it is stored where a DECIMAL does not hold it.
             CASE WHEN abs(flow) < 1000000 THEN abs(flow) END AS value,
             CASE WHEN abs(flow) >= 1000000 THEN u256(abs(flow)) END AS value_u256
         FROM (SELECT *, 10 AS token, ten AS flow FROM swaps UNION ALL SELECT *, 20, twenty FROM swaps)",
    );
    assert_eq!(answer(&database, "sandwiches"), ["1 0xaa 0 1 2 0x20 50 50 0x10 30 0xff"]);
}

#[test]
fn the_history_of_an_address_is_in_order_of_time() {
    let bench = Workbench::new();
    let database = with_rows(
        &bench,
        "INSERT INTO transactions BY NAME
         SELECT 1 AS block_number, i AS transaction_index, hash AS transaction_hash, 0 AS transaction_type,
             unhex(sender) AS from_address, unhex(called) AS to_address, unhex(made) AS contract_address, 0 AS nonce,
             5 AS value, '' AS input, 9 AS gas_limit, 9 AS gas_used, 0 AS cumulative_gas_used, success, 'r' AS r, 's' AS s,
             0 AS n_input_bytes, 0 AS n_input_zero_bytes
         FROM (VALUES (0, 'h', 'aa', 'cc', NULL, true), (1, 'i', 'bb', 'aa', NULL, false), (2, 'j', 'aa', NULL, 'dd', true))
             t(i, hash, sender, called, made, success);
         INSERT INTO contracts BY NAME
         SELECT 1 AS block_number, i AS transaction_index, place AS create_index, unhex(made) AS contract_address,
             unhex('aa') AS deployer, unhex('aa') AS factory, 'i' AS init_code_hash, success
         FROM (VALUES (2, 0, 'dd', true), (2, 1, 'ee', true), (2, 2, 'ff', false)) t(i, place, made, success);
         INSERT INTO code_diffs BY NAME
         SELECT 1 AS block_number, i AS transaction_index, i AS change_index, unhex('aa') AS address,
             unhex(before) AS from_value, unhex(after) AS to_value
         FROM (VALUES (0, '', 'ef0100' || repeat('ab', 20)), (2, 'ef0100' || repeat('ab', 20), '')) t(i, before, after);
         INSERT INTO native_transfers BY NAME
         SELECT 1 AS block_number, i AS transaction_index, place AS transfer_index, unhex(giver) AS from_address,
             unhex(taker) AS to_address, value, kind AS transfer_type
         FROM (VALUES (0, 0, 'aa', 'cc', 5, 'transaction'), (0, 1, 'cc', 'dd', 5, 'call'), (NULL, 2, NULL, 'aa', 7, 'withdrawal'))
             t(i, place, giver, taker, value, kind);
         INSERT INTO erc20_transfers BY NAME
         SELECT 1 AS block_number, 0 AS transaction_index, 0 AS log_index, unhex('10') AS token_address,
             unhex('cc') AS from_address, unhex('aa') AS to_address, u256('1' || repeat('0', 40)) AS value_u256",
    );
    assert_eq!(
        answer(&database, "address_history"),
        [
            "1 - 0x68 calls 0xcc - - -".to_owned(),
            "1 - 0x68 pays a fee - - - -".to_owned(),
            format!("1 - 0x68 delegates to 0x{} - - -", "ab".repeat(20)),
            "1 - 0x68 sends ether: transaction 0xcc - 5 -".to_owned(),
            format!("1 - 0x68 gets tokens 0xcc 0x10 1{} -", "0".repeat(40)),
            "1 - 0x69 is called in vain 0xbb - - -".to_owned(),
            "1 - 0x6a creates 0xdd - - -".to_owned(),
            "1 - 0x6a pays a fee - - - -".to_owned(),
            "1 - 0x6a creates 0xee - - -".to_owned(),
            format!("1 - 0x6a delegates no more to 0x{} - - -", "ab".repeat(20)),
            "1 - - gets ether: withdrawal - - 7 -".to_owned(),
        ]
    );
}

#[test]
fn a_call_tree_is_indented_and_says_what_failed() {
    let bench = Workbench::new();
    let database = with_rows(
        &bench,
        "INSERT INTO traces BY NAME
         SELECT 1 AS block_number, i AS transaction_index, place AS trace_index, address AS trace_address,
             kind AS trace_type, way AS call_type, unhex(receiver) AS to_address, 15 * 10**17 AS value, 9 AS gas_used,
             unhex('a9059cbb00') AS input, unhex('18ff0ee400') AS output, 0 AS subtraces, error IS NULL AS success, error
         FROM (VALUES
             (0, 0, [], 'call', 'call', 'aa', NULL),
             (1, 1, [], 'call', 'call', 'aa', NULL), (1, 2, [0], 'create', 'create2', 'cc', NULL),
             (1, 3, [0, 0], 'call', 'staticcall', 'bb', 'Reverted'), (1, 4, [1], 'suicide', NULL, 'dd', NULL))
             t(i, place, address, kind, way, receiver, error)",
    );
    assert_eq!(
        answer(&database, "call_tree"),
        [
            "call 0xaa 0xa9059cbb 1.5 9 -",
            "  create2 0xcc - 1.5 9 -",
            "    staticcall 0xbb 0xa9059cbb 1.5 9 Reverted: 0x18ff0ee4",
            "  suicide 0xdd - 1.5 9 -",
        ]
    );
}

#[test]
fn an_empty_database_has_empty_answers() {
    let bench = Workbench::new();
    let database = with_rows(&bench, "");
    for example in EXAMPLES {
        assert_eq!(answer(&database, example.name), Vec::<String>::new(), "{}", example.name);
    }
}

#[test]
fn the_columns_of_a_query_are_known_without_running_it() {
    let bench = Workbench::new();
    let database = with_rows(&bench, "");
    let columns = database
        .columns_of("WITH t AS (SELECT 1::UBIGINT AS a)\nSELECT a, hex0x(''::BLOB) AS b FROM t")
        .unwrap();
    let names: Vec<_> = columns.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
    assert_eq!(names, [("a", "UBIGINT"), ("b", "VARCHAR")]);
    assert!(database.columns_of("SELECT nothing").is_err());
}
