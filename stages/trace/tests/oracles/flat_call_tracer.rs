//! `traces` against geth's flatCallTracer, which writes parity's format.

use blockmill_testkit::geth_tracers::TracerTest;
use serde_json::{Map, Value, json};

use crate::geth::{
    address, assert_same, data, difference_error_words, frames, is_precompile, quantity, replayed, tests,
};
use crate::trace_row::Trace;

#[test]
fn traces_say_what_flat_call_tracer_says() {
    for test in tests("call_tracer_flat").unwrap_or_default() {
        let (witness, replayed) = replayed(&test);
        let mut tree = frames(&test, &witness, &replayed);
        if test.tracer_config["includePrecompiles"] != json!(true) {
            tree = tree.without(&|row| difference_precompiles(&test, row));
        }
        let ours: Vec<Value> = tree.flatten().iter().map(flat_frame).collect();
        let geths: Vec<Value> = test.result.as_array().unwrap().iter().map(comparable).collect();
        assert_same(&test, &Value::Array(ours), &Value::Array(geths));
    }
}

/// Difference "precompiles": geth leaves out CALL and STATICCALL to a precompile, whatever the value; parity every kind
/// of call to one, where its value is zero.
fn difference_precompiles(test: &TracerTest, row: &Trace) -> bool {
    let geth_looks_at = matches!(row.call_type.as_deref(), Some("call" | "staticcall"));
    geth_looks_at && row.to.is_some_and(|to| is_precompile(test, to))
}

/// A row in the words of the flat format.
fn flat_frame(row: &Trace) -> Value {
    let mut frame = json!({
        "action": action(row),
        "subtraces": row.subtraces,
        "traceAddress": row.trace_address,
        "type": row.trace_type,
    });
    if let Some(error) = &row.error {
        frame["error"] = json!(error);
    }
    if let Some(result) = result(row) {
        frame["result"] = result;
    }
    frame
}

fn action(row: &Trace) -> Value {
    let from = address(row.from.unwrap());
    let value = quantity(row.value.unwrap());
    let to = || address(row.to.unwrap());
    let gas = || quantity(row.gas.unwrap());
    let input = || data(row.input.as_ref().unwrap());
    match row.trace_type.as_str() {
        "call" => json!({
            "callType": row.call_type, "from": from, "to": to(), "value": value, "gas": gas(), "input": input(),
        }),
        "create" => json!({ "from": from, "value": value, "gas": gas(), "init": input() }),
        "suicide" => json!({ "address": from, "refundAddress": to(), "balance": value }),
        other => panic!("{other} is no frame"),
    }
}

fn result(row: &Trace) -> Option<Value> {
    let gas_used = quantity(row.gas_used?);
    let output = data(row.output.as_ref()?);
    if row.trace_type == "call" {
        return Some(json!({ "gasUsed": gas_used, "output": output }));
    }
    let mut result = json!({ "gasUsed": gas_used, "code": output });
    if let Some(created) = row.to {
        result["address"] = address(created);
    }
    Some(result)
}

/// geth's frame in parity's words, without what is not in `traces`: the coordinates, which belong to the test's real
/// block, the creation method, and fields of other types of frames (one test writes all of them, zero).
fn comparable(frame: &Value) -> Value {
    let mut frame: Map<String, Value> = frame.as_object().unwrap().clone();
    for coordinate in ["blockHash", "blockNumber", "transactionHash", "transactionPosition"] {
        frame.remove(coordinate);
    }
    let (action, result): (&[_], &[_]) = match frame["type"].as_str().unwrap() {
        "call" => (&["callType", "from", "to", "value", "gas", "input"], &["gasUsed", "output"]),
        "create" => (&["from", "value", "gas", "init"], &["gasUsed", "code", "address"]),
        _ => (&["address", "refundAddress", "balance"], &[]),
    };
    keep(&mut frame, "action", action);
    keep(&mut frame, "result", result);
    let is_call = frame["type"] == "call";
    write_out(&mut frame, "action", "input", is_call);
    write_out(&mut frame, "result", "output", is_call);
    if let Some(Value::String(error)) = frame.get_mut("error") {
        *error = difference_error_words(error).to_owned();
    }
    Value::Object(frame)
}

/// Some tests leave out bytes that are empty.
fn write_out(frame: &mut Map<String, Value>, field: &str, bytes: &str, expected: bool) {
    if let Some(Value::Object(object)) = frame.get_mut(field).filter(|_| expected) {
        object.entry(bytes).or_insert(json!("0x"));
    }
}

/// Reduces the object in a field to some of its fields; removes the field where it is null or nothing is left.
fn keep(frame: &mut Map<String, Value>, field: &str, fields: &[&str]) {
    let Some(Value::Object(mut object)) = frame.remove(field) else { return };
    object.retain(|name, _| fields.contains(&name.as_str()));
    if !object.is_empty() {
        frame.insert(field.to_owned(), Value::Object(object));
    }
}
