//! Byte strings of any length, which wait in `payloads` where they are long.

use alloy::primitives::B256;
use arrow::array::ArrayRef;
use arrow::datatypes::Field;

use super::{Bytes, ColumnBuilder, Fixed, Optional};
use crate::rows::Payload;

/// A byte string `name`, followed by `name_hash`, which says where a long one is. Exactly one of them is
/// NULL.
#[derive(Debug, Default)]
pub(crate) struct BytesWithHash {
    short: Optional<Bytes>,
    hash: Optional<Fixed<B256>>,
}

impl ColumnBuilder for BytesWithHash {
    type Value<'a> = Payload<'a>;

    fn fields(name: &str) -> Vec<Field> {
        let hash = Optional::<Fixed<B256>>::fields(&format!("{name}_hash"));
        Optional::<Bytes>::fields(name).into_iter().chain(hash).collect()
    }

    fn push(&mut self, value: Payload<'_>) -> usize {
        let (short, hash) = match value {
            Payload::Short(bytes) => (Some(bytes), None),
            Payload::Long(hash) => (None, Some(hash)),
        };
        self.short.push(short) + self.hash.push(hash)
    }

    fn push_null(&mut self) -> usize {
        self.short.push_null() + self.hash.push_null()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut arrays = self.short.finish();
        arrays.append(&mut self.hash.finish());
        arrays
    }
}
