//! Columns that are an ENUM in the database and travel as text.

use std::marker::PhantomData;

use arrow::array::ArrayRef;
use arrow::datatypes::Field;

use super::{ColumnBuilder, Text};

/// A value out of a closed set, each with the name that it has in the database.
pub(crate) trait Label: Copy {
    /// The name in the ENUM.
    fn name(self) -> &'static str;
}

/// A column of [`Label`]s.
#[derive(Debug)]
pub(crate) struct Labels<L> {
    names: Text,
    label: PhantomData<L>,
}

impl<L> Default for Labels<L> {
    fn default() -> Self {
        Self { names: Text::default(), label: PhantomData }
    }
}

impl<L: Label> ColumnBuilder for Labels<L> {
    type Value<'a> = L;

    fn fields(name: &str) -> Vec<Field> {
        Text::fields(name)
    }

    fn push(&mut self, value: L) -> usize {
        self.names.push(value.name())
    }

    fn push_null(&mut self) -> usize {
        self.names.push_null()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.names.finish()
    }
}
