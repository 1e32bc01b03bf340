//! Rows become the arrays that the tables are loaded from.

use alloy::eips::eip2930::AccessListItem;
use alloy::primitives::{Address, B64, B256, Bloom, U256};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, TimestampMicrosecondType, UInt8Type, UInt32Type, UInt64Type};
use blockmill_schemas::Dataset;
use blockmill_schemas::rows::{
    AuthorizationRow, BlockRow, BlockRows, CallType, LogRow, LogRows, OmmerRow, OmmerRows, Payload, RowBatch,
    TraceRow, TraceRows, TraceType, TransactionRow, TransactionRows, WithdrawalRow, WithdrawalRows,
};

const DECIMAL_MAX: u128 = 10u128.pow(38) - 1;

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a dyn Array {
    batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}")).as_ref()
}

fn block() -> BlockRow<'static> {
    BlockRow {
        block_number: 7,
        block_hash: B256::repeat_byte(1),
        parent_hash: B256::repeat_byte(2),
        timestamp: 1_438_269_988,
        miner: Address::repeat_byte(3),
        gas_limit: 30_000_000,
        gas_used: 21_000,
        base_fee_per_gas: None,
        difficulty: U256::from(17_179_869_184u64),
        total_difficulty: Some(U256::MAX),
        size: Some(540),
        extra_data: b"extra",
        logs_bloom: Bloom::repeat_byte(4),
        state_root: B256::ZERO,
        transactions_root: B256::ZERO,
        receipts_root: B256::ZERO,
        ommers_hash: B256::ZERO,
        mix_hash: B256::ZERO,
        nonce: B64::repeat_byte(5),
        withdrawals_root: None,
        parent_beacon_block_root: None,
        requests_hash: None,
        blob_gas_used: Some(0),
        excess_blob_gas: None,
        block_access_list_hash: None,
        slot_number: None,
        transaction_count: 1,
        ommer_count: Some(0),
        withdrawal_count: None,
    }
}

fn transaction(value: U256) -> TransactionRow<'static> {
    TransactionRow {
        block_number: 7,
        transaction_index: 0,
        transaction_hash: B256::repeat_byte(1),
        transaction_type: 0,
        from_address: Address::repeat_byte(2),
        to_address: None,
        nonce: 9,
        value,
        input: Payload::Short(&[0, 1]),
        gas_limit: 21_000,
        gas_price: Some(DECIMAL_MAX),
        max_fee_per_gas: None,
        max_priority_fee_per_gas: None,
        effective_gas_price: DECIMAL_MAX + 1,
        gas_used: 21_000,
        cumulative_gas_used: 21_000,
        success: true,
        status: None,
        root: Some(B256::repeat_byte(6)),
        contract_address: Some(Address::repeat_byte(7)),
        max_fee_per_blob_gas: None,
        blob_gas_used: None,
        blob_gas_price: None,
        blob_versioned_hashes: None,
        access_list: None,
        authorization_list: None,
        v: Some(27),
        r: U256::from(1),
        s: U256::MAX,
        n_input_bytes: 2,
        n_input_zero_bytes: 1,
    }
}

fn trace(trace_address: &[u32]) -> TraceRow<'_> {
    TraceRow {
        block_number: 7,
        transaction_index: None,
        trace_index: 0,
        trace_address,
        trace_type: TraceType::Create,
        call_type: Some(CallType::Create2),
        from_address: None,
        to_address: None,
        value: None,
        gas: None,
        gas_used: None,
        input: Some(Payload::Short(&[])),
        output: None,
        subtraces: 0,
        error: Some("Reverted"),
        revert_reason: None,
        success: false,
        transaction_success: None,
        reward_type: None,
    }
}

#[test]
fn a_batch_counts_its_rows_and_bytes_and_starts_anew_when_it_is_finished() {
    let mut rows = LogRows::new();
    assert_eq!((rows.dataset(), rows.rows(), rows.bytes()), (Dataset::Logs, 0, 0));
    let data = [7; 1000];
    let log = LogRow {
        block_number: 1,
        transaction_index: 2,
        log_index: 3,
        address: Address::ZERO,
        topic0: Some(B256::repeat_byte(1)),
        topic1: None,
        topic2: None,
        topic3: None,
        data: Payload::Short(&data),
    };
    for _ in 0..3 {
        rows.push(&log);
    }
    assert_eq!(rows.rows(), 3);
    assert!((3000..4000).contains(&rows.bytes()), "{} bytes", rows.bytes());
    let batch = rows.finish().unwrap();
    assert_eq!((batch.num_rows(), rows.rows(), rows.bytes()), (3, 0, 0));
    assert_eq!(column(&batch, "data").as_binary::<i32>().value(2), data);
    assert_eq!(column(&batch, "topic1").null_count(), 3);
    assert_eq!(rows.finish().unwrap().num_rows(), 0);
}

#[test]
fn counted_bytes_are_close_to_the_memory_of_the_batch() {
    let mut rows = TransactionRows::new();
    for index in 0..10_000 {
        rows.push(&transaction(U256::from(index)));
    }
    let counted = rows.bytes();
    let memory = rows.finish().unwrap().get_array_memory_size();
    assert!(memory < counted * 5 / 2 && counted < memory * 5 / 2, "{counted} counted, {memory} in memory");
}

#[test]
fn a_block_keeps_its_values_and_its_absences() {
    let mut rows = BlockRows::new();
    rows.push(&block());
    rows.push(&BlockRow { timestamp: u64::MAX, ..block() });
    let batch = rows.finish().unwrap();
    assert_eq!(batch.schema(), Dataset::Blocks.arrow_schema());
    let timestamps = column(&batch, "timestamp").as_primitive::<TimestampMicrosecondType>();
    assert_eq!(timestamps.value(0), 1_438_269_988_000_000);
    assert!(timestamps.is_null(1), "later than a TIMESTAMP can say");
    assert_eq!(column(&batch, "logs_bloom").as_fixed_size_binary().value(0), [4; 256]);
    assert_eq!(column(&batch, "nonce").as_fixed_size_binary().value(0), [5; 8]);
    assert_eq!(column(&batch, "difficulty").as_primitive::<Decimal128Type>().value(0), 17_179_869_184);
    assert!(column(&batch, "total_difficulty").is_null(0), "too large for 38 digits");
    assert!(column(&batch, "base_fee_per_gas").is_null(0));
    assert!(column(&batch, "blob_gas_used").is_valid(0), "zero is not absent");
    assert!(column(&batch, "withdrawal_count").is_null(0));
}

#[test]
fn wei_above_38_digits_goes_to_the_twin() {
    let mut rows = TransactionRows::new();
    let values = [U256::ZERO, U256::from(DECIMAL_MAX), U256::from(DECIMAL_MAX) + U256::from(1), U256::MAX];
    for value in values {
        rows.push(&transaction(value));
    }
    let batch = rows.finish().unwrap();
    let (value, twin) = (column(&batch, "value"), column(&batch, "value_u256").as_fixed_size_binary());
    let decimals = value.as_primitive::<Decimal128Type>();
    assert_eq!((decimals.value(0), decimals.value(1)), (0, DECIMAL_MAX as i128));
    for row in 0..values.len() {
        assert_ne!(value.is_null(row), twin.is_null(row), "one of the two holds row {row}");
    }
    assert_eq!(U256::from_be_slice(twin.value(2)), values[2]);
    assert_eq!(twin.value(3), [0xff; 32]);
}

#[test]
fn a_price_above_38_digits_is_null_and_never_another_price() {
    let mut rows = TransactionRows::new();
    rows.push(&transaction(U256::ZERO));
    rows.push(&TransactionRow { gas_price: Some(u128::MAX), ..transaction(U256::ZERO) });
    let batch = rows.finish().unwrap();
    let signed = column(&batch, "gas_price").as_primitive::<Decimal128Type>();
    assert_eq!(signed.value(0), DECIMAL_MAX as i128);
    assert!(signed.is_null(1));
    assert_eq!(column(&batch, "effective_gas_price").null_count(), 2);
}

#[test]
fn lists_of_a_transaction_are_null_empty_or_filled() {
    let keys = vec![B256::repeat_byte(1), B256::repeat_byte(2)];
    let items = [
        AccessListItem { address: Address::repeat_byte(3), storage_keys: keys },
        AccessListItem { address: Address::repeat_byte(4), storage_keys: vec![] },
    ];
    let mut rows = TransactionRows::new();
    rows.push(&transaction(U256::ZERO));
    rows.push(&TransactionRow { access_list: Some(&[]), ..transaction(U256::ZERO) });
    rows.push(&TransactionRow {
        access_list: Some(&items),
        blob_versioned_hashes: Some(&[B256::repeat_byte(9)]),
        ..transaction(U256::ZERO)
    });
    let batch = rows.finish().unwrap();
    let lists = column(&batch, "access_list").as_list::<i32>();
    assert!(lists.is_null(0));
    assert_eq!((lists.is_valid(1), lists.value_length(1), lists.value_length(2)), (true, 0, 2));
    let filled = lists.value(2);
    let keys = filled.as_struct().column(1).as_list::<i32>();
    assert_eq!((keys.value_length(0), keys.value_length(1)), (2, 0));
    assert_eq!(keys.value(0).as_fixed_size_binary().value(1), [2; 32]);
    assert_eq!(column(&batch, "blob_versioned_hashes").null_count(), 2);
}

#[test]
fn an_authorization_without_a_signer_has_no_authority() {
    let signed = AuthorizationRow {
        chain_id: U256::MAX,
        address: Address::repeat_byte(1),
        nonce: u64::MAX,
        y_parity: 255,
        r: U256::from(1),
        s: U256::from(2),
        authority: Some(Address::repeat_byte(8)),
    };
    let list = [signed, AuthorizationRow { chain_id: U256::from(1), authority: None, ..signed }];
    let mut rows = TransactionRows::new();
    rows.push(&TransactionRow { authorization_list: Some(&list), ..transaction(U256::ZERO) });
    let batch = rows.finish().unwrap();
    let items = column(&batch, "authorization_list").as_list::<i32>().value(0);
    let items = items.as_struct();
    let field = |name| items.column_by_name(name).unwrap();
    assert!(field("chain_id").is_null(0), "no chain has that id");
    assert_eq!(field("chain_id").as_primitive::<Decimal128Type>().value(1), 1);
    assert_eq!(field("nonce").as_primitive::<UInt64Type>().value(0), u64::MAX);
    assert_eq!(field("y_parity").as_primitive::<UInt8Type>().value(0), 255);
    assert_eq!((field("authority").is_valid(0), field("authority").is_null(1)), (true, true));
}

#[test]
fn a_trace_has_a_path_and_names() {
    let mut rows = TraceRows::new();
    rows.push(&trace(&[]));
    rows.push(&trace(&[0, 2]));
    let batch = rows.finish().unwrap();
    let paths = column(&batch, "trace_address").as_list::<i32>();
    assert_eq!((paths.null_count(), paths.value_length(0)), (0, 0));
    assert_eq!(paths.value(1).as_primitive::<UInt32Type>().values(), &[0, 2]);
    assert_eq!(column(&batch, "trace_type").as_string::<i32>().value(0), "create");
    assert_eq!(column(&batch, "call_type").as_string::<i32>().value(0), "create2");
    assert_eq!(column(&batch, "reward_type").null_count(), 2);
    assert!(column(&batch, "input").is_valid(0), "empty is not absent");
    assert!(column(&batch, "value").is_null(0) && column(&batch, "value_u256").is_null(0));
}

#[test]
fn ommers_and_withdrawals_fit_their_tables() {
    let mut ommers = OmmerRows::new();
    ommers.push(&OmmerRow {
        block_number: 8,
        ommer_index: 1,
        block_hash: B256::ZERO,
        ommer_number: 7,
        miner: Address::ZERO,
        timestamp: 0,
        difficulty: U256::from(1),
        gas_limit: 5000,
        gas_used: 0,
        reward: U256::from(4_375_000_000_000_000_000u64),
    });
    let mut withdrawals = WithdrawalRows::new();
    withdrawals.push(&WithdrawalRow {
        block_number: 8,
        withdrawal_index: 0,
        validator_index: 1,
        address: Address::ZERO,
        amount: u64::MAX,
    });
    let batches: [&mut dyn RowBatch; 2] = [&mut ommers, &mut withdrawals];
    for rows in batches {
        let schema = rows.dataset().arrow_schema();
        assert_eq!(rows.finish().unwrap().schema(), schema);
    }
}
