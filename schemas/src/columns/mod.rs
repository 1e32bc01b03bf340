//! The column kinds that tables are made of: how a value of the chain becomes Arrow.

mod binary;
mod codes;
mod label;
mod list;
mod number;
mod optional;
mod payload;
mod record;
mod repeated;
mod wei;
mod words;

use arrow::array::ArrayRef;
use arrow::datatypes::Field;

pub(crate) use binary::{Bytes, Fixed, Text};
pub(crate) use codes::{Code, Codes};
pub(crate) use label::{Label, Labels};
pub(crate) use list::{Items, List};
pub(crate) use number::{Flag, Number, Timestamp, UInt8, UInt32, UInt64};
pub(crate) use optional::Optional;
pub(crate) use payload::BytesWithHash;
pub(crate) use record::record;
pub(crate) use repeated::Repeated;
pub(crate) use wei::{Wei, WeiWithTwin};
pub(crate) use words::Words;

/// A column under construction; a few kinds stand for two neighbouring Arrow columns.
///
/// `push` and `push_null` return the bytes that the value takes in the buffers. Variable-size kinds use 32-bit
/// offsets, so a batch must be finished well before it holds 2 GiB.
pub(crate) trait ColumnBuilder: Default {
    /// What a row gives it.
    type Value<'a>;

    /// Its Arrow fields, the first of them called `name`.
    fn fields(name: &str) -> Vec<Field>;

    /// Appends a value; returns its size in bytes.
    fn push(&mut self, value: Self::Value<'_>) -> usize;

    /// Appends a NULL; returns its size in bytes.
    fn push_null(&mut self) -> usize;

    /// Takes what was pushed, an array per field, and leaves the column empty.
    fn finish(&mut self) -> Vec<ArrayRef>;
}
