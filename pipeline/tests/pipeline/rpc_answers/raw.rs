//! The bytes that consensus hashes, put together again from the answers: what lost or bent a value along the way would
//! change them.

use alloy::consensus::{Header, ReceiptEnvelope, TxEnvelope};
use alloy::eips::Encodable2718;
use alloy::primitives::Bytes;
use alloy::rlp;
use alloy::rpc::types::{Block, Transaction, TransactionReceipt};
use blockmill_store::Store;
use serde_json::{Value, json};

use super::tables;
use crate::harness::Tables;

/// `debug_getRawBlock`. The ommers' headers are the store's: their rows have what a reward follows from, not all fields.
pub(super) fn block(tables: &Tables, store: &Store, params: &[Value]) -> Value {
    let full = [params[0].clone(), json!(true)];
    let answer: Block = serde_json::from_value(tables::block(tables, &full)).unwrap();
    let ommers = store.block(answer.header.number).unwrap().unwrap().block.block.body.ommers;
    assert_eq!(answer.uncles, ommers.iter().map(Header::hash_slow).collect::<Vec<_>>());
    let mut block = answer.map_transactions(Transaction::into_inner).into_consensus();
    block.body.ommers = ommers;
    json!(Bytes::from(rlp::encode(block)))
}

/// `debug_getRawTransaction`.
pub(super) fn transaction(tables: &Tables, params: &[Value]) -> Value {
    let transaction: Transaction = serde_json::from_value(tables::transaction(tables, params)).unwrap();
    let transaction: TxEnvelope = transaction.into_inner();
    json!(Bytes::from(transaction.encoded_2718()))
}

/// `debug_getRawReceipts`.
pub(super) fn receipts(tables: &Tables, params: &[Value]) -> Value {
    let receipts = envelopes(tables, &params[0]);
    receipts.iter().map(|receipt| json!(Bytes::from(receipt.encoded_2718()))).collect()
}

/// The receipts of a block as the receipts root is computed over them.
pub(super) fn envelopes(tables: &Tables, block: &Value) -> Vec<ReceiptEnvelope> {
    let receipts = tables::block_receipts(tables, std::slice::from_ref(block));
    let receipts: Vec<TransactionReceipt> = serde_json::from_value(receipts).unwrap();
    receipts.into_iter().map(|receipt| receipt.into_primitives_receipt().into_inner()).collect()
}
