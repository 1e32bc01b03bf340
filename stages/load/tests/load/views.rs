//! Views with other programs' columns, and macros over the diffs.

use blockmill_chain::BlockRange;
use blockmill_load::Database;

use crate::chain::unit;
use crate::{Workbench, value};

fn loaded(bench: &Workbench) -> Database {
    let mut database = bench.open();
    database.load(&[unit(bench.folder(), BlockRange::new(0, 4))]).unwrap();
    database
}

#[test]
fn cryo_views_write_values_as_cryo_does() {
    let bench = Workbench::new();
    let mut database = loaded(&bench);
    database.set_meta("chain_id", "7").unwrap();
    let is = |select: &str, expected: &str| {
        assert_eq!(value(&database, select).as_deref(), Some(expected), "{select}")
    };
    for (view, rows) in [
        ("blocks", "4"),
        ("transactions", "9"),
        ("logs", "21"),
        ("contracts", "3"),
        ("erc20_transfers", "3"),
        ("erc721_transfers", "3"),
        ("native_transfers", "10"),
        ("nonce_diffs", "9"),
        ("storage_diffs", "3"),
        ("code_diffs", "3"),
    ] {
        is(&format!("SELECT count(*) FROM cryo.{view} WHERE chain_id = 7"), rows);
    }
    let huge = "FROM cryo.transactions WHERE transaction_type = 3 LIMIT 1";
    is(&format!("SELECT value_string {huge}"), &alloy::primitives::U256::MAX.to_string());
    is(&format!("SELECT octet_length(value_binary) {huge}"), "32");
    is(&format!("SELECT value_f64 > 1e77 {huge}"), "true");
    is("SELECT u256_dec(value_binary) FROM cryo.erc20_transfers LIMIT 1", "7");
    is("SELECT token_id_string FROM cryo.erc721_transfers LIMIT 1", "7");
    let created = "'0x' || repeat('dd', 20)";
    is(
        &format!(
            "SELECT from_value_string FROM cryo.balance_diffs WHERE address = bin({created}) AND block_number = 1"
        ),
        "0",
    );
    is(
        "SELECT trace_address FROM cryo.traces WHERE block_number = 1 AND action_call_type = 'staticcall'",
        "0_0",
    );
    is(
        "SELECT count(*) FROM cryo.traces WHERE action_type = 'create' AND action_to IS NULL AND result_address IS NOT NULL",
        "3",
    );
    is("SELECT count(*) FROM cryo.traces WHERE action_type = 'genesis'", "0");
}

#[test]
fn etl_views_lose_no_row() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let count = |from: &str| value(&database, &format!("SELECT count(*) FROM {from}"));
    for (view, table) in [
        ("blocks", "blocks"),
        ("transactions", "transactions"),
        ("receipts", "transactions"),
        ("logs", "logs"),
        ("traces", "traces"),
        ("contracts", "contracts"),
        ("token_transfers", "(SELECT 1 FROM erc20_transfers UNION ALL SELECT 1 FROM erc721_transfers)"),
    ] {
        assert_eq!(count(&format!("etl.{view}")), count(table), "{view}");
    }
}

#[test]
fn etl_views_write_values_as_ethereum_etl_does() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let is = |select: &str, expected: &str| {
        assert_eq!(value(&database, select).as_deref(), Some(expected), "{select}")
    };
    is("SELECT timestamp FROM etl.blocks WHERE number = 1", "1700000012");
    is("SELECT sum(len(withdrawals)) FROM etl.blocks", "6");
    is(
        "SELECT DISTINCT value FROM etl.transactions WHERE transaction_type = 3",
        &format!("{}", alloy::primitives::U256::MAX),
    );
    is("SELECT DISTINCT gas_price FROM etl.transactions WHERE transaction_type = 2", "9");
    is("SELECT DISTINCT len(string_split(topics, ',')) FROM etl.logs WHERE log_index = 5", "4");
    is("SELECT topics FROM etl.logs WHERE block_number = 1 AND log_index = 0", "");
    is("SELECT DISTINCT value FROM etl.token_transfers", "7");
    let id = "SELECT trace_id FROM etl.traces WHERE block_number = 1 AND ";
    let hash = value(
        &database,
        "SELECT hash FROM etl.transactions WHERE block_number = 1 AND transaction_index = 0",
    )
    .unwrap();
    is(&format!("{id} trace_address = '0,0'"), &format!("call_{hash}_0_0"));
    is(
        &format!("{id} trace_type = 'call' AND trace_address = '' AND transaction_index = 0"),
        &format!("call_{hash}_"),
    );
    is(&format!("{id} trace_type = 'reward'"), "reward_1_0");
    is(
        "SELECT string_agg(DISTINCT trace_type || status, ' ' ORDER BY trace_type || status) FROM etl.traces",
        "call0 call1 create1 genesis1 reward1",
    );
}

#[test]
fn selectors_are_read_instruction_by_instruction_up_to_the_first_jumpdest() {
    let bench = Workbench::new();
    let database = bench.open();
    let instructions = |code: &str| {
        value(&database, &format!("SELECT array_to_string(first_instructions(bin('{code}')), ' ')"))
    };
    // PUSH4 5b5b5b5b, EQ, PUSH2 6311, PUSH4 a9059cbb, JUMPDEST, PUSH4 …
    assert_eq!(
        instructions("0x635b5b5b5b1461631163a9059cbb5b6399999999").as_deref(),
        Some("635b5b5b5b 14 616311 63a9059cbb")
    );
    assert_eq!(instructions("0x6001").as_deref(), Some("6001"));
    assert_eq!(instructions("0x").as_deref(), Some(""));
    assert_eq!(instructions("0x00637f").as_deref(), Some("00 63 7f"), "operands that the code does not have");
}

#[test]
fn the_state_after_a_block_comes_out_of_the_diffs() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let is = |expression: &str, expected: Option<&str>| {
        assert_eq!(value(&database, &format!("SELECT {expression}")).as_deref(), expected, "{expression}")
    };
    let (contract, created) =
        (format!("bin('0x{}')", "cc".repeat(20)), format!("bin('0x{}')", "dd".repeat(20)));
    is(&format!("balance_at({contract}, 0)"), Some("5"));
    is(&format!("balance_at({contract}, 1)"), Some("2010"));
    is(&format!("balance_at({created}, 0)"), None);
    is(&format!("balance_at({created}, 3)"), Some("15"));
    is(&format!("nonce_at(bin('0x{}'), 2)", "aa".repeat(20)), Some("9"));
    is(&format!("code_at({created}, 2) IS NULL"), Some("true"));
    is(&format!("u256_dec(storage_at({contract}, u256(1), 2))"), Some("2"));
    is(&format!("u256_dec(storage_at({contract}, u256(1), 0))"), Some("0"));
    // As text too.
    is(&format!("balance_at('0x{}', 1)", "cc".repeat(20)), Some("2010"));
    is(&format!("number(balance_u256_at('0x{}', 1))::VARCHAR", "cc".repeat(20)), Some("2010"));
    is(&format!("nonce_at('0x{}', 2)", "AA".repeat(20)), Some("9"));
    is(&format!("u256_dec(storage_at('0x{}', '0x{}1', 2))", "cc".repeat(20), "0".repeat(63)), Some("2"));
    is(&format!("balance_at('0x{}', 3)", "99".repeat(20)), None);
    // In a query, row by row.
    let select = "SELECT count(*) FROM (SELECT DISTINCT ON (address, block_number) * FROM balance_diffs
        ORDER BY change_index DESC) WHERE balance_at(address, block_number) = to_value";
    let expected = "SELECT count(*) FROM (SELECT DISTINCT address, block_number FROM balance_diffs)";
    assert_eq!(value(&database, select), value(&database, expected));
}
