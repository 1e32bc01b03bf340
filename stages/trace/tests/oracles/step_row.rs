//! Rows of `opcodes`, read back out of Arrow.

use alloy::primitives::{Address, U256};
use arrow::array::{Array, ArrayAccessor, ArrayRef, AsArray, BinaryArray};
use arrow::datatypes::{UInt8Type, UInt32Type, UInt64Type};
use arrow::record_batch::RecordBatch;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) transaction_index: u32,
    pub(crate) step: u32,
    pub(crate) depth: u32,
    pub(crate) trace_index: u32,
    pub(crate) address: Address,
    pub(crate) pc: u32,
    pub(crate) op: String,
    pub(crate) gas: u64,
    pub(crate) gas_cost: Option<u64>,
    pub(crate) refund: u64,
    pub(crate) stack: Option<Vec<U256>>,
    pub(crate) error: Option<String>,
}

pub(crate) fn steps_of(batch: &RecordBatch) -> Vec<Step> {
    (0..batch.num_rows()).map(|row| step(batch, row)).collect()
}

fn step(batch: &RecordBatch, row: usize) -> Step {
    let at = |name: &str| column(batch, name);
    let u32_at = |name: &str| at(name).as_primitive::<UInt32Type>().value(row);
    let u64_at = |name: &str| at(name).as_primitive::<UInt64Type>().value(row);
    let op = at("op").as_dictionary::<UInt8Type>();
    let address = at("address").as_dictionary::<UInt32Type>().downcast_dict::<BinaryArray>().unwrap();
    Step {
        transaction_index: u32_at("transaction_index"),
        step: u32_at("step"),
        depth: u32_at("depth"),
        trace_index: u32_at("trace_index"),
        address: Address::from_slice(address.value(row)),
        pc: u32_at("pc"),
        op: op.values().as_string::<i32>().value(usize::from(op.keys().value(row))).to_owned(),
        gas: u64_at("gas"),
        gas_cost: at("gas_cost").is_valid(row).then(|| u64_at("gas_cost")),
        refund: u64_at("refund"),
        stack: at("stack").is_valid(row).then(|| words(at("stack"), row)),
        error: at("error").is_valid(row).then(|| at("error").as_string::<i32>().value(row).to_owned()),
    }
}

fn words(column: &ArrayRef, row: usize) -> Vec<U256> {
    let list = column.as_list::<i32>().value(row);
    let words = list.as_binary::<i32>();
    (0..words.len()).map(|at| U256::from_be_slice(words.value(at))).collect()
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"))
}
