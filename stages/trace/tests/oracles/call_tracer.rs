//! `traces` and `logs` against geth's callTracer.

use alloy::primitives::{Address, B256};
use blockmill_schemas::Dataset;
use blockmill_testkit::geth_tracers::TracerTest;
use blockmill_testkit::rows::{Row, rows};
use serde_json::{Value, json};

use crate::geth::{address, assert_same, data, difference_error_words, frames, quantity, replayed, tests};
use crate::replayed::Replayed;
use crate::trace_row::{Payloads, Trace, payload};
use crate::tree::Node;

#[test]
fn traces_say_what_call_tracer_says() {
    for folder in ["call_tracer", "call_tracer_withLog"] {
        for test in tests(folder).unwrap_or_default() {
            let (witness, replayed) = replayed(&test);
            let tree = frames(&test, &witness, &replayed);
            let used = replayed.transaction_number("gas_used");
            let mut geths = comparable(&test.result);
            difference_code_not_stored(&test, &tree.row, &mut geths);
            assert_same(&test, &call_frame(&tree, Some(used)), &geths);
        }
    }
}

#[test]
fn logs_are_those_that_call_tracer_keeps() {
    for test in tests("call_tracer_withLog").unwrap_or_default() {
        let (_, replayed) = replayed(&test);
        let mut geths = Vec::new();
        logs_in_order(&test.result, &mut geths);
        assert_eq!(logs(&replayed), geths, "{}", test.path.display());
    }
}

/// A row and those below it in the words of callTracer. `root_gas_used`: for the root.
fn call_frame(node: &Node, root_gas_used: Option<u64>) -> Value {
    let row = &node.row;
    let mut frame = json!({
        "type": type_of(row),
        "from": address(row.from.unwrap()),
        "gas": quantity(row.gas.unwrap_or(0)),
        "gasUsed": quantity(root_gas_used.unwrap_or_else(|| difference_gas_of_halts(row))),
        "input": data(row.input.as_ref().map_or(&[], |input| &input[..])),
    });
    let mut set = |name: &str, value: Option<Value>| value.map(|value| frame[name] = value);
    set("to", row.to.map(address));
    set("output", row.output.as_ref().filter(|output| !output.is_empty()).map(|output| data(output)));
    set("error", row.error.as_ref().map(|error| json!(error)));
    set("revertReason", row.revert_reason.as_ref().map(|reason| json!(reason)));
    // Difference "value of a staticcall": parity says zero, callTracer nothing.
    set("value", row.value.filter(|_| type_of(row) != "STATICCALL").map(quantity));
    let calls = node.children.iter().map(|child| call_frame(child, None)).collect::<Vec<_>>();
    set("calls", (!calls.is_empty()).then_some(Value::Array(calls)));
    frame
}

fn type_of(row: &Trace) -> String {
    row.call_type.as_deref().unwrap_or("selfdestruct").to_uppercase()
}

/// Difference "gas of halts": parity has no result there. An exceptional halt uses all gas, a frame that is refused
/// before it is entered none.
fn difference_gas_of_halts(row: &Trace) -> u64 {
    let refused = row.error.as_deref() == Some("insufficient balance for transfer");
    row.gas_used.unwrap_or(if refused { 0 } else { row.gas.unwrap_or(0) })
}

/// Difference "code not stored": before Homestead a creation whose gas does not pay for its code succeeds without code.
/// geth shows the code that was not stored; we show none, as the contract has none.
fn difference_code_not_stored(test: &TracerTest, root: &Trace, geths: &mut Value) {
    let stored_nothing =
        root.trace_type == "create" && root.output.as_ref().is_some_and(|code| code.is_empty());
    if stored_nothing && !test.spec.is_homestead(test.block.number()) {
        geths.as_object_mut().unwrap().remove("output");
    }
}

/// geth's tree without the logs, which are compared with their own table, and in parity's words.
fn comparable(frame: &Value) -> Value {
    let mut frame = frame.clone();
    let fields = frame.as_object_mut().unwrap();
    fields.remove("logs");
    if let Some(Value::String(error)) = fields.get_mut("error") {
        *error = difference_error_words(error).to_owned();
    }
    if let Some(Value::Array(calls)) = fields.get_mut("calls") {
        calls.iter_mut().for_each(|call| *call = comparable(call));
    }
    frame
}

#[derive(Debug, PartialEq, Eq)]
struct LogFields {
    address: Address,
    topics: Vec<B256>,
    data: Value,
}

/// Before each call a frame's logs with the position of that call come, then the call's.
fn logs_in_order(frame: &Value, found: &mut Vec<LogFields>) {
    let list = |name: &str| frame[name].as_array().cloned().unwrap_or_default();
    let (calls, logs) = (list("calls"), list("logs"));
    for position in 0..=calls.len() {
        let here = |log: &&Value| log["position"] == quantity(position as u64);
        found.extend(logs.iter().filter(here).map(log_fields));
        if let Some(call) = calls.get(position) {
            logs_in_order(call, found);
        }
    }
}

fn log_fields(log: &Value) -> LogFields {
    let parsed = |value: &Value| value.as_str().unwrap().to_owned();
    LogFields {
        address: parsed(&log["address"]).parse().unwrap(),
        topics: log["topics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|topic| parsed(topic).parse().unwrap())
            .collect(),
        data: log["data"].clone(),
    }
}

fn logs(replayed: &Replayed) -> Vec<LogFields> {
    let Some(batch) = replayed.batch(Dataset::Logs) else { return Vec::new() };
    let payloads = replayed.payloads();
    rows(batch).map(|row| log_row(row, &payloads)).collect()
}

fn log_row(row: Row<'_>, payloads: &Payloads) -> LogFields {
    let topic = |index: usize| row.word(&format!("topic{index}")).map(B256::from);
    LogFields {
        address: row.address("address").unwrap(),
        topics: (0..4).map_while(topic).collect(),
        data: data(&payload(payloads, row, "data").unwrap()),
    }
}
