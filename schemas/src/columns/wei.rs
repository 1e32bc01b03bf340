//! Amounts of wei as DECIMAL(38,0), which holds all ether that exists thousands of times over and sums exactly.
//!
//! A test chain can hold more and a failed call can name any 256-bit number: above 10^38-1 the column is NULL.

use std::marker::PhantomData;
use std::sync::Arc;

use alloy::primitives::U256;
use arrow::array::{ArrayRef, Decimal128Builder};
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field};

use super::{ColumnBuilder, Fixed};

/// The largest number of 38 digits.
const DECIMAL_MAX: u128 = 10u128.pow(38) - 1;

const DECIMAL: DataType = DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0);

/// An unsigned number that may fit 38 digits.
pub(crate) trait Amount: Copy {
    /// The number, where it has at most 38 digits.
    fn decimal(self) -> Option<i128>;
}

impl Amount for u128 {
    fn decimal(self) -> Option<i128> {
        i128::try_from(self).ok().filter(|_| self <= DECIMAL_MAX)
    }
}

impl Amount for U256 {
    fn decimal(self) -> Option<i128> {
        u128::try_from(self).ok().and_then(Amount::decimal)
    }
}

/// A decimal that is NULL above 10^38-1.
#[derive(Debug)]
pub(crate) struct Wei<A> {
    values: Decimal128Builder,
    amount: PhantomData<A>,
}

impl<A> Default for Wei<A> {
    fn default() -> Self {
        Self { values: Decimal128Builder::with_capacity(0).with_data_type(DECIMAL), amount: PhantomData }
    }
}

impl<A: Amount> ColumnBuilder for Wei<A> {
    type Value<'a> = A;

    fn fields(name: &str) -> Vec<Field> {
        vec![Field::new(name, DECIMAL, true)]
    }

    fn push(&mut self, value: A) -> usize {
        self.values.append_option(value.decimal());
        size_of::<i128>()
    }

    fn push_null(&mut self) -> usize {
        self.values.append_null();
        size_of::<i128>()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.values.finish())]
    }
}

/// A decimal `name`, followed by `name_u256`, which holds the value big-endian where the decimal cannot.
#[derive(Debug, Default)]
pub(crate) struct WeiWithTwin {
    decimal: Wei<U256>,
    twin: Fixed<U256>,
}

impl ColumnBuilder for WeiWithTwin {
    type Value<'a> = U256;

    fn fields(name: &str) -> Vec<Field> {
        let twin = Fixed::<U256>::fields(&format!("{name}_u256"));
        let twin = twin.into_iter().map(|field| field.with_nullable(true));
        Wei::<U256>::fields(name).into_iter().chain(twin).collect()
    }

    fn push(&mut self, value: U256) -> usize {
        let twin = if value.decimal().is_some() { self.twin.push_null() } else { self.twin.push(value) };
        self.decimal.push(value) + twin
    }

    fn push_null(&mut self) -> usize {
        self.decimal.push_null() + self.twin.push_null()
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut arrays = self.decimal.finish();
        arrays.append(&mut self.twin.finish());
        arrays
    }
}
