//! Hashes, addresses and other words of a fixed width, byte strings, and text.

use std::marker::PhantomData;
use std::sync::Arc;

use alloy::primitives::{Address, B64, B256, Bloom, FixedBytes, U256};
use arrow::array::{ArrayRef, BinaryBuilder, FixedSizeBinaryBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};

use super::ColumnBuilder;

/// Bytes of one 32-bit offset.
const OFFSET_BYTES: usize = 4;

/// A value that is always the same number of bytes, numbers big-endian.
pub(crate) trait FixedWidth: Copy {
    type Bytes: AsRef<[u8]>;
    const WIDTH: usize;

    fn bytes(self) -> Self::Bytes;
}

macro_rules! fixed_width {
    ($($value:ty, $width:literal, $bytes:ident;)*) => {
        $(impl FixedWidth for $value {
            type Bytes = [u8; $width];
            const WIDTH: usize = $width;

            fn bytes(self) -> [u8; $width] {
                fixed_width!(@ $bytes self)
            }
        })*
    };
    (@ array $value:ident) => { $value.0 };
    (@ address $value:ident) => { $value.0.0 };
    (@ big_endian $value:ident) => { $value.to_be_bytes() };
}

fixed_width! {
    B256, 32, array;
    B64, 8, array;
    FixedBytes<4>, 4, array;
    Bloom, 256, address;
    Address, 20, address;
    U256, 32, big_endian;
}

/// Bytes of a fixed width.
#[derive(Debug)]
pub(crate) struct Fixed<T: FixedWidth> {
    values: FixedSizeBinaryBuilder,
    value: PhantomData<T>,
}

impl<T: FixedWidth> Default for Fixed<T> {
    fn default() -> Self {
        Self { values: FixedSizeBinaryBuilder::with_capacity(0, T::WIDTH as i32), value: PhantomData }
    }
}

impl<T: FixedWidth> ColumnBuilder for Fixed<T> {
    type Value<'a> = T;

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, DataType::FixedSizeBinary(T::WIDTH as i32), false)]
    }

    fn push(&mut self, value: T) -> usize {
        self.values.append_value(value.bytes()).expect("the type fixes the width");
        T::WIDTH
    }

    fn push_null(&mut self) -> usize {
        self.values.append_null();
        T::WIDTH
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.values.finish())]
    }
}

/// A BLOB column of variable length.
#[derive(Debug)]
pub(crate) struct Bytes {
    values: BinaryBuilder,
}

impl Default for Bytes {
    fn default() -> Self {
        Self { values: BinaryBuilder::with_capacity(0, 0) }
    }
}

impl ColumnBuilder for Bytes {
    type Value<'a> = &'a [u8];

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, DataType::Binary, false)]
    }

    fn push(&mut self, value: &[u8]) -> usize {
        self.values.append_value(value);
        value.len() + OFFSET_BYTES
    }

    fn push_null(&mut self) -> usize {
        self.values.append_null();
        OFFSET_BYTES
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.values.finish())]
    }
}

/// A VARCHAR column.
#[derive(Debug)]
pub(crate) struct Text {
    values: StringBuilder,
}

impl Default for Text {
    fn default() -> Self {
        Self { values: StringBuilder::with_capacity(0, 0) }
    }
}

impl ColumnBuilder for Text {
    type Value<'a> = &'a str;

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, DataType::Utf8, false)]
    }

    fn push(&mut self, value: &str) -> usize {
        self.values.append_value(value);
        value.len() + OFFSET_BYTES
    }

    fn push_null(&mut self) -> usize {
        self.values.append_null();
        OFFSET_BYTES
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.values.finish())]
    }
}
