//! Integers, truth values and points in time.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, BooleanBuilder, PrimitiveBuilder};
use arrow::datatypes::{DataType, Field, TimestampMicrosecondType, UInt8Type, UInt32Type, UInt64Type};

use super::ColumnBuilder;

pub(crate) type UInt8 = Number<UInt8Type>;
pub(crate) type UInt32 = Number<UInt32Type>;
pub(crate) type UInt64 = Number<UInt64Type>;

/// A column of unsigned integers.
#[derive(Debug)]
pub(crate) struct Number<T: ArrowPrimitiveType> {
    values: PrimitiveBuilder<T>,
}

impl<T: ArrowPrimitiveType> Default for Number<T> {
    fn default() -> Self {
        Self { values: PrimitiveBuilder::with_capacity(0) }
    }
}

impl<T: ArrowPrimitiveType> ColumnBuilder for Number<T> {
    type Value<'a> = T::Native;

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, T::DATA_TYPE, false)]
    }

    fn push(&mut self, value: T::Native) -> usize {
        self.values.append_value(value);
        size_of::<T::Native>()
    }

    fn push_null(&mut self) -> usize {
        self.values.append_null();
        size_of::<T::Native>()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.values.finish())]
    }
}

/// A BOOLEAN column.
#[derive(Debug)]
pub(crate) struct Flag {
    values: BooleanBuilder,
}

impl Default for Flag {
    fn default() -> Self {
        Self { values: BooleanBuilder::with_capacity(0) }
    }
}

impl ColumnBuilder for Flag {
    type Value<'a> = bool;

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, DataType::Boolean, false)]
    }

    /// A bit, counted as the byte it may open.
    fn push(&mut self, value: bool) -> usize {
        self.values.append_value(value);
        1
    }

    fn push_null(&mut self) -> usize {
        self.values.append_null();
        1
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.values.finish())]
    }
}

/// Seconds since 1970 UTC as microseconds without a zone: NULL after the year 294246, where DuckDB's
/// TIMESTAMP ends.
#[derive(Debug, Default)]
pub(crate) struct Timestamp {
    micros: Number<TimestampMicrosecondType>,
}

impl ColumnBuilder for Timestamp {
    type Value<'a> = u64;

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, TimestampMicrosecondType::DATA_TYPE, true)]
    }

    fn push(&mut self, seconds: u64) -> usize {
        match i64::try_from(seconds).ok().and_then(|s| s.checked_mul(1_000_000)) {
            Some(micros) => self.micros.push(micros),
            None => self.micros.push_null(),
        }
    }

    fn push_null(&mut self) -> usize {
        self.micros.push_null()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.micros.finish()
    }
}
