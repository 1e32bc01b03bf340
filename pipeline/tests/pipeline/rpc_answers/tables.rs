//! Blocks, transactions, receipts, logs and traces as JSON-RPC, out of SQL over the `hex` views.

use alloy::primitives::{U256, logs_bloom};
use alloy::rpc::types::Log;
use serde_json::{Map, Value, json};

use super::objects;
use crate::harness::Tables;

/// The number of the block that a parameter names: a tag, a hash or a number. `None` where there is no such block.
pub(super) fn number_of(tables: &Tables, block: &Value) -> Option<u64> {
    let is_it = match block.as_str().unwrap() {
        // geth was told before it was asked that the head is safe and final.
        "latest" | "safe" | "finalized" => "block_number = (SELECT max(block_number) FROM blocks)".to_owned(),
        "earliest" => "block_number = 0".to_owned(),
        hash if hash.len() == 66 => format!("block_hash = '{hash}'"),
        number => format!("block_number = {}", number.parse::<U256>().unwrap()),
    };
    let number = tables.value(&format!("SELECT block_number FROM hex.blocks WHERE {is_it}"));
    number.map(|number| number.parse().unwrap())
}

/// `eth_getBlockByNumber`.
pub(super) fn block(tables: &Tables, params: &[Value]) -> Value {
    let Some(number) = number_of(tables, &params[0]) else { return Value::Null };
    let mut block = only(select_objects(
        tables,
        &format!("SELECT {} FROM hex.blocks WHERE block_number = {number}", objects::block()),
    ));
    if params[1] == true {
        block["transactions"] = Value::Array(transactions(tables, &format!("block_number = {number}")));
    }
    block
}

/// `eth_getTransactionByHash`.
pub(super) fn transaction(tables: &Tables, params: &[Value]) -> Value {
    only(transactions(tables, &has_hash(&params[0])))
}

/// `eth_getTransactionReceipt`.
pub(super) fn receipt(tables: &Tables, params: &[Value]) -> Value {
    only(receipts(tables, &has_hash(&params[0])))
}

/// `eth_getBlockReceipts`.
pub(super) fn block_receipts(tables: &Tables, params: &[Value]) -> Value {
    let Some(number) = number_of(tables, &params[0]) else { return Value::Null };
    receipts(tables, &format!("block_number = {number}")).into()
}

/// `eth_getLogs`.
pub(super) fn logs(tables: &Tables, params: &[Value]) -> Value {
    select_logs(tables, &log_filter(tables, params[0].as_object().unwrap())).into()
}

/// `debug_traceTransaction`.
pub(super) fn trace_transaction(tables: &Tables, params: &[Value]) -> Value {
    only(select_objects(tables, &select_root_frames(&objects::trace(), &has_hash(&params[0]))))
}

/// `debug_traceBlockByNumber` and `debug_traceBlockByHash`.
pub(super) fn trace_block(tables: &Tables, params: &[Value]) -> Value {
    let number = number_of(tables, &params[0]).unwrap();
    select_objects(tables, &select_root_frames(&objects::named_trace(), &format!("block_number = {number}")))
        .into()
}

fn has_hash(hash: &Value) -> String {
    format!("transaction_hash = '{}'", hash.as_str().unwrap())
}

/// The rows of a query of one JSON column.
fn select_objects(tables: &Tables, select: &str) -> Vec<Value> {
    let rows = tables.query(select).rows.into_iter();
    rows.map(|row| serde_json::from_str(row[0].as_deref().unwrap()).unwrap()).collect()
}

/// The only element, or null for none.
fn only(mut found: Vec<Value>) -> Value {
    assert!(found.len() <= 1, "{found:?}");
    found.pop().unwrap_or_default()
}

fn transactions(tables: &Tables, wanted: &str) -> Vec<Value> {
    let rows = "hex.transactions JOIN hex.blocks USING (block_number)";
    let order = "block_number, transaction_index";
    select_objects(
        tables,
        &format!("SELECT {} FROM {rows} WHERE {wanted} ORDER BY {order}", objects::transaction()),
    )
}

fn receipts(tables: &Tables, wanted: &str) -> Vec<Value> {
    let rows = "hex.transactions JOIN hex.blocks USING (block_number)";
    let order = "block_number, transaction_index";
    let select = format!("SELECT {} FROM {rows} WHERE {wanted} ORDER BY {order}", objects::receipt());
    let mut receipts = select_objects(tables, &select);
    let logs = select_logs(tables, wanted);
    for receipt in &mut receipts {
        let mine = logs.iter().filter(|log| log["transactionHash"] == receipt["transactionHash"]);
        let mine = Value::from_iter(mine.cloned());
        // The one field that no column holds: it follows from the logs.
        let mine_parsed: Vec<Log> = serde_json::from_value(mine.clone()).unwrap();
        receipt["logsBloom"] = json!(logs_bloom(mine_parsed.iter().map(|log| &log.inner)));
        receipt["logs"] = mine;
    }
    receipts
}

fn select_logs(tables: &Tables, wanted: &str) -> Vec<Value> {
    let rows = "hex.logs JOIN hex.blocks USING (block_number)";
    let order = "block_number, log_index";
    select_objects(tables, &format!("SELECT {} FROM {rows} WHERE {wanted} ORDER BY {order}", objects::log()))
}

fn log_filter(tables: &Tables, filter: &Map<String, Value>) -> String {
    let end = |name| {
        let block = filter.get(name).or(filter.get("blockHash")).cloned();
        number_of(tables, &block.unwrap_or_else(|| "latest".into())).unwrap()
    };
    let mut conditions = vec![format!("block_number BETWEEN {} AND {}", end("fromBlock"), end("toBlock"))];
    conditions.extend(filter.get("address").and_then(|wanted| is_one_of("address", wanted)));
    let topics = filter.get("topics").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (position, wanted) in topics.iter().enumerate() {
        conditions.push(format!("topic{position} IS NOT NULL"));
        conditions.extend(is_one_of(&format!("topic{position}"), wanted));
    }
    conditions.join(" AND ")
}

/// The condition that a column is `wanted`, or in the list of it; `None` for null and the empty list, which are
/// wildcards.
fn is_one_of(column: &str, wanted: &Value) -> Option<String> {
    let values = match wanted {
        Value::Null => return None,
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let values: Vec<_> = values.iter().map(|value| format!("'{}'", value.as_str().unwrap())).collect();
    (!values.is_empty()).then(|| format!("{column} IN ({})", values.join(", ")))
}

fn select_root_frames(element: &str, wanted: &str) -> String {
    format!(
        "SELECT {element} FROM hex.traces
        JOIN hex.transactions USING (block_number, transaction_index, transaction_hash)
        WHERE trace_address = [] AND {wanted} ORDER BY trace_index"
    )
}
