//! Columns of names out of a closed set, which come as small numbers: they travel as a dictionary.

use std::marker::PhantomData;
use std::sync::Arc;

use arrow::array::builder::PrimitiveBuilder;
use arrow::array::{ArrayRef, DictionaryArray, StringArray};
use arrow::datatypes::{DataType, Field, UInt8Type};

use super::ColumnBuilder;

/// A value out of a closed set, known by its place in it.
pub(crate) trait Code: Copy {
    /// The names, in the order of the numbers.
    const NAMES: &'static [&'static str];

    /// The index of the value's name in `NAMES`.
    fn code(self) -> u8;
}

/// A column of [`Code`]s. Unlike [`Labels`](super::Labels) it writes no text per row.
#[derive(Debug)]
pub(crate) struct Codes<C> {
    keys: PrimitiveBuilder<UInt8Type>,
    names: ArrayRef,
    code: PhantomData<C>,
}

impl<C: Code> Default for Codes<C> {
    fn default() -> Self {
        let names = Arc::new(StringArray::from_iter_values(C::NAMES));
        Self { keys: PrimitiveBuilder::with_capacity(0), names, code: PhantomData }
    }
}

impl<C: Code> ColumnBuilder for Codes<C> {
    type Value<'a> = C;

    fn fields(name: &str) -> Vec<Field> {
        let data_type = DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8));
        vec![Field::new(name, data_type, false)]
    }

    #[inline]
    fn push(&mut self, value: C) -> usize {
        self.keys.append_value(value.code());
        size_of::<u8>()
    }

    fn push_null(&mut self) -> usize {
        self.keys.append_null();
        size_of::<u8>()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(DictionaryArray::new(self.keys.finish(), Arc::clone(&self.names)))]
    }
}
