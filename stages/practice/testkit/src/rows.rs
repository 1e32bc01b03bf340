//! Rows of record batches, value by value.

use alloy::primitives::{Address, U256};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, UInt32Type, UInt64Type};

/// A row of a batch. A column that the batch does not have, or of another type, is a panic: a test asked for it.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a>(&'a RecordBatch, usize);

/// The rows of a batch, in order.
pub fn rows(batch: &RecordBatch) -> impl Iterator<Item = Row<'_>> {
    (0..batch.num_rows()).map(move |row| Row(batch, row))
}

impl<'a> Row<'a> {
    fn column(self, name: &str) -> Option<&'a dyn Array> {
        let column = self.0.column_by_name(name).unwrap_or_else(|| panic!("there is no column {name}"));
        column.is_valid(self.1).then_some(column.as_ref())
    }

    /// An address; `None` for NULL.
    pub fn address(self, name: &str) -> Option<Address> {
        self.column(name).map(|column| Address::from_slice(column.as_fixed_size_binary().value(self.1)))
    }

    /// A word of 32 bytes; `None` for NULL.
    pub fn word(self, name: &str) -> Option<U256> {
        self.column(name).map(|column| U256::from_be_slice(column.as_fixed_size_binary().value(self.1)))
    }

    /// A UBIGINT; `None` for NULL.
    pub fn number(self, name: &str) -> Option<u64> {
        self.column(name).map(|column| column.as_primitive::<UInt64Type>().value(self.1))
    }

    /// A UINTEGER; `None` for NULL.
    pub fn index(self, name: &str) -> Option<u32> {
        self.column(name).map(|column| column.as_primitive::<UInt32Type>().value(self.1))
    }

    /// A byte string; `None` for NULL.
    pub fn bytes(self, name: &str) -> Option<&'a [u8]> {
        self.column(name).map(|column| column.as_binary::<i32>().value(self.1))
    }

    /// Text; `None` for NULL.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.column(name).map(|column| column.as_string::<i32>().value(self.1))
    }

    /// An amount, out of the column or its twin `NAME_u256`; `None` where both are NULL.
    pub fn amount(self, name: &str) -> Option<U256> {
        let decimal = |column: &dyn Array| U256::from(column.as_primitive::<Decimal128Type>().value(self.1));
        self.column(name).map(decimal).or_else(|| self.word(&format!("{name}_u256")))
    }

    /// An amount in a column that has no twin; `None` for NULL.
    pub fn decimal(self, name: &str) -> Option<U256> {
        self.column(name).map(|column| U256::from(column.as_primitive::<Decimal128Type>().value(self.1)))
    }
}
