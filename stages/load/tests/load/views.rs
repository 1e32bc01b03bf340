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

/// The fields that ethereum-etl's exporters write.
const ETL: [(&str, &str); 7] = [
    (
        "blocks",
        "number hash parent_hash nonce sha3_uncles logs_bloom transactions_root state_root receipts_root miner difficulty \
         total_difficulty size extra_data gas_limit gas_used timestamp transaction_count base_fee_per_gas withdrawals_root \
         withdrawals blob_gas_used excess_blob_gas",
    ),
    (
        "transactions",
        "hash nonce block_hash block_number transaction_index from_address to_address value gas gas_price input \
         block_timestamp max_fee_per_gas max_priority_fee_per_gas transaction_type max_fee_per_blob_gas \
         blob_versioned_hashes",
    ),
    (
        "receipts",
        "transaction_hash transaction_index block_hash block_number cumulative_gas_used gas_used contract_address root \
         status effective_gas_price",
    ),
    ("logs", "log_index transaction_hash transaction_index block_hash block_number address data topics"),
    (
        "token_transfers",
        "token_address from_address to_address value transaction_hash log_index block_number",
    ),
    (
        "traces",
        "block_number transaction_hash transaction_index from_address to_address value input output trace_type call_type \
         reward_type gas gas_used subtraces trace_address error status trace_id",
    ),
    ("contracts", "address bytecode function_sighashes is_erc20 is_erc721 block_number"),
];

#[test]
fn etl_views_have_the_columns_of_ethereum_etl() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    for (view, columns) in ETL {
        let found = database.columns_of(&format!("SELECT * FROM etl.{view}")).unwrap();
        let found: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, columns.split_whitespace().collect::<Vec<_>>(), "{view}");
    }
}

/// The fields of cryo's sources; a uint256 as with its default `--u256-types`.
const CRYO: [(&str, &str); 12] = [
    (
        "blocks",
        "block_hash parent_hash uncles_hash author state_root transactions_root receipts_root block_number gas_used gas_limit extra_data logs_bloom timestamp difficulty total_difficulty_binary total_difficulty_string total_difficulty_f64 size mix_hash nonce base_fee_per_gas withdrawals_root chain_id",
    ),
    (
        "transactions",
        "block_number transaction_index transaction_hash nonce from_address to_address value_binary value_string value_f64 input gas_limit gas_used gas_price transaction_type max_priority_fee_per_gas max_fee_per_gas success n_input_bytes n_input_zero_bytes n_input_nonzero_bytes block_hash chain_id timestamp",
    ),
    (
        "logs",
        "block_number block_hash transaction_index log_index transaction_hash address topic0 topic1 topic2 topic3 data n_data_bytes chain_id",
    ),
    (
        "traces",
        "action_from action_to action_value action_gas action_input action_call_type action_init action_reward_type action_type result_gas_used result_output result_code result_address trace_address subtraces transaction_index transaction_hash block_number block_hash error chain_id",
    ),
    (
        "contracts",
        "block_number block_hash create_index transaction_hash contract_address deployer factory init_code code init_code_hash n_init_code_bytes n_code_bytes code_hash chain_id",
    ),
    (
        "native_transfers",
        "block_number block_hash transaction_index transfer_index transaction_hash from_address to_address value_binary value_string value_f64 chain_id",
    ),
    (
        "erc20_transfers",
        "block_number block_hash transaction_index log_index transaction_hash erc20 from_address to_address value_binary value_string value_f64 chain_id",
    ),
    (
        "erc721_transfers",
        "block_number block_hash transaction_index log_index transaction_hash erc721 from_address to_address token_id_binary token_id_string token_id_f64 chain_id",
    ),
    (
        "balance_diffs",
        "block_number transaction_index transaction_hash address from_value_binary from_value_string from_value_f64 to_value_binary to_value_string to_value_f64 chain_id",
    ),
    ("nonce_diffs", "block_number transaction_index transaction_hash address from_value to_value chain_id"),
    ("code_diffs", "block_number transaction_index transaction_hash address from_value to_value chain_id"),
    (
        "storage_diffs",
        "block_number transaction_index transaction_hash address slot from_value to_value chain_id",
    ),
];

#[test]
fn cryo_views_have_the_columns_of_cryo() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    for (view, columns) in CRYO {
        let found = database.columns_of(&format!("SELECT * FROM cryo.{view}")).unwrap();
        let found: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, columns.split_whitespace().collect::<Vec<_>>(), "{view}");
    }
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
fn the_state_behind_a_block_comes_out_of_the_diffs() {
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
    is("balance_at(bin('0x00'), 3)", None);
    // In a query, row by row.
    let select = "SELECT count(*) FROM (SELECT DISTINCT ON (address, block_number) * FROM balance_diffs
        ORDER BY change_index DESC) WHERE balance_at(address, block_number) = to_value";
    let expected = "SELECT count(*) FROM (SELECT DISTINCT address, block_number FROM balance_diffs)";
    assert_eq!(value(&database, select), value(&database, expected));
}
