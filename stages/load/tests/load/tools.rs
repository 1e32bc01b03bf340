//! Views with the columns of ethereum-etl and cryo, held against lists that are taken from the sources of both.

use blockmill_load::Database;

use crate::verifying::loaded;
use crate::{Workbench, value};

/// cryo's datasets: fields and types of the structs in `crates/freeze/src/datasets` of paradigmxyz/cryo at
/// 559b65455d7ef6b03e8e9e96a0e50fd4fe8a9c86. A U256 is three columns, with its default `--u256-types`.
const CRYO: [(&str, &str); 20] = [
    (
        "blocks",
        "block_hash:bytes parent_hash:bytes uncles_hash:bytes author:bytes state_root:bytes \
         transactions_root:bytes receipts_root:bytes block_number:u32 gas_used:u64 gas_limit:u64 \
         extra_data:bytes logs_bloom:bytes timestamp:u32 difficulty:u64 total_difficulty:U256 size:u64 \
         mix_hash:bytes nonce:bytes base_fee_per_gas:u64 withdrawals_root:bytes chain_id:u64",
    ),
    (
        "transactions",
        "block_number:u32 transaction_index:u64 transaction_hash:bytes nonce:u64 from_address:bytes \
         to_address:bytes value:U256 input:bytes gas_limit:u64 gas_used:u64 gas_price:u64 \
         transaction_type:u32 max_priority_fee_per_gas:u64 max_fee_per_gas:u64 success:bool n_input_bytes:u32 \
         n_input_zero_bytes:u32 n_input_nonzero_bytes:u32 n_rlp_bytes:u32 block_hash:bytes chain_id:u64 \
         timestamp:u32 r:bytes s:bytes v:bool",
    ),
    (
        "logs",
        "block_number:u32 block_hash:bytes transaction_index:u32 log_index:u32 transaction_hash:bytes \
         address:bytes topic0:bytes topic1:bytes topic2:bytes topic3:bytes data:bytes n_data_bytes:u32 \
         chain_id:u64",
    ),
    (
        "traces",
        "action_from:bytes action_to:bytes action_value:String action_gas:u32 action_input:bytes \
         action_call_type:String action_init:bytes action_reward_type:String action_type:String \
         result_gas_used:u32 result_output:bytes result_code:bytes result_address:bytes trace_address:String \
         subtraces:u32 transaction_index:u32 transaction_hash:bytes block_number:u32 block_hash:bytes \
         error:String chain_id:u64",
    ),
    (
        "contracts",
        "block_number:u32 block_hash:bytes create_index:u32 transaction_hash:bytes contract_address:bytes \
         deployer:bytes factory:bytes init_code:bytes code:bytes init_code_hash:bytes n_init_code_bytes:u32 \
         n_code_bytes:u32 code_hash:bytes chain_id:u64",
    ),
    (
        "native_transfers",
        "block_number:u32 block_hash:bytes transaction_index:u32 transfer_index:u32 transaction_hash:bytes \
         from_address:bytes to_address:bytes value:U256 chain_id:u64",
    ),
    (
        "erc20_transfers",
        "block_number:u32 block_hash:bytes transaction_index:u32 log_index:u32 transaction_hash:bytes \
         erc20:bytes from_address:bytes to_address:bytes value:U256 chain_id:u64",
    ),
    (
        "erc20_approvals",
        "block_number:u32 block_hash:bytes transaction_index:u32 log_index:u32 transaction_hash:bytes \
         erc20:bytes from_address:bytes to_address:bytes value:U256 chain_id:u64",
    ),
    (
        "erc721_transfers",
        "block_number:u32 block_hash:bytes transaction_index:u32 log_index:u32 transaction_hash:bytes \
         erc20:bytes from_address:bytes to_address:bytes token_id:U256 chain_id:u64",
    ),
    (
        "balance_diffs",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes address:bytes from_value:U256 \
         to_value:U256 chain_id:u64",
    ),
    (
        "nonce_diffs",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes address:bytes from_value:u64 \
         to_value:u64 chain_id:u64",
    ),
    (
        "code_diffs",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes address:bytes from_value:bytes \
         to_value:bytes chain_id:u64",
    ),
    (
        "storage_diffs",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes address:bytes slot:bytes \
         from_value:bytes to_value:bytes chain_id:u64",
    ),
    (
        "balance_reads",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes address:bytes balance:U256 \
         chain_id:u64",
    ),
    (
        "nonce_reads",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes address:bytes nonce:u64 chain_id:u64",
    ),
    (
        "code_reads",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes contract_address:bytes code:bytes \
         chain_id:u64",
    ),
    (
        "storage_reads",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes contract_address:bytes slot:bytes \
         value:bytes chain_id:u64",
    ),
    (
        "four_byte_counts",
        "block_number:u32 transaction_index:u32 transaction_hash:bytes signature:bytes size:u64 count:u64 \
         chain_id:u64",
    ),
    (
        "address_appearances",
        "block_number:u32 block_hash:bytes transaction_hash:bytes address:bytes relationship:String \
         chain_id:u64",
    ),
    (
        "geth_opcodes",
        "block_number:u32 transaction_hash:bytes transaction_index:u32 trace_address:String depth:u64 \
         error:String gas:u64 gas_cost:u64 op:String pc:u64 refund_counter:u64 memory:String stack:String \
         storage:String return_data:bytes chain_id:u64",
    ),
];

/// ethereum-etl's tables: the fields that the exporters of 2.4.2 write, with the types of its `docs/schema.md`; those that are
/// missing there have the types of its `streaming/postgres_tables.py`.
const ETL: [(&str, &str); 8] = [
    (
        "blocks",
        "number:bigint hash:hex_string parent_hash:hex_string nonce:hex_string sha3_uncles:hex_string \
         logs_bloom:hex_string transactions_root:hex_string state_root:hex_string receipts_root:hex_string \
         miner:address difficulty:numeric total_difficulty:numeric size:bigint extra_data:hex_string \
         gas_limit:bigint gas_used:bigint timestamp:bigint transaction_count:bigint base_fee_per_gas:bigint \
         withdrawals_root:hex_string withdrawals:string blob_gas_used:bigint excess_blob_gas:bigint",
    ),
    (
        "transactions",
        "hash:hex_string nonce:bigint block_hash:hex_string block_number:bigint transaction_index:bigint \
         from_address:address to_address:address value:numeric gas:bigint gas_price:bigint input:hex_string \
         block_timestamp:bigint max_fee_per_gas:bigint max_priority_fee_per_gas:bigint \
         transaction_type:bigint max_fee_per_blob_gas:bigint blob_versioned_hashes:string",
    ),
    (
        "receipts",
        "transaction_hash:hex_string transaction_index:bigint block_hash:hex_string block_number:bigint \
         cumulative_gas_used:bigint gas_used:bigint contract_address:address root:hex_string status:bigint \
         effective_gas_price:bigint l1_fee:bigint l1_gas_used:bigint l1_gas_price:bigint \
         l1_fee_scalar:numeric blob_gas_price:bigint blob_gas_used:bigint",
    ),
    (
        "logs",
        "log_index:bigint transaction_hash:hex_string transaction_index:bigint block_hash:hex_string \
         block_number:bigint address:address data:hex_string topics:string",
    ),
    (
        "token_transfers",
        "token_address:address from_address:address to_address:address value:numeric \
         transaction_hash:hex_string log_index:bigint block_number:bigint",
    ),
    (
        "traces",
        "block_number:bigint transaction_hash:hex_string transaction_index:bigint from_address:address \
         to_address:address value:numeric input:hex_string output:hex_string trace_type:string \
         call_type:string reward_type:string gas:bigint gas_used:bigint subtraces:bigint trace_address:string \
         error:string status:bigint trace_id:string",
    ),
    (
        "contracts",
        "address:address bytecode:hex_string function_sighashes:string is_erc20:boolean is_erc721:boolean \
         block_number:bigint",
    ),
    (
        "tokens",
        "address:address symbol:string name:string decimals:bigint total_supply:numeric block_number:bigint",
    ),
];

/// The columns of a list, each with the types that a view may have.
fn columns(list: &str) -> Vec<(String, &'static [&'static str])> {
    let mut columns: Vec<(String, &[&str])> = Vec::new();
    for (name, kind) in list.split_whitespace().map(|column| column.split_once(':').unwrap()) {
        let types: &[&str] = match kind {
            "U256" => {
                columns.push((format!("{name}_binary"), &["BLOB"]));
                columns.push((format!("{name}_string"), &["VARCHAR"]));
                columns.push((format!("{name}_f64"), &["DOUBLE"]));
                continue;
            }
            "u32" => &["UINTEGER"],
            "u64" => &["UBIGINT"],
            "bytes" => &["BLOB"],
            "String" | "hex_string" | "address" | "string" => &["VARCHAR"],
            "bool" | "boolean" => &["BOOLEAN"],
            "bigint" => &["UBIGINT", "BIGINT", "UINTEGER", "INTEGER", "UTINYINT"],
            "numeric" => &["DECIMAL(38,0)"],
            other => panic!("a type without a counterpart: {other}"),
        };
        columns.push((name.to_owned(), types));
    }
    columns
}

/// Columns come in the tool's order; what is missing or has another type is named in the view's comment.
fn assert_agrees(database: &Database, schema: &str, view: &str, list: &str) {
    let comment = value(
        database,
        &format!(
            "SELECT comment FROM duckdb_views() WHERE schema_name = '{schema}' AND view_name = '{view}'"
        ),
    )
    .unwrap();
    let says =
        |name: &str| comment.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    let mut found =
        database.columns_of(&format!("SELECT * FROM {schema}.{view}")).unwrap().into_iter().peekable();
    for (name, types) in columns(list) {
        match found.next_if(|(there, _)| *there == name) {
            Some((_, there)) => assert!(
                types.contains(&there.as_str()) || says(&name),
                "{schema}.{view}.{name} is {there}, not {types:?}, and the comment does not say so: {comment}"
            ),
            None => assert!(says(&name), "{schema}.{view} has no {name}, or not in its place: {comment}"),
        }
    }
    assert_eq!(found.collect::<Vec<_>>(), [], "{schema}.{view} has columns that the tool has not");
}

#[test]
fn views_of_other_tools_have_their_columns_and_types() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    for (schema, lists) in [("cryo", &CRYO[..]), ("etl", &ETL[..])] {
        lists.iter().for_each(|(view, list)| assert_agrees(&database, schema, view, list));
        let views = format!("SELECT count(*) FROM duckdb_views() WHERE schema_name = '{schema}'");
        assert_eq!(value(&database, &views), Some(lists.len().to_string()));
    }
}

#[test]
fn cryo_shows_the_price_that_was_paid_and_every_approval_read_and_step() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let is = |select: &str, expected: &str| {
        assert_eq!(value(&database, select).as_deref(), Some(expected), "{select}")
    };
    // Signed: at most 20, and what the base fee leaves of it.
    is(
        "SELECT count(*) FROM cryo.transactions JOIN transactions AS ours USING (block_number, transaction_index)
         WHERE cryo.transactions.gas_price IS DISTINCT FROM effective_gas_price",
        "0",
    );
    is("SELECT count(*) > 0 FROM transactions WHERE max_fee_per_gas <> effective_gas_price", "true");
    let same = |view: &str, table: &str| {
        let count = |from: &str| value(&database, &format!("SELECT count(*) FROM {from}"));
        assert!(
            count(view) == count(table) && count(view).as_deref() != Some("0"),
            "{view}: {:?}",
            count(view)
        );
    };
    same("cryo.erc20_approvals", "erc20_approvals");
    same("cryo.geth_opcodes", "opcodes");
    for table in ["balance_reads", "nonce_reads", "code_reads", "storage_reads"] {
        same(&format!("cryo.{table}"), &format!("{table} WHERE transaction_index IS NOT NULL"));
    }
    is("SELECT sum(count) = (SELECT sum(count) FROM four_byte_counts) FROM cryo.four_byte_counts", "true");
    is(
        "SELECT count(*) FROM cryo.address_appearances WHERE relationship IN ('log', 'author', 'withdrawal')",
        "0",
    );
    is("SELECT bool_and(length(value_string) > 0) FROM cryo.erc20_approvals", "true");
}
