//! LIST columns.

use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::{ArrayRef, ArrowPrimitiveType, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};

use super::binary::FixedWidth;
use super::{ColumnBuilder, Fixed, Number};

/// The inside of a list: one Arrow array without NULLs, filled from owned values.
pub(crate) trait Items: Default {
    /// One item of the slice that a row gives.
    type Item: 'static;

    /// What an item is in Arrow.
    fn data_type() -> DataType;

    /// Appends an item and returns the bytes that it takes in the buffers.
    fn push_item(&mut self, item: &Self::Item) -> usize;

    /// Takes what was pushed and leaves nothing.
    fn finish_items(&mut self) -> ArrayRef;
}

impl<T: FixedWidth + 'static> Items for Fixed<T> {
    type Item = T;

    fn data_type() -> DataType {
        DataType::FixedSizeBinary(T::WIDTH as i32)
    }

    fn push_item(&mut self, item: &T) -> usize {
        self.push(*item)
    }

    fn finish_items(&mut self) -> ArrayRef {
        self.finish().remove(0)
    }
}

impl<T: ArrowPrimitiveType> Items for Number<T> {
    type Item = T::Native;

    fn data_type() -> DataType {
        T::DATA_TYPE
    }

    fn push_item(&mut self, item: &T::Native) -> usize {
        self.push(*item)
    }

    fn finish_items(&mut self) -> ArrayRef {
        self.finish().remove(0)
    }
}

/// A list in each row.
#[derive(Debug)]
pub(crate) struct List<C> {
    items: C,
    offsets: Vec<i32>,
    validity: NullBufferBuilder,
    length: i32,
}

impl<C: Default> Default for List<C> {
    fn default() -> Self {
        Self { items: C::default(), offsets: vec![0], validity: NullBufferBuilder::new(0), length: 0 }
    }
}

impl<C: Items> List<C> {
    fn item_field() -> Arc<Field> {
        Arc::new(Field::new("item", C::data_type(), false))
    }

    fn close(&mut self, valid: bool) -> usize {
        self.offsets.push(self.length);
        self.validity.append(valid);
        size_of::<i32>()
    }
}

impl<C: Items> ColumnBuilder for List<C> {
    type Value<'a> = &'a [C::Item];

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, DataType::List(Self::item_field()), false)]
    }

    fn push(&mut self, value: &[C::Item]) -> usize {
        let added = i32::try_from(value.len()).ok().and_then(|added| self.length.checked_add(added));
        self.length = added.expect("a batch is finished well before it holds 2^31 items");
        let bytes: usize = value.iter().map(|item| self.items.push_item(item)).sum();
        bytes + self.close(true)
    }

    fn push_null(&mut self) -> usize {
        self.close(false)
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        self.length = 0;
        let offsets = OffsetBuffer::new(offsets.into());
        let items = self.items.finish_items();
        vec![Arc::new(ListArray::new(Self::item_field(), offsets, items, self.validity.finish()))]
    }
}
