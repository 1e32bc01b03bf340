//! Lists of 256-bit words.

use std::sync::Arc;

use alloy::primitives::U256;
use arrow::array::{ArrayRef, BinaryArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;

use super::Items;

const WORD_BYTES: usize = 32;

/// The items of a list of words, big-endian. They travel as byte strings of any length: the Parquet writer copies each one of
/// a fixed width into memory of its own.
#[derive(Debug, Default)]
pub(crate) struct Words {
    bytes: Vec<u8>,
}

impl Items for Words {
    type Item = U256;

    fn data_type() -> DataType {
        DataType::Binary
    }

    #[inline]
    fn push_item(&mut self, word: &U256) -> usize {
        self.bytes.extend_from_slice(&word.to_be_bytes::<WORD_BYTES>());
        WORD_BYTES
    }

    fn finish_items(&mut self) -> ArrayRef {
        let bytes = std::mem::take(&mut self.bytes);
        let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(WORD_BYTES, bytes.len() / WORD_BYTES));
        Arc::new(BinaryArray::new(offsets, bytes.into(), None))
    }
}
