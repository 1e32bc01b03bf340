//! Rows of `traces`, read back out of Arrow.

use std::collections::HashMap;

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Decimal128Type, UInt32Type, UInt64Type};
use arrow::record_batch::RecordBatch;
use blockmill_schemas::rows::MOST_BYTES_IN_PLACE;
use blockmill_testkit::rows::{Row, rows};

/// One row. `value` is whichever of the two columns holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) transaction_index: Option<u32>,
    pub(crate) trace_index: u32,
    pub(crate) trace_address: Vec<u32>,
    pub(crate) trace_type: String,
    pub(crate) call_type: Option<String>,
    pub(crate) from: Option<Address>,
    pub(crate) to: Option<Address>,
    pub(crate) value: Option<U256>,
    pub(crate) gas: Option<u64>,
    pub(crate) gas_used: Option<u64>,
    pub(crate) input: Option<Bytes>,
    pub(crate) output: Option<Bytes>,
    pub(crate) subtraces: u32,
    pub(crate) error: Option<String>,
    pub(crate) revert_reason: Option<String>,
    pub(crate) success: bool,
    pub(crate) transaction_success: Option<bool>,
    pub(crate) reward_type: Option<String>,
}

/// Byte strings that are too long for their rows, by their hash.
pub(crate) type Payloads = HashMap<B256, Vec<u8>>;

/// The payloads of a block out of their pieces.
pub(crate) fn payloads_of<'a>(batches: impl Iterator<Item = &'a RecordBatch>) -> Payloads {
    let mut payloads = Payloads::new();
    for row in batches.flat_map(rows) {
        let whole = payloads.entry(row.word("payload_hash").unwrap().into()).or_default();
        assert_eq!(whole.len(), row.index("piece_index").unwrap() as usize * MOST_BYTES_IN_PLACE);
        whole.extend_from_slice(row.bytes("piece").unwrap());
    }
    assert!(payloads.iter().all(|(hash, whole)| *hash == keccak256(whole)));
    payloads
}

/// A byte string that a row has, or names where it is long.
pub(crate) fn payload(payloads: &Payloads, row: Row<'_>, column: &str) -> Option<Vec<u8>> {
    match row.word(&format!("{column}_hash")) {
        Some(hash) => Some(payloads[&B256::from(hash)].clone()),
        None => row.bytes(column).map(<[u8]>::to_vec),
    }
}

pub(crate) fn traces_of(batch: &RecordBatch, payloads: &Payloads) -> Vec<Trace> {
    let columns = Columns(batch);
    rows(batch)
        .enumerate()
        .map(|(at, row)| trace(&columns, at, |name| payload(payloads, row, name)))
        .collect()
}

fn trace(columns: &Columns<'_>, row: usize, payload: impl Fn(&str) -> Option<Vec<u8>>) -> Trace {
    Trace {
        transaction_index: columns.uint32("transaction_index", row),
        trace_index: columns.uint32("trace_index", row).unwrap(),
        trace_address: columns.path(row),
        trace_type: columns.text("trace_type", row).unwrap(),
        call_type: columns.text("call_type", row),
        from: columns.address("from_address", row),
        to: columns.address("to_address", row),
        value: columns.wei(row),
        gas: columns.uint64("gas", row),
        gas_used: columns.uint64("gas_used", row),
        input: payload("input").map(Bytes::from),
        output: payload("output").map(Bytes::from),
        subtraces: columns.uint32("subtraces", row).unwrap(),
        error: columns.text("error", row),
        revert_reason: columns.text("revert_reason", row),
        success: columns.flag("success", row).unwrap(),
        transaction_success: columns.flag("transaction_success", row),
        reward_type: columns.text("reward_type", row),
    }
}

struct Columns<'a>(&'a RecordBatch);

impl Columns<'_> {
    /// The column, where the row has a value in it.
    fn at(&self, name: &str, row: usize) -> Option<&ArrayRef> {
        let column = self.0.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
        column.is_valid(row).then_some(column)
    }

    fn uint32(&self, name: &str, row: usize) -> Option<u32> {
        self.at(name, row).map(|column| column.as_primitive::<UInt32Type>().value(row))
    }

    fn uint64(&self, name: &str, row: usize) -> Option<u64> {
        self.at(name, row).map(|column| column.as_primitive::<UInt64Type>().value(row))
    }

    fn flag(&self, name: &str, row: usize) -> Option<bool> {
        self.at(name, row).map(|column| column.as_boolean().value(row))
    }

    fn text(&self, name: &str, row: usize) -> Option<String> {
        self.at(name, row).map(|column| column.as_string::<i32>().value(row).to_owned())
    }

    fn address(&self, name: &str, row: usize) -> Option<Address> {
        self.at(name, row).map(|column| Address::from_slice(column.as_fixed_size_binary().value(row)))
    }

    fn wei(&self, row: usize) -> Option<U256> {
        let small = self.at("value", row).map(|column| column.as_primitive::<Decimal128Type>().value(row));
        let large = self.at("value_u256", row).map(|column| column.as_fixed_size_binary().value(row));
        match (small, large) {
            (Some(_), Some(_)) => panic!("a value stands in both columns"),
            (Some(small), None) => Some(U256::from(small.unsigned_abs())),
            (None, large) => large.map(U256::from_be_slice),
        }
    }

    fn path(&self, row: usize) -> Vec<u32> {
        let list = self.at("trace_address", row).unwrap().as_list::<i32>().value(row);
        list.as_primitive::<UInt32Type>().values().to_vec()
    }
}
