//! Rows of `traces`, read back out of Arrow.

use std::collections::HashMap;

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Decimal128Type, UInt32Type, UInt64Type};
use arrow::record_batch::RecordBatch;
use blockmill_schemas::rows::MOST_BYTES_IN_PLACE;

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
    let (nothing, mut payloads) = (Payloads::new(), Payloads::new());
    let pieces = batches.flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    for (batch, row) in pieces {
        let columns = Columns(batch, &nothing);
        let whole = payloads.entry(columns.hash("payload_hash", row).unwrap()).or_default();
        assert_eq!(whole.len(), columns.uint32("piece_index", row).unwrap() as usize * MOST_BYTES_IN_PLACE);
        whole.extend_from_slice(&columns.short("piece", row).unwrap());
    }
    assert!(payloads.iter().all(|(hash, whole)| *hash == keccak256(whole)));
    payloads
}

pub(crate) fn traces_of(batch: &RecordBatch, payloads: &Payloads) -> Vec<Trace> {
    let columns = Columns(batch, payloads);
    (0..batch.num_rows()).map(|row| trace(&columns, row)).collect()
}

fn trace(columns: &Columns<'_>, row: usize) -> Trace {
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
        input: columns.bytes("input", row),
        output: columns.bytes("output", row),
        subtraces: columns.uint32("subtraces", row).unwrap(),
        error: columns.text("error", row),
        revert_reason: columns.text("revert_reason", row),
        success: columns.flag("success", row).unwrap(),
        transaction_success: columns.flag("transaction_success", row),
        reward_type: columns.text("reward_type", row),
    }
}

struct Columns<'a>(&'a RecordBatch, &'a Payloads);

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

    fn hash(&self, name: &str, row: usize) -> Option<B256> {
        self.at(name, row).map(|column| B256::from_slice(column.as_fixed_size_binary().value(row)))
    }

    fn bytes(&self, name: &str, row: usize) -> Option<Bytes> {
        match self.hash(&format!("{name}_hash"), row) {
            Some(hash) => Some(Bytes::copy_from_slice(&self.1[&hash])),
            None => self.short(name, row),
        }
    }

    fn short(&self, name: &str, row: usize) -> Option<Bytes> {
        self.at(name, row).map(|column| Bytes::copy_from_slice(column.as_binary::<i32>().value(row)))
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
