//! Byte strings that stay the same from row to row.

use std::sync::Arc;

use arrow::array::builder::PrimitiveBuilder;
use arrow::array::{ArrayRef, BinaryBuilder, DictionaryArray};
use arrow::datatypes::{DataType, Field, UInt32Type};

use super::ColumnBuilder;
use super::binary::FixedWidth;

/// A column that writes a value once for all rows in a row that have it. It travels as a dictionary, in which a value stands
/// as often as it comes anew.
#[derive(Debug)]
pub(crate) struct Repeated<T> {
    keys: PrimitiveBuilder<UInt32Type>,
    values: BinaryBuilder,
    last: Option<T>,
    last_key: u32,
}

impl<T> Default for Repeated<T> {
    fn default() -> Self {
        let (keys, values) = (PrimitiveBuilder::with_capacity(0), BinaryBuilder::with_capacity(0, 0));
        Self { keys, values, last: None, last_key: 0 }
    }
}

impl<T: FixedWidth + PartialEq> Repeated<T> {
    /// Appends a value that is not the last one.
    #[inline(never)]
    fn change(&mut self, value: T) -> usize {
        self.last_key = if self.last.is_some() { self.last_key + 1 } else { 0 };
        self.last = Some(value);
        self.values.append_value(value.bytes());
        T::WIDTH
    }
}

impl<T: FixedWidth + PartialEq> ColumnBuilder for Repeated<T> {
    type Value<'a> = T;

    fn fields(name: &str) -> Vec<Field> {
        let data_type = DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Binary));
        vec![Field::new(name, data_type, false)]
    }

    #[inline]
    fn push(&mut self, value: T) -> usize {
        let new = if self.last == Some(value) { 0 } else { self.change(value) };
        self.keys.append_value(self.last_key);
        new + size_of::<u32>()
    }

    fn push_null(&mut self) -> usize {
        self.keys.append_null();
        size_of::<u32>()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.last = None;
        vec![Arc::new(DictionaryArray::new(self.keys.finish(), Arc::new(self.values.finish())))]
    }
}
