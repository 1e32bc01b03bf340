//! Columns whose value may not exist.

use arrow::array::ArrayRef;
use arrow::datatypes::Field;

use super::ColumnBuilder;

/// A column that says NULL where there is no value.
#[derive(Debug, Default)]
pub(crate) struct Optional<C> {
    values: C,
}

impl<C: ColumnBuilder> ColumnBuilder for Optional<C> {
    type Value<'a> = Option<C::Value<'a>>;

    fn fields(name: &str) -> Vec<Field> {
        C::fields(name).into_iter().map(|field| field.with_nullable(true)).collect()
    }

    fn push(&mut self, value: Self::Value<'_>) -> usize {
        match value {
            Some(value) => self.values.push(value),
            None => self.values.push_null(),
        }
    }

    fn push_null(&mut self) -> usize {
        self.values.push_null()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.values.finish()
    }
}
