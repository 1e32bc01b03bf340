//! Batches to write.

use alloy::eips::eip2930::AccessListItem;
use alloy::primitives::{Address, B256, U256};
use arrow::record_batch::RecordBatch;
use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_schemas::rows::{
    AuthorizationRow, LogRow, LogRows, Payload, RowBatch, TraceRow, TraceRows, TraceType, TransactionRow,
    TransactionRows,
};
use blockmill_spill::{SpillDir, Unit, UnitWriter};

/// A budget that no test reaches by accident.
pub(crate) const BUDGET_BYTES: usize = 64 << 20;

/// Bytes that differ from number to number.
pub(crate) fn noise(number: u64) -> B256 {
    alloy::primitives::keccak256(number.to_be_bytes())
}

/// `count` logs, with data of different lengths and missing topics.
pub(crate) fn logs(count: u32) -> RecordBatch {
    let mut rows = LogRows::new();
    for index in 0..count {
        let number = u64::from(index);
        let hash = noise(number);
        rows.push(&LogRow {
            block_number: number / 10,
            transaction_index: index % 10,
            log_index: index,
            address: Address::from_slice(&hash[..20]),
            topic0: Some(hash),
            topic1: (index % 2 == 0).then(|| noise(number + 1)),
            topic2: None,
            topic3: None,
            data: Payload::Short(&hash[..(index % 32) as usize]),
        });
    }
    rows.finish().unwrap()
}

/// What a generated trace varies in.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) path: Vec<u32>,
    pub(crate) value: Option<U256>,
    pub(crate) input: Option<Vec<u8>>,
    pub(crate) error: Option<String>,
    pub(crate) success: bool,
}

/// Traces, in order.
pub(crate) fn traces(traces: &[Trace]) -> RecordBatch {
    let mut rows = TraceRows::new();
    for (index, trace) in traces.iter().enumerate() {
        rows.push(&TraceRow {
            block_number: 7,
            transaction_index: Some(0),
            trace_index: index as u32,
            trace_address: &trace.path,
            trace_type: if index % 3 == 0 { TraceType::Create } else { TraceType::Call },
            call_type: None,
            from_address: Some(Address::ZERO),
            to_address: None,
            value: trace.value,
            gas: Some(index as u64),
            gas_used: None,
            input: trace.input.as_deref().map(Payload::Short),
            output: None,
            subtraces: 0,
            error: trace.error.as_deref(),
            revert_reason: None,
            success: trace.success,
            transaction_success: Some(true),
            reward_type: None,
        });
    }
    rows.finish().unwrap()
}

/// Transactions with every kind of list, and with values on both sides of the decimal's limit.
pub(crate) fn transactions(count: u32) -> RecordBatch {
    let mut rows = TransactionRows::new();
    for index in 0..count {
        let hash = noise(u64::from(index));
        let keys = vec![hash; (index % 3) as usize];
        let items = vec![AccessListItem { address: Address::ZERO, storage_keys: keys }; (index % 4) as usize];
        let authorization = authorization(index);
        rows.push(&TransactionRow {
            access_list: (index % 5 != 0).then_some(items.as_slice()),
            authorization_list: (index % 7 == 0).then_some(&[authorization]),
            blob_versioned_hashes: (index % 2 == 0).then_some(&[hash]),
            value: U256::MAX >> (index % 256) as usize,
            transaction_index: index,
            transaction_hash: hash,
            ..plain()
        });
    }
    rows.finish().unwrap()
}

fn authorization(index: u32) -> AuthorizationRow {
    AuthorizationRow {
        chain_id: U256::from(index),
        address: Address::ZERO,
        nonce: 1,
        y_parity: 0,
        r: U256::from(1),
        s: U256::from(2),
        authority: index.is_multiple_of(2).then_some(Address::ZERO),
    }
}

fn plain() -> TransactionRow<'static> {
    TransactionRow {
        block_number: 7,
        transaction_index: 0,
        transaction_hash: B256::ZERO,
        transaction_type: 4,
        from_address: Address::ZERO,
        to_address: Some(Address::ZERO),
        nonce: 0,
        value: U256::ZERO,
        input: Payload::Short(&[]),
        gas_limit: 21_000,
        gas_price: None,
        max_fee_per_gas: Some(1),
        max_priority_fee_per_gas: Some(0),
        effective_gas_price: 1,
        gas_used: 21_000,
        cumulative_gas_used: 21_000,
        success: true,
        status: Some(1),
        root: None,
        contract_address: None,
        max_fee_per_blob_gas: None,
        blob_gas_used: None,
        blob_gas_price: None,
        blob_versioned_hashes: None,
        access_list: None,
        authorization_list: None,
        v: Some(1),
        r: U256::from(1),
        s: U256::from(1),
        n_input_bytes: 0,
        n_input_zero_bytes: 0,
    }
}

/// Publishes a unit of ten logs and no ommers.
pub(crate) fn publish(spill: &SpillDir, range: BlockRange) -> Unit {
    let mut writer =
        UnitWriter::create(spill, range, &[Dataset::Ommers, Dataset::Logs], BUDGET_BYTES).unwrap();
    writer.write(Dataset::Logs, &logs(10)).unwrap();
    writer.seal().unwrap()
}
