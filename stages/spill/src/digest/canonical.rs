//! Values as canonical bytes: a validity byte, then numbers little-endian, byte strings and text after their
//! length, lists as their length and items, structs as their fields, dictionary keys as what they stand for.
//!
//! A fixed-width byte string comes after its length too: DuckDB knows only BLOB, and a table read back from
//! there has the same digest.

use std::ops::Range;

use arrow::array::{
    AnyDictionaryArray, Array, AsArray, BinaryArray, BooleanArray, FixedSizeBinaryArray, StringArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{
    DataType, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};

use super::sink::Sink;
use super::spelled::Spelled;

/// An array that knows how to put its rows.
pub(super) struct CanonicalColumn<'a> {
    pub(super) nulls: Option<&'a NullBuffer>,
    pub(super) values: Values<'a>,
}

pub(super) enum Values<'a> {
    Boolean(&'a BooleanArray),
    UInt8(&'a [u8]),
    UInt16(&'a [u16]),
    UInt32(&'a [u32]),
    UInt64(&'a [u64]),
    Int64(&'a [i64]),
    Int128(&'a [i128]),
    FixedBytes(&'a FixedSizeBinaryArray),
    Bytes(&'a BinaryArray),
    Text(&'a StringArray),
    List { offsets: &'a OffsetBuffer<i32>, items: Box<CanonicalColumn<'a>> },
    Struct(Vec<CanonicalColumn<'a>>),
    Dictionary { keys: Vec<usize>, values: Box<CanonicalColumn<'a>> },
}

impl<'a> CanonicalColumn<'a> {
    /// `None` where no canonical bytes are defined for the type.
    pub(super) fn new(array: &'a dyn Array) -> Option<Self> {
        Some(Self { nulls: array.nulls(), values: Values::new(array)? })
    }

    /// Puts the values of so many rows, from the first on.
    pub(super) fn put_all(&self, rows: usize, out: &mut Sink<'_>) {
        match (&self.values, self.nulls.map_or(0, NullBuffer::null_count)) {
            (_, nulls) if nulls == rows => out.put_each((0..rows).map(|_| [0])),
            (Values::UInt32(values), 0) => {
                out.put_each(values.iter().map(|v| valid::<4, 5>(v.to_le_bytes())))
            }
            (Values::UInt64(values), 0) => {
                out.put_each(values.iter().map(|v| valid::<8, 9>(v.to_le_bytes())))
            }
            (Values::Dictionary { keys, values }, 0) => match Spelled::new(values, rows) {
                Some(spelled) => keys.iter().for_each(|key| out.put(spelled.value(*key))),
                None => keys.iter().for_each(|key| values.put(*key, out)),
            },
            _ => (0..rows).for_each(|row| self.put(row, out)),
        }
    }

    /// Puts the items of a list.
    fn put_items(&self, items: Range<usize>, out: &mut Sink<'_>) {
        match (&self.values, self.nulls.map_or(0, NullBuffer::null_count)) {
            (Values::Bytes(values), 0) => items.for_each(|item| out.put_valid_bytes(values.value(item))),
            _ => items.for_each(|item| self.put(item, out)),
        }
    }

    /// Puts the value of one row.
    pub(super) fn put(&self, row: usize, out: &mut Sink<'_>) {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            return out.put(&[0]);
        }
        // The value that a key stands for says itself whether it is there.
        if let Values::Dictionary { keys, values } = &self.values {
            return values.put(keys[row], out);
        }
        out.put(&[1]);
        self.values.put(row, out);
    }
}

impl<'a> Values<'a> {
    fn new(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Boolean => Self::Boolean(array.as_boolean()),
            DataType::UInt8 => Self::UInt8(array.as_primitive::<UInt8Type>().values()),
            DataType::UInt16 => Self::UInt16(array.as_primitive::<UInt16Type>().values()),
            DataType::UInt32 => Self::UInt32(array.as_primitive::<UInt32Type>().values()),
            DataType::UInt64 => Self::UInt64(array.as_primitive::<UInt64Type>().values()),
            DataType::Int64 => Self::Int64(array.as_primitive::<Int64Type>().values()),
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                Self::Int64(array.as_primitive::<TimestampMicrosecondType>().values())
            }
            DataType::Decimal128(_, 0) => Self::Int128(array.as_primitive::<Decimal128Type>().values()),
            DataType::FixedSizeBinary(_) => Self::FixedBytes(array.as_fixed_size_binary()),
            DataType::Binary => Self::Bytes(array.as_binary()),
            DataType::Utf8 => Self::Text(array.as_string()),
            _ => return Self::nested(array),
        })
    }

    fn nested(array: &'a dyn Array) -> Option<Self> {
        let boxed = |inner| CanonicalColumn::new(inner).map(Box::new);
        match array.data_type() {
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Some(Self::List { offsets: list.offsets(), items: boxed(list.values().as_ref())? })
            }
            DataType::Struct(_) => {
                let fields = array.as_struct().columns().iter();
                fields
                    .map(|field| CanonicalColumn::new(field.as_ref()))
                    .collect::<Option<_>>()
                    .map(Self::Struct)
            }
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary();
                Some(Self::Dictionary {
                    keys: keys_of(dictionary),
                    values: boxed(dictionary.values().as_ref())?,
                })
            }
            _ => None,
        }
    }

    /// `row` is valid and this is not a dictionary.
    fn put(&self, row: usize, out: &mut Sink<'_>) {
        match self {
            Self::Boolean(values) => out.put(&[u8::from(values.value(row))]),
            Self::UInt8(values) => out.put(&[values[row]]),
            Self::UInt16(values) => out.put(&values[row].to_le_bytes()),
            Self::UInt32(values) => out.put(&values[row].to_le_bytes()),
            Self::UInt64(values) => out.put(&values[row].to_le_bytes()),
            Self::Int64(values) => out.put(&values[row].to_le_bytes()),
            Self::Int128(values) => out.put(&values[row].to_le_bytes()),
            Self::FixedBytes(values) => out.put_bytes(values.value(row)),
            Self::Bytes(values) => out.put_bytes(values.value(row)),
            Self::Text(values) => out.put_bytes(values.value(row).as_bytes()),
            Self::List { offsets, items } => {
                let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
                out.put_len(end - start);
                items.put_items(start..end, out);
            }
            Self::Struct(fields) => fields.iter().for_each(|field| field.put(row, out)),
            Self::Dictionary { keys, values } => values.put(keys[row], out),
        }
    }
}

/// A number that is there.
#[inline]
fn valid<const BYTES: usize, const WITH_MARK: usize>(number: [u8; BYTES]) -> [u8; WITH_MARK] {
    let mut bytes = [1; WITH_MARK];
    bytes[1..].copy_from_slice(&number);
    bytes
}

/// Where the dictionary is empty every key is NULL and none is resolved.
fn keys_of(dictionary: &dyn AnyDictionaryArray) -> Vec<usize> {
    if dictionary.values().is_empty() { Vec::new() } else { dictionary.normalized_keys() }
}
