//! The values of a dictionary as canonical bytes, put together once instead of once per row.

use arrow::array::Array;

use super::canonical::{CanonicalColumn, Values};

/// Canonical bytes of each value.
pub(super) struct Spelled {
    bytes: Vec<u8>,
    /// Where each value ends; a zero in front.
    ends: Vec<usize>,
}

impl Spelled {
    /// `None` where it does not pay for so many rows, and for values that are not all there or no byte strings.
    pub(super) fn new(values: &CanonicalColumn<'_>, rows: usize) -> Option<Self> {
        let is_whole = values.nulls.is_none_or(|nulls| nulls.null_count() == 0);
        match &values.values {
            Values::Text(texts) if is_whole && texts.len() <= rows => {
                Some(Self::of(texts.iter().flatten().map(str::as_bytes)))
            }
            Values::Bytes(strings) if is_whole && strings.len() <= rows => {
                Some(Self::of(strings.iter().flatten()))
            }
            _ => None,
        }
    }

    fn of<'a>(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut spelled = Self { bytes: Vec::new(), ends: vec![0] };
        for value in values {
            spelled.bytes.push(1);
            spelled.bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
            spelled.bytes.extend_from_slice(value);
            spelled.ends.push(spelled.bytes.len());
        }
        spelled
    }

    /// The value that a key stands for.
    pub(super) fn value(&self, key: usize) -> &[u8] {
        &self.bytes[self.ends[key]..self.ends[key + 1]]
    }
}
