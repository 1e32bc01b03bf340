//! A digest is of the rows, and of nothing else.

use std::sync::Arc;

use alloy::primitives::{Address, U256, hex};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Schema};
use blockmill_schemas::rows::{RowBatch, WithdrawalRow, WithdrawalRows};
use blockmill_spill::{DigestError, TableDigest};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::rows::{Trace, logs, traces, transactions};

fn digest(batches: &[RecordBatch]) -> [u8; 32] {
    let mut digest = TableDigest::new("table", &batches[0].schema());
    batches.iter().for_each(|batch| digest.update(batch).unwrap());
    digest.finish()
}

/// `batch`, split where `cuts` say, with empty batches where they fall together.
fn split(batch: &RecordBatch, cuts: &[usize]) -> Vec<RecordBatch> {
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut % (batch.num_rows() + 1)).collect();
    ends.push(batch.num_rows());
    ends.sort_unstable();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| batch.slice(start, end - start)).collect()
}

/// The rows of `batch`, with another type for the columns that `change` names one for.
fn retyped(batch: &RecordBatch, change: impl Fn(&DataType) -> Option<DataType>) -> RecordBatch {
    let to = |array: &ArrayRef| match change(array.data_type()) {
        Some(to) => cast(array, &to).unwrap(),
        None => Arc::clone(array),
    };
    let arrays: Vec<_> = batch.columns().iter().map(to).collect();
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(&arrays);
    let fields: Vec<_> =
        fields.map(|(f, array)| f.as_ref().clone().with_data_type(array.data_type().clone())).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn trace() -> impl Strategy<Value = Trace> {
    let value = any::<[u8; 32]>().prop_map(U256::from_be_bytes);
    (
        vec(any::<u32>(), 0..4),
        option::of(value),
        option::of(vec(any::<u8>(), 0..9)),
        option::of("[a-c]{0,3}"),
        any::<bool>(),
    )
        .prop_map(|(path, value, input, error, success)| Trace { path, value, input, error, success })
}

proptest! {
    #[test]
    fn it_does_not_matter_how_rows_are_cut_into_batches(
        rows in vec(trace(), 0..40),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let whole = traces(&rows);
        prop_assert_eq!(digest(&split(&whole, &cuts)), digest(&[whole]));
    }

    #[test]
    fn it_does_not_matter_whether_text_is_in_a_dictionary(
        rows in vec(trace(), 0..40),
        cuts in vec(any::<usize>(), 0..3),
    ) {
        let plain = traces(&rows);
        let encoded = retyped(&plain, |data_type| {
            let to = DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8));
            (*data_type == DataType::Utf8).then_some(to)
        });
        prop_assert_ne!(encoded.schema(), plain.schema());
        prop_assert_eq!(digest(&split(&encoded, &cuts)), digest(&[plain]));
    }

    #[test]
    fn rows_that_differ_have_another_digest(rows in vec(trace(), 1..20), other in trace(), at in any::<usize>()) {
        let mut changed = rows.clone();
        let at = at % rows.len();
        changed[at] = other;
        let (before, after) = (traces(&rows), traces(&changed));
        prop_assert_eq!(before == after, digest(&[before]) == digest(&[after]));
    }
}

#[test]
fn lists_of_structs_and_large_values_are_cut_anywhere_too() {
    let nested = transactions(100);
    assert_eq!(digest(&split(&nested, &[1, 13, 50])), digest(&[nested]));
    let large = |len| Trace { input: Some(vec![7; len]), ..simple() };
    let large = traces(&[large(70_000), large(65_536), large(65_535), large(3)]);
    assert_eq!(digest(&split(&large, &[1, 2, 3])), digest(&[large]));
}

#[test]
fn a_blob_of_a_database_has_the_digest_of_a_hash() {
    let plain = logs(50);
    let blobs = retyped(&plain, |data_type| {
        matches!(data_type, DataType::FixedSizeBinary(_)).then_some(DataType::Binary)
    });
    assert_ne!(blobs.schema(), plain.schema());
    assert_eq!(digest(&[blobs]), digest(&[plain]));
}

fn simple() -> Trace {
    Trace { path: vec![], value: None, input: None, error: None, success: true }
}

#[test]
fn nothing_zero_and_empty_are_three_things() {
    let inputs = [None, Some(vec![]), Some(vec![0]), Some(vec![0, 0])];
    let values = [None, Some(U256::ZERO), Some(U256::MAX)];
    let errors = [None, Some(String::new()), Some("\0".to_owned())];
    let rows = inputs
        .map(|input| Trace { input, ..simple() })
        .into_iter()
        .chain(values.into_iter().skip(1).map(|value| Trace { value, ..simple() }))
        .chain(errors.into_iter().skip(1).map(|error| Trace { error, ..simple() }));
    let digests: Vec<_> = rows.map(|row| digest(&[traces(&[row])])).collect();
    for (index, one) in digests.iter().enumerate() {
        assert!(!digests[index + 1..].contains(one), "row {index} has the digest of a later one");
    }
}

#[test]
fn a_list_that_is_absent_is_not_an_empty_one() {
    let batch = transactions(2);
    let lists = batch.column_by_name("access_list").unwrap();
    assert!(lists.is_null(0) && lists.is_valid(1));
    assert_ne!(digest(&[batch.slice(0, 1)]), digest(&[batch.slice(1, 1)]));
}

#[test]
fn boundaries_that_move_change_it() {
    let path = |path: &[u32]| Trace { path: path.to_vec(), ..simple() };
    let lists = |a: &[u32], b: &[u32]| digest(&[traces(&[path(a), path(b)])]);
    assert_ne!(lists(&[1], &[2, 3]), lists(&[1, 2], &[3]));
    assert_ne!(lists(&[], &[1]), lists(&[1], &[]));
    let input = |input: &[u8]| Trace { input: Some(input.to_vec()), ..simple() };
    let bytes = |a: &[u8], b: &[u8]| digest(&[traces(&[input(a), input(b)])]);
    assert_ne!(bytes(b"ab", b"c"), bytes(b"a", b"bc"));
}

#[test]
fn order_number_and_name_are_part_of_it() {
    let batch = logs(4);
    let whole = digest(std::slice::from_ref(&batch));
    let swapped = [batch.slice(1, 1), batch.slice(0, 1), batch.slice(2, 2)];
    assert_ne!(digest(&swapped), whole);
    assert_ne!(digest(&[batch.slice(0, 3)]), whole);
    let mut other_name = TableDigest::new("elbat", &batch.schema());
    other_name.update(&batch).unwrap();
    assert_ne!(other_name.finish(), whole);
    assert_eq!([digest(&[logs(0)]), digest(&[transactions(0)])], [TableDigest::NONE; 2]);
}

#[test]
fn a_batch_of_another_table_is_refused_and_so_is_an_unknown_type() {
    let mut digest = TableDigest::new("logs", &logs(0).schema());
    let error = digest.update(&transactions(1)).unwrap_err();
    assert!(matches!(&error, DigestError::Columns { table, .. } if table == "logs"), "{error}");
    let float = retyped(&logs(1), |t| (*t == DataType::UInt64).then_some(DataType::Float64));
    let error = digest.update(&float).unwrap_err();
    assert!(matches!(&error, DigestError::BlockNumber { table } if table == "logs"), "{error}");
    let float = retyped(&logs(1), |t| (*t == DataType::UInt32).then_some(DataType::Float64));
    let error = digest.update(&float).unwrap_err();
    assert!(matches!(&error, DigestError::Type { column, .. } if column == "transaction_index"), "{error}");
}

/// Whatever parts the blocks are digested in.
#[test]
fn the_digest_of_a_range_is_the_sum_of_those_of_its_parts() {
    let rows = |blocks: std::ops::Range<u64>| {
        let mut rows = WithdrawalRows::new();
        for (block_number, index) in
            blocks.flat_map(|number| (0..number % 3).map(move |index| (number, index)))
        {
            let address = Address::repeat_byte(index as u8);
            rows.push(&WithdrawalRow {
                block_number,
                withdrawal_index: index,
                validator_index: index,
                address,
                amount: block_number,
            });
        }
        digest(&[rows.finish().unwrap()])
    };
    for middle in 0..20 {
        assert_eq!(TableDigest::join(rows(0..middle), rows(middle..20)), rows(0..20), "{middle}");
    }
    assert_ne!(TableDigest::join(rows(0..5), rows(6..20)), rows(0..20));
}

/// Digests are stored beside the rows: this value changes only with the format's number.
#[test]
fn the_digest_of_known_rows_is_what_it_was() {
    let mut rows = WithdrawalRows::new();
    for index in 0..3 {
        rows.push(&WithdrawalRow {
            block_number: 17_034_870,
            withdrawal_index: index,
            validator_index: 10 + index,
            address: Address::repeat_byte(index as u8),
            amount: 1_000_000_000,
        });
    }
    let batch = rows.finish().unwrap();
    let mut digest = TableDigest::new("withdrawals", &batch.schema());
    digest.update(&batch).unwrap();
    assert_eq!(digest.rows(), 3);
    assert_eq!(
        hex::encode(digest.finish()),
        "cc8b5072a3fda32a8336416b00dcacb401342d812dc76fc8a2a30087793d5a5d"
    );
}
